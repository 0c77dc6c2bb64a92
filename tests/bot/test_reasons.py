"""Why somebody is not written to, in the words of whoever looks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.reasons import key_of, reason, reason_in
from channels.errors import MissingSetting
from dialogs.texts import keys
from tests.channels.test_sms_contract import sms

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


def refusals() -> Iterator[str]:
    """Everything that the store refuses, with something filled in."""
    for path in sorted(Path("storage").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused":
                said = node.args[0]
                parts = said.values if isinstance(said, ast.JoinedStr) else [said]
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "'x'" for part in parts)


@pytest.mark.parametrize("said", list(refusals()))
def test_whatever_the_store_refuses_is_told_in_chinese(said: str) -> None:
    told = reason_in(said, "zh")
    assert told != said
    assert any("\u4e00" <= letter <= "\u9fff" for letter in told)


async def test_a_channel_that_lacks_a_setting_to_be_connected_by_says_so_in_chinese() -> None:
    with pytest.raises(MissingSetting) as missing:
        await sms(sender="").lead_in("x", timedelta(days=1))
    assert reason_in(str(missing.value), "zh") == "缺少设置 sms.sender，客户要发短信到那个号码"
    assert reason_in(str(MissingSetting("wechat.secret")), "zh") == "缺少设置 wechat.secret"


def test_several_reasons_are_told_one_after_the_other() -> None:
    kept = "; ".join((reason("stopped", channel="sms"), reason("window", channel="wechat", hours="48")))
    assert reason_in(kept, "zh") == "客户已在短信退订；微信只允许在客户来信后 48 小时内发消息"


def test_what_is_no_sentence_of_ours_is_shown_as_it_stands() -> None:
    assert reason_in("Twilio said 30007", "zh") == "Twilio said 30007"
    assert key_of("Twilio said 30007") == ""
    assert reason_in("", "zh") == ""
