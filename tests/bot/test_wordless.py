"""Pictures, places and telephone numbers: what they answer, and what staff see of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels.message import Media
from storage.crypto import Keys
from storage.database import Database
from tests.review.parts import Street, street

ASKS = """
dialog: visit
purpose: service
languages: [en]
keywords: [feedback]
steps:
  - collect: score
    type: nps
    ask: Score?
  - collect: phone
    type: text
    ask: Where can we reach you?
"""
PLACE = (Media("location", url="geo:31.2304,121.4737"),)


@pytest.fixture
async def home(store: Database, keys: Keys) -> Street:
    home = await street(store, keys, script=ASKS)
    await home.write("feedback")
    return home


async def test_the_name_of_a_place_is_no_score(home: Street) -> None:
    said = await home.write("9 Main Street", kind="location", media=PLACE)
    assert said is not None
    assert said.startswith("Thank you. Here I can only read words and numbers.")
    assert await home.rows("SELECT slot FROM answers") == []


async def test_a_contact_answers_a_question_for_words_with_its_number(home: Street) -> None:
    await home.write("9")
    await home.write("+8613912345678", kind="contact")
    answers = await home.rows("SELECT slot, said FROM answers ORDER BY id")
    assert [(row["slot"], row["said"]) for row in answers] == [("score", "9"), ("phone", "+8613912345678")]


async def test_a_live_location_that_moves_says_nothing_and_costs_no_try(home: Street) -> None:
    await home.write("", kind="location", media=PLACE, message="m70")
    home.clock.at += timedelta(minutes=1)
    await home.write("", kind="location", media=PLACE, message="m71")
    for number in range(5):
        assert await home.write("", kind="edited", message="m71", external_id=f"move{number}") is None
    assert await home.write("9") == "Where can we reach you?"


async def test_an_album_is_answered_once_and_costs_no_try(home: Street) -> None:
    said = [await home.write("", kind="media", media=(Media("photo", f"f{number}"),)) for number in range(5)]
    assert said[0] is not None
    assert said[1:] == [None] * 4
    assert await home.write("9") == "Where can we reach you?"
    assert [row["said"] for row in await home.rows("SELECT said FROM answers")] == ["9"]


async def test_a_voice_message_behind_a_picture_is_none_of_its_album_and_is_answered(home: Street) -> None:
    asked = await home.write("9", kind="media", media=(Media("photo", "f0"),))
    assert asked == "Where can we reach you?"
    home.clock.at += timedelta(seconds=8)
    said = await home.write("", kind="media", media=(Media("voice", "f1"),))
    assert said is not None
    assert said.startswith("Thank you. I cannot listen to voice messages")


async def test_the_rest_of_an_album_is_no_answer_to_the_question_after_its_words(home: Street) -> None:
    asked = await home.write("9", kind="media", media=(Media("photo", "f0"),))
    assert asked == "Where can we reach you?"
    for number in range(1, 4):
        assert await home.write("", kind="media", media=(Media("photo", f"f{number}"),)) is None
    home.clock.at += timedelta(minutes=1)
    later = await home.write("", kind="media", media=(Media("photo", "f9"),))
    assert later is not None
    assert later.startswith("Thank you for the picture.")
