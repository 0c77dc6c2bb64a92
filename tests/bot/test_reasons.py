"""Why somebody is not written to, in the words of whoever looks."""

from __future__ import annotations

import pytest

from bot.reasons import key_of, reason, reason_in
from dialogs.texts import keys

SENTENCES = sorted((key.partition(".")[2], fields) for key, fields in keys("en").items() if key.startswith("reason."))
GIVEN = {"purpose": "service", "channel": "sms", "days": "3", "hours": "48", "error": "KeyError: x", "script": "visit"}


@pytest.mark.parametrize(("key", "fields"), SENTENCES)
def test_every_reason_is_known_again_and_told_in_chinese(key: str, fields: frozenset[str]) -> None:
    kept = reason(key, **{name: GIVEN[name] for name in fields})
    assert key_of(kept) == key
    told = reason_in(kept, "zh")
    assert told != kept
    assert "sms" not in told
    assert "{" not in told


def test_several_reasons_are_told_one_after_the_other() -> None:
    kept = "; ".join((reason("stopped", channel="sms"), reason("window", channel="wechat", hours="48")))
    assert reason_in(kept, "zh") == "客户已在短信退订；微信只允许在客户来信后 48 小时内发消息"


def test_what_is_no_sentence_of_ours_is_shown_as_it_stands() -> None:
    assert reason_in("Twilio said 30007", "zh") == "Twilio said 30007"
    assert key_of("Twilio said 30007") == ""
    assert reason_in("", "zh") == ""
