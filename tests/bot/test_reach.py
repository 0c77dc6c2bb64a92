"""What the configured channels say about dialogs: the words that no answer may be called."""

from __future__ import annotations

from typing import Literal

import pytest

from bot.config import Config, Sms
from bot.reach import stops_of
from dialogs.script import check_script

SCRIPT = """
dialog: visit
purpose: service
languages: [en]
steps:
  - collect: pick
    type: choice
    options:
      first: {en: LABEL}
      second: {en: Tea}
    ask: {en: "Which?"}
"""


@pytest.mark.parametrize(
    ("label", "words", "refused"),
    [
        ("Cancel", "twilio", True),
        ("T", "twilio", False),
        ("T", "china", True),
        ("r", "china", True),
        ("拒收", "china", True),
        ("Coffee", "china", False),
    ],
)
def test_an_answer_that_would_stop_everything_on_our_gateway_is_refused(
    label: str, words: Literal["twilio", "china"], refused: bool
) -> None:
    config = Config(sms=Sms(enabled=True, words=words))
    found = check_script(SCRIPT.replace("LABEL", label), "x.yml", stops=stops_of(config))
    assert any("is a stop word" in problem.message for problem in found) is refused


def test_letters_of_a_gateway_that_is_switched_off_are_free() -> None:
    assert "t" not in stops_of(Config(sms=Sms(enabled=False, words="china")))
