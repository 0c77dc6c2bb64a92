"""What Telegram sends becomes one thing that somebody did."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.message import Inbound
from channels.telegram_updates import ALLOWED_UPDATES, read
from tests.channels.contract import NOW, StoppedClock
from tests.channels.telegram_payloads import (
    ANIMATION,
    AUDIO,
    BOT,
    CONTACT,
    DATE,
    DOCUMENT,
    GROUP,
    LOCATION,
    PERSON,
    PHOTO,
    PRIVATE,
    STICKER,
    VENUE,
    VIDEO,
    VIDEO_NOTE,
    VOICE,
    command,
    membership,
    message,
    pressed,
    update,
)

CELL = {"align": "left", "valign": "top"}
RICH = {
    "blocks": [
        {"type": "heading", "text": "The bath", "size": 1},
        {"type": "paragraph", "text": ["The tap was ", {"type": "bold", "text": ["bro", "ken"]}, "."]},
        {"type": "divider"},
        {"type": "list", "items": [{"label": "•", "blocks": [{"type": "paragraph", "text": "no towels"}]}]},
        {"type": "table", "cells": [[{"text": "day", **CELL}], [{"text": "2", **CELL}]]},
    ]
}
EIGHT = {"blocks": [{"type": "paragraph", "text": "8"}]}
LIVE = {**LOCATION, "live_period": 900, "heading": 30, "horizontal_accuracy": 12.5}
CHANNEL = {"id": -1009, "title": "News", "type": "channel"}
SMALL_GROUP = {"id": -4567, "title": "Care", "type": "group", "all_members_are_administrators": False}
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
OTHER_BOT = {"id": 777, "is_bot": True, "first_name": "Quiz", "username": "quiz_bot"}
TOPIC = {
    "message_id": 70,
    "from": BOT,
    "chat": GROUP,
    "date": DATE,
    "forum_topic_created": {"name": "T", "icon_color": 1},
}


def seen(raw: dict[str, Any], *, username: str = "motline_bot") -> Inbound:
    return read(raw, account="110201543", username=username, clock=StoppedClock())


def said(text: str | None = None, **fields: Any) -> dict[str, Any]:
    return update("message", message(text, **fields))


KINDS: list[tuple[str, dict[str, Any], str, str]] = [
    ("text", said("9"), "text", "9"),
    ("text in Chinese", said("很满意,谢谢"), "text", "很满意,谢谢"),
    ("an empty text", said(""), "text", ""),
    ("a stop word", said("Stop."), "stop", "Stop."),
    ("a Chinese stop word", said("退订"), "stop", "退订"),
    ("a stop within words", said("stop calling"), "text", "stop calling"),
    ("a plain start", command("/start"), "start", "/start"),
    ("a start with a deep link", command("/start Zm9v-_1"), "command", "/start Zm9v-_1"),
    ("a stop command", command("/stop"), "stop", "/stop"),
    ("a stop command for us", command("/stop@Motline_Bot"), "stop", "/stop@Motline_Bot"),
    ("a help command", command("/help"), "help", "/help"),
    ("another command", command("/lang zh"), "command", "/lang zh"),
    ("a command for another bot", command("/start@quiz_bot"), "ignored", "/start@quiz_bot"),
    ("a slash that is no command", said("/ really bad"), "text", "/ really bad"),
    ("an emoji", said("👍"), "text", "👍"),
    ("a rich text", said(rich_message=RICH), "text", "The bath\nThe tap was broken.\nno towels\nday\n2"),
    ("a rich stop", said(rich_message={"blocks": [{"type": "paragraph", "text": "STOP"}]}), "stop", "STOP"),
    ("a rich picture", said(rich_message={"blocks": [{"type": "photo", "photo": PHOTO}]}), "media", ""),
    ("an edited rich text", update("edited_message", message(rich_message=EIGHT)), "edited", "8"),
    ("a photo", said(photo=PHOTO), "media", ""),
    ("a photo with a caption", said(photo=PHOTO, caption="broken on arrival"), "media", "broken on arrival"),
    ("a photo whose caption is a stop word", said(photo=PHOTO, caption="退订"), "stop", "退订"),
    ("a caption of something not known yet", said(hologram={"id": 1}, caption="broken"), "media", "broken"),
    ("a caption alone", said(caption="STOP"), "stop", "STOP"),
    ("a voice message", said(voice=VOICE), "media", ""),
    ("a sticker", said(sticker=STICKER), "media", "👍"),
    ("a document", said(document=DOCUMENT), "media", ""),
    ("an animation", said(animation=ANIMATION, document=ANIMATION), "media", ""),
    ("a video", said(video=VIDEO), "media", ""),
    ("a video note", said(video_note=VIDEO_NOTE), "media", ""),
    ("music", said(audio=AUDIO), "media", ""),
    ("dice", said(dice={"emoji": "🎲", "value": 5}), "media", ""),
    ("a location", said(location=LOCATION), "location", ""),
    ("a venue", said(location=LOCATION, venue=VENUE), "location", "The Bund"),
    ("a contact", said(contact=CONTACT), "contact", "+8613912345678"),
    ("a live location that moved", update("edited_message", message(location=LIVE, edit_date=DATE + 9)), "edited", ""),
    ("an edit", update("edited_message", message("8", edit_date=DATE + 60)), "edited", "8"),
    ("an edited caption", update("edited_message", message(photo=PHOTO, caption="no", edit_date=DATE)), "edited", "no"),
    (
        "a caption edited to stop",
        update("edited_message", message(photo=PHOTO, caption="stop", edit_date=DATE)),
        "stop",
        "stop",
    ),
    ("an edit to stop", update("edited_message", message("STOP", edit_date=DATE + 60)), "stop", "STOP"),
    ("a press", pressed(), "choice", ""),
    ("a press of a game", pressed(None, game_short_name="g"), "ignored", ""),
    ("a block", membership("member", "kicked"), "blocked", ""),
    ("an unblock", membership("kicked", "member"), "unblocked", ""),
    ("added to a group", membership("left", "member", chat=GROUP), "follow", ""),
    ("added as administrator", membership("left", "administrator", chat=SMALL_GROUP), "follow", ""),
    ("removed from a group", membership("member", "kicked", chat=GROUP), "unfollow", ""),
    ("left a group", membership("member", "left", chat=SMALL_GROUP), "unfollow", ""),
    ("made administrator", membership("member", "administrator", chat=GROUP), "ignored", ""),
    ("added to a channel", membership("left", "administrator", chat=CHANNEL), "ignored", ""),
    ("somebody joined", said(chat=GROUP, new_chat_members=[PERSON]), "ignored", ""),
    ("somebody left", said(chat=GROUP, left_chat_member=PERSON), "ignored", ""),
    ("a pin", said(chat=GROUP, pinned_message=message("x", chat=GROUP)), "ignored", ""),
    ("a topic", said(chat=GROUP, forum_topic_created={"name": "T", "icon_color": 1}), "ignored", ""),
    ("content not known yet", said(hologram={"id": 1}), "ignored", ""),
    ("another bot", said("hi", **{"from": OTHER_BOT, "chat": GROUP}), "ignored", ""),
    ("an anonymous administrator", said("hi", **{"from": ANONYMOUS, "sender_chat": GROUP}, chat=GROUP), "text", "hi"),
    (
        "a channel post",
        update("channel_post", {"message_id": 1, "chat": CHANNEL, "date": DATE, "text": "n"}),
        "ignored",
        "",
    ),
    ("a poll", update("poll", {"id": "5", "question": "?", "options": []}), "ignored", ""),
    ("an inline query", update("inline_query", {"id": "1", "from": PERSON, "query": "", "offset": ""}), "ignored", ""),
    ("another's membership", update("chat_member", membership("left", "member")["my_chat_member"]), "ignored", ""),
    ("nothing known", {"update_id": 820123456, "new_kind": {"a": 1}}, "ignored", ""),
]


@pytest.mark.parametrize(("raw", "kind", "text"), [case[1:] for case in KINDS], ids=[case[0] for case in KINDS])
def test_an_update_has_its_kind_and_text(raw: dict[str, Any], kind: str, text: str) -> None:
    inbound = seen(raw)
    assert (inbound.kind, inbound.text, inbound.external_id) == (kind, text, "820123456")
    assert inbound.raw is raw


def test_who_where_and_when() -> None:
    inbound = seen(said("9"))
    assert (inbound.channel, inbound.account, inbound.sender, inbound.chat) == ("telegram", "110201543", "5001", "5001")
    assert (inbound.name, inbound.language, inbound.group) == ("Ada Byron", "en", False)
    assert inbound.at == datetime.fromtimestamp(DATE, UTC)


def test_in_a_group_the_person_and_the_place_differ() -> None:
    replied = message("on it", chat=GROUP, reply_to_message=message("card", chat=GROUP), message_thread_id=70)
    inbound = seen(update("message", replied | {"is_topic_message": True}))
    assert (inbound.sender, inbound.chat, inbound.group) == ("5001", "-1001234567890", True)
    assert (inbound.reply_to, inbound.thread, inbound.message) == ("412", "70", "412")


def test_a_message_in_a_topic_does_not_reply_to_the_topic_itself() -> None:
    raw = update(
        "message", message("on it", chat=GROUP, message_thread_id=70, is_topic_message=True, reply_to_message=TOPIC)
    )
    assert (seen(raw).reply_to, seen(raw).thread) == ("", "70")


def test_a_reply_thread_is_no_topic() -> None:
    raw = update("message", message("on it", chat=GROUP, message_thread_id=70, reply_to_message=message("card")))
    assert (seen(raw).reply_to, seen(raw).thread) == ("412", "")


def test_a_deep_link_carries_its_payload() -> None:
    assert seen(command("/start  Zm9v-_1 ")).payload == "Zm9v-_1"
    assert seen(command("/start@motline_bot g1", chat=GROUP)).payload == "g1"
    assert seen(command("/lang zh")).payload == ""


def test_before_its_name_is_known_a_bot_takes_every_command_for_its_own() -> None:
    assert seen(command("/start@motline_bot"), username="").kind == "start"


def test_a_press_names_the_button_the_message_and_the_query() -> None:
    inbound = seen(pressed(chat=GROUP))
    assert (inbound.payload, inbound.pressed, inbound.callback) == ("c9:0:1", "411", "4382bfdwdsb323b2d9")
    assert (inbound.sender, inbound.chat, inbound.group, inbound.at) == ("5001", "-1001234567890", True, NOW)


def test_a_press_on_a_message_that_is_no_longer_accessible_still_counts() -> None:
    inbound = seen(pressed(message={"chat": PRIVATE, "message_id": 411, "date": 0}))
    assert (inbound.kind, inbound.pressed, inbound.chat, inbound.at) == ("choice", "411", "5001", NOW)


def test_what_is_ignored_still_says_who_and_where() -> None:
    reaction = {"chat": GROUP, "message_id": 5, "user": PERSON, "date": DATE, "old_reaction": [], "new_reaction": []}
    inbound = seen(update("message_reaction", reaction))
    assert (inbound.kind, inbound.sender, inbound.chat) == ("ignored", "5001", str(GROUP["id"]))


def test_a_press_on_an_inline_message_goes_to_the_person() -> None:
    raw = pressed(inline_message_id="AAA")
    del raw["callback_query"]["message"]
    assert (seen(raw).kind, seen(raw).chat, seen(raw).pressed) == ("choice", "5001", "")


def test_an_edit_shares_the_message_it_edits_but_not_its_delivery_key() -> None:
    first, edit = seen(said("7")), seen(update("edited_message", message("8", edit_date=DATE + 60), 820123499))
    assert first.message == edit.message == "412"
    assert first.external_id != edit.external_id
    assert edit.at == datetime.fromtimestamp(DATE + 60, UTC)


def test_the_largest_photo_is_kept() -> None:
    (photo,) = seen(said(photo=PHOTO)).media
    assert (photo.type, photo.id) == ("photo", "AgAC-large")
    (voice,) = seen(said(voice=VOICE)).media
    assert (voice.type, voice.id, voice.mime) == ("voice", "AwAC-voice", "audio/ogg")
    assert seen(said(animation=ANIMATION, document=ANIMATION)).media[0].type == "animation"


@pytest.mark.parametrize("date", ["1772613000", 1772613000438, 1772613000.25, "1772613000438"])
def test_a_date_in_quotes_or_milliseconds_is_the_time_it_names(date: Any) -> None:
    inbound = seen(said("9", date=date))
    assert inbound.at.replace(microsecond=0) == datetime(2026, 3, 4, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("date", [0, "", "soon", -5, True, None, [], "9" * 40, 10**30, float("inf"), float("nan"), "٣"])
def test_what_names_no_time_happened_on_arrival(date: Any) -> None:
    assert seen(said("9", date=date)).at is NOW


def test_a_telephone_number_without_quotes_is_read() -> None:
    assert seen(said(contact={"phone_number": 8613912345678})).text == "8613912345678"


def test_ids_in_quotes_are_read_as_they_are() -> None:
    raw = {"update_id": "7", "message": {"message_id": "3", "from": {"id": "50"}, "chat": {"id": "-5"}, "text": "9"}}
    inbound = seen(raw)
    assert (inbound.kind, inbound.external_id, inbound.sender, inbound.chat) == ("text", "7", "50", "-5")
    assert (inbound.message, inbound.group) == ("3", True)


def test_a_live_location_that_moved_says_where_it_is_and_a_stop_keeps_its_photo() -> None:
    moved = seen(update("edited_message", message(location=LIVE, edit_date=DATE + 9)))
    assert [place.url for place in moved.media] == ["geo:31.2304,121.4737"]
    assert [photo.id for photo in seen(said(photo=PHOTO, caption="stop")).media] == ["AgAC-large"]
    assert seen(said(caption="look")).media == ()


@pytest.mark.parametrize(
    ("fields", "point"),
    [
        ({"location": LOCATION}, "geo:31.2304,121.4737"),
        ({"venue": VENUE}, "geo:31.2304,121.4737"),
        ({"location": {"latitude": "north"}}, ""),
    ],
)
def test_a_place_keeps_its_point(fields: dict[str, Any], point: str) -> None:
    inbound = seen(said(**fields))
    (place,) = inbound.media
    assert (inbound.kind, place.type, place.url) == ("location", "location", point)


@pytest.mark.parametrize("id", [[], {}, None, 1.5])
def test_a_bot_without_a_usable_id_is_still_a_bot(id: Any) -> None:
    assert seen(said("hi", **{"from": OTHER_BOT | {"id": id}}, chat=GROUP)).kind == "ignored"


def test_an_anonymous_administrator_is_known_by_an_id_in_quotes_too() -> None:
    assert seen(said("hi", **{"from": ANONYMOUS | {"id": "1087968824"}}, chat=GROUP)).kind == "text"


def test_a_group_become_supergroup_names_its_new_id() -> None:
    inbound = seen(said(chat=SMALL_GROUP, migrate_to_chat_id=-1001234567890))
    assert (inbound.kind, inbound.chat, inbound.moved_to) == ("ignored", "-4567", "-1001234567890")
    assert seen(said(chat=GROUP, migrate_from_chat_id=-4567)).moved_to == ""


def test_a_restricted_bot_is_in_the_group_unless_told_otherwise() -> None:
    raw = membership("member", "left", chat=GROUP)
    raw["my_chat_member"]["new_chat_member"] = {"user": BOT, "status": "restricted", "is_member": True}
    assert seen(raw).kind == "ignored"
    raw["my_chat_member"]["new_chat_member"]["is_member"] = False
    assert seen(raw).kind == "unfollow"


@pytest.mark.parametrize(
    ("lacking", "sender", "chat"), [("from", "5001", "5001"), ("chat", "5001", "5001"), ("date", "5001", "5001")]
)
def test_a_message_that_lacks_a_field_is_still_taken(lacking: str, sender: str, chat: str) -> None:
    content = message("9")
    del content[lacking]
    inbound = seen(update("message", content))
    assert (inbound.kind, inbound.text, inbound.sender, inbound.chat) == ("text", "9", sender, chat)


def test_sparse_people_and_chats_are_taken_as_they_are() -> None:
    inbound = seen({"update_id": 7, "message": {"chat": {"id": -5}, "from": {"id": 6}, "text": "9"}})
    assert (inbound.kind, inbound.sender, inbound.chat, inbound.group) == ("text", "6", "-5", True)
    assert (inbound.name, inbound.at) == ("", NOW)


def test_a_message_of_nobody_known_is_not_taken_for_a_bots_own_where_that_is_not_known_either() -> None:
    raw = {"update_id": 7, "message": {"message_id": 3, "text": "9"}}
    inbound = read(raw, account="", username="", clock=StoppedClock())
    assert (inbound.kind, inbound.text, inbound.sender) == ("text", "9", "")
    assert seen(said("9", **{"from": {"id": 110201543}})).kind == "ignored"


def test_without_an_update_id_the_same_message_still_has_the_same_key() -> None:
    raw = said("9")
    del raw["update_id"]
    assert seen(raw).external_id == "5001:412"


def test_only_what_is_read_is_asked_for() -> None:
    asked = {kind for _, raw, *_ in KINDS for kind in raw if seen(raw).kind != "ignored"} - {"update_id"}
    assert asked == set(ALLOWED_UPDATES)


def test_aiograms_models_read_the_same_from_these_payloads() -> None:
    from aiogram.types import Update

    for name, raw, kind, _ in KINDS:
        if kind == "ignored":
            continue
        model = Update.model_validate(raw)
        assert str(model.update_id) == seen(raw).external_id, name
        assert str(model.event.from_user.id) == seen(raw).sender, name
        assert (getattr(model.event, "text", None) or "") in (seen(raw).text, ""), name
        assert (getattr(model.event, "data", None) or "") in (seen(raw).payload, ""), name


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        *("update_id", "message", "edited_message", "callback_query", "my_chat_member", "from", "chat", "id", "type"),
        *("date", "text", "photo", "sticker", "caption", "entities", "data", "message_id", "reply_to_message"),
        *("old_chat_member", "new_chat_member", "status", "migrate_to_chat_id"),
    ]
)
ODD = st.dictionaries(NAMES, st.recursive(JSON, lambda inner: st.dictionaries(NAMES, inner, max_size=5), max_leaves=12))


@given(ODD)
def test_whatever_is_in_an_update_one_event_comes_out(raw: dict[str, Any]) -> None:
    inbound = seen(raw)
    assert inbound.at.tzinfo is UTC
    assert all(isinstance(value, str) for value in (inbound.sender, inbound.chat, inbound.text, inbound.payload))
