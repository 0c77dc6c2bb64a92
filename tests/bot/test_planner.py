"""Where a push goes, when, and why it does not."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from bot.config_values import Hours
from bot.planner import Asked, House, Later, NotSent, Plan, Reach, Send, Template, plan, quiet_until, refusal
from bot.reasons import LONGEST, reason_in
from channels.capabilities import CAPABILITIES

HOUR = 3600 * 1000
NOW = int(datetime(2026, 3, 2, 12, 0, tzinfo=UTC).timestamp() * 1000)
ALL = ("telegram", "wechat", "email", "sms", "webchat")
SMS, TELEGRAM, WEBCHAT = Reach(1, "sms", "open"), Reach(2, "telegram", "open"), Reach(3, "webchat", "open")


def house(**more: Any) -> House:
    given: dict[str, Any] = {"channels": ALL, "quiet": None, "interval": timedelta(days=3)} | more
    return House(capabilities=CAPABILITIES, **given)


def planned(*reaches: Reach, at: int = NOW, rules: House | None = None, **asked: Any) -> Plan:
    given: dict[str, Any] = {"purpose": "service", "consented": True, "reaches": reaches} | asked
    return plan(Asked(**given), rules or house(), at)


def wechat(**more: Any) -> Reach:
    return Reach(4, "wechat", "open", **more)


def test_nobody_is_written_to_without_consent() -> None:
    assert planned(SMS, consented=False) == NotSent("no consent for service messages")


def test_a_customer_in_a_dialog_is_not_bothered_twice() -> None:
    assert planned(SMS, busy=True) == NotSent("another dialog is open with this customer")


def test_a_customer_is_asked_again_only_after_the_interval() -> None:
    assert planned(SMS, last_push_at=NOW - 71 * HOUR) == NotSent("asked less than 3 days ago")
    assert planned(SMS, last_push_at=NOW - 73 * HOUR) == Send(SMS)


def test_the_stated_preference_goes_before_everything() -> None:
    recent = Reach(2, "telegram", "open", last_inbound_at=NOW - HOUR)
    assert planned(recent, SMS, preferred="sms") == Send(SMS)


def test_where_the_customer_last_wrote_goes_before_cost() -> None:
    recent = Reach(1, "sms", "open", last_inbound_at=NOW - HOUR)
    assert planned(TELEGRAM, recent) == Send(recent)


def test_with_nothing_known_the_cheapest_channel_is_taken() -> None:
    assert planned(WEBCHAT, SMS, TELEGRAM) == Send(TELEGRAM)


def test_every_address_that_cannot_be_used_says_why() -> None:
    gone, stopped = Reach(1, "sms", "closed"), Reach(2, "telegram", "stopped")
    off = Reach(5, "wecom", "open")
    why = "the sms address is closed; the telegram address is stopped; wecom is not switched on"
    assert planned(gone, stopped, off) == NotSent(why)
    assert planned() == NotSent("no address is known")


def test_of_many_reasons_as_many_are_told_as_can_be_told_again_in_another_language() -> None:
    reaches = (
        wechat(last_inbound_at=1),
        Reach(2, "sms", "open"),
        *(Reach(number, channel, "closed") for number, channel in enumerate(("telegram", "email", "webchat"), 3)),
    )
    why = planned(*reaches, rules=house(one_way={"sms"}))
    assert isinstance(why, NotSent)
    assert len(why.reason) <= LONGEST
    told = reason_in(why.reason, "zh")
    assert told.startswith("微信只允许")
    assert "the " not in told


def test_in_quiet_hours_a_push_waits_for_the_customers_own_morning() -> None:
    rules = house(quiet=Hours(time(21), time(9)), timezone="UTC")
    planned_for = planned(SMS, rules=rules, timezone="Asia/Shanghai", at=NOW + 2 * HOUR)
    assert planned_for == Later(int(datetime(2026, 3, 3, 1, 0, tzinfo=UTC).timestamp() * 1000), "quiet hours")
    assert planned(SMS, rules=rules, timezone="Europe/Berlin", at=NOW) == Send(SMS)


def test_an_unknown_time_zone_counts_as_utc() -> None:
    night = int(datetime(2026, 3, 2, 23, 0, tzinfo=UTC).timestamp() * 1000)
    assert quiet_until("Nowhere/At all", Hours(time(21), time(9)), night) == night + 10 * HOUR


def test_wechat_is_written_to_only_within_the_window_that_the_customer_opened() -> None:
    open_ = wechat(window_at=NOW + 1, window_left=1)
    assert planned(open_) == Send(open_)
    closed = "wechat lets us write only within 48 h of the customer's own message"
    assert planned(wechat(window_at=NOW - 1, window_left=5)) == NotSent(closed)
    assert planned(wechat()) == NotSent(closed)


def test_after_a_payment_the_window_stands_open_whatever_was_counted() -> None:
    paid = wechat(window_at=NOW - 1, window_left=0, free_until=NOW + 1)
    assert planned(paid) == Send(paid)


def test_a_window_that_was_never_counted_is_reckoned_from_the_last_message() -> None:
    recent = wechat(last_inbound_at=NOW - 47 * HOUR)
    assert planned(recent) == Send(recent)
    assert isinstance(planned(wechat(last_inbound_at=NOW - 49 * HOUR)), NotSent)


def test_a_spent_allowance_is_not_overdrawn() -> None:
    spent = wechat(window_at=NOW + HOUR, window_left=0)
    assert planned(spent) == NotSent("wechat takes no more messages until the customer writes again")
    assert refusal(spent, house(), NOW) != ""


def test_outside_the_window_a_configured_template_begins_the_dialog_but_only_as_the_last_resort() -> None:
    template = Template("template:tpl-1", {"thing1": "{text}"})
    rules = house(templates={"wechat": template})
    closed = wechat(last_inbound_at=NOW - 100 * HOUR)
    assert planned(closed, rules=rules) == Send(closed, template)
    assert planned(closed, SMS, rules=rules) == Send(SMS)
    assert refusal(closed, rules, NOW) != "", "staff's own words have no template"


def test_no_dialog_begins_where_nobody_can_answer() -> None:
    rules = house(one_way={"sms"})
    assert planned(SMS, rules=rules) == NotSent("nobody can answer on sms: its sender is a name, not a number")
    assert planned(SMS, WEBCHAT, rules=rules) == Send(WEBCHAT)


@pytest.mark.parametrize("other", [TELEGRAM, WEBCHAT])
def test_an_address_that_a_push_died_at_is_left_out(other: Reach) -> None:
    dead = Reach(1, "sms", "open", last_inbound_at=NOW, dead=True)
    assert planned(dead, other, preferred="sms") == Send(other)
    assert planned(dead) == NotSent("the sms address did not take the message")
