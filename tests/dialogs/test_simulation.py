"""A dialog on paper: a stop is a stop there too."""

from __future__ import annotations

from dialogs.simulation import simulate
from tests.dialogs.talk import NPS, WHY, script


def test_words_that_stop_are_no_answer_and_are_told_what_the_house_says() -> None:
    said = simulate(script(NPS + WHY), ["9", "Halt", "why"], brand="Brook", language="zh", stops="Halt".__eq__)
    assert said[-4:] == (
        "you> Halt",
        "bot> 您将不再收到Brook的服务类消息。如需恢复，请回复“恢复接收”。",
        "   ! stopped",
        "you> why",
    )


def test_without_words_that_stop_everything_is_a_reply() -> None:
    assert "   ! why = 'Halt'" in simulate(script(NPS + WHY), ["9", "Halt"])
