"""The desk's own clocks and drawings: promises, recovery, summaries, lost words, cards, chats without buttons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.desk_results import Closed
from channels.errors import OutcomeUnknown, Rejected
from channels.message import Outbound
from storage import privacy, teams, tickets
from storage.crypto import Keys
from storage.database import Database
from tests.bot.desk_parts import ANNA, GROUP, HOUR, DeskHouse


@pytest.fixture
async def house(store: Database, keys: Keys) -> DeskHouse:
    made = DeskHouse(store, keys)
    await made.open()
    return made


async def consents(house: DeskHouse) -> None:
    await house.store.execute(
        """INSERT INTO consents (customer_id, purpose, status, source, at)
 SELECT id, 'service', 'granted', 'test', 0 FROM customers WHERE true ON CONFLICT DO NOTHING"""
    )


async def kinds(house: DeskHouse, ticket_id: int) -> list[str]:
    return [event.kind for event in await house.desk.events(ticket_id)]


async def test_a_promise_that_passes_calls_the_team_three_times_and_no_more(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    for _ in range(5):
        await house.later(4 * HOUR)
    called = [line for line in house.group if line.text.startswith("Nobody has claimed ticket")]
    assert [line.text.rpartition(" for ")[2] for line in called] == ["4 h.", "8 h.", "12 h."]
    assert {line.reply_to for line in called} == {"1"}
    assert (await kinds(house, ticket.id)).count("overdue") == 3


async def test_nobody_is_called_for_a_ticket_that_is_claimed(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await house.press(ticket, "claim")
    await house.later(5 * HOUR)
    assert not any("Nobody has claimed ticket" in line.text for line in house.group)


async def test_a_ticket_tells_its_due_time_until_somebody_claims_it_or_it_has_passed(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    waiting = await tickets.get(house.store, ticket.id)
    assert waiting is not None
    assert waiting.due_at == waiting.opened_at + 4 * HOUR / timedelta(milliseconds=1)
    await house.later(4 * HOUR)
    late = await tickets.get(house.store, ticket.id)
    assert late is not None
    assert late.due_at is None
    await house.press(ticket, "claim")
    claimed = await tickets.get(house.store, ticket.id)
    assert claimed is not None
    assert claimed.due_at is None


async def test_outside_the_teams_hours_the_clock_waits_until_they_are_back(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    team = await teams.named(house.store, "desk")
    assert team is not None
    hours = {"mon": ("09:00", "15:00"), "tue": ("09:00", "15:00")}
    await teams.change(house.store, team.id, actor="test", now=0, hours=hours)
    await house.look_around()
    await house.later(4 * HOUR)  # Monday, 16:00.
    await house.later(20 * HOUR)  # Tuesday, 12:00.
    assert "overdue" not in await kinds(house, ticket.id)
    await house.later(HOUR)  # Tuesday, 13:00: four hours after they came.
    assert "overdue" in await kinds(house, ticket.id)


async def test_a_day_after_closing_the_customer_is_asked_whether_it_was_put_right(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await consents(house)
    await house.in_group("All settled.", reply_to="1")
    closed = await house.desk.close(ticket.id, house.anna, "resolved")
    assert closed == Closed(house.clock.ms() + 24 * 3600 * 1000)
    await house.later(23 * HOUR)
    assert "Did we put it right?" not in await house.said_to_customer()
    await house.later(HOUR)
    assert (await house.said_to_customer())[-1] == "Did we put it right?"
    asked = (await house.desk.events(ticket.id))[-1]
    talk = (await house.rows("SELECT public_id FROM conversations ORDER BY id DESC LIMIT 1"))[0]
    assert (asked.kind, asked.text) == ("asked", talk["public_id"])


async def test_a_no_to_that_question_brings_the_customer_to_the_same_team_again(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await consents(house)
    await house.desk.close(ticket.id, house.anna, "resolved")
    await house.customer("yes")
    await house.later(24 * HOUR)
    assert await house.customer("no") == "I am sorry."
    again = await house.ticket()
    assert (again.id == ticket.id, again.status, again.severity, again.team) == (False, "open", "high", "desk")


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("UPDATE consents SET status = 'withdrawn'", "no consent for service messages"),
        ("UPDATE addresses SET status = 'closed' WHERE channel = 'webchat'", "the webchat address is closed"),
        ("UPDATE scripts SET status = 'retired' WHERE name = 'recovery'", "no dialog named recovery is published"),
    ],
)
async def test_why_a_customer_was_not_asked_stands_beside_the_ticket(house: DeskHouse, before: str, why: str) -> None:
    ticket = await house.unhappy()
    await consents(house)
    await house.in_group("All settled.", reply_to="1")
    await house.desk.close(ticket.id, house.anna, "resolved")
    await house.store.execute(before)
    await house.shelf.refresh()
    await house.later(24 * HOUR)
    told = (await house.desk.events(ticket.id))[-1]
    assert (told.kind, told.text) == ("not_asked", why)
    assert await house.rows("SELECT id FROM jobs WHERE kind = 'recovery' AND status = 'due'") == []


async def test_a_customer_in_another_dialog_is_asked_when_that_has_ended(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await consents(house)
    await house.desk.close(ticket.id, house.anna, "resolved")
    await house.later(24 * HOUR)
    assert "Did we put it right?" not in await house.said_to_customer()
    assert (await house.desk.events(ticket.id))[-1].kind != "not_asked"
    await house.customer("yes")
    await house.later(HOUR)
    assert (await house.said_to_customer())[-1] == "Did we put it right?"
    assert (await house.desk.events(ticket.id))[-1].kind == "asked"


async def test_after_a_week_in_another_dialog_the_customer_is_not_asked_any_more(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await consents(house)
    await house.desk.close(ticket.id, house.anna, "resolved")
    await house.store.execute("DELETE FROM jobs WHERE kind <> 'recovery'")  # The dialog never expires.
    await house.later(24 * HOUR)
    await house.later(6 * 24 * HOUR)
    told = (await house.desk.events(ticket.id))[-1]
    assert (told.kind, told.text) == ("not_asked", "another dialog is open with this customer")


async def test_above_so_many_cards_a_minute_one_summary_goes_instead_urgent_first(store: Database, keys: Keys) -> None:
    house = DeskHouse(store, keys, summary_above=2)
    await house.open()
    for number in range(6):
        await house.unhappy(sender=f"v{number}", name=f"v{number}")
    assert len(house.group) == 2
    worst = (await house.rows("SELECT id FROM tickets ORDER BY id"))[4]["id"]
    await house.store.execute("UPDATE tickets SET severity = 'urgent' WHERE id = $1", worst)
    await house.later(timedelta(seconds=5))
    summary = house.group[-1]
    first, _, *lines = summary.text.splitlines()
    assert first == "More unhappy customers: 4, 1 of them urgent"
    numbers = [row["id"] for row in await house.rows("SELECT id FROM tickets ORDER BY id")]
    assert [lines[0].startswith(f"URGENT #{numbers[4]} v4: the rider"), len(lines)] == [True, 4]
    assert [choice.title for choice in summary.choices] == [
        f"Claim #{n}" for n in (numbers[4], numbers[2], numbers[3], numbers[5])
    ]
    await house.later(timedelta(minutes=2))
    assert house.group[-1] is summary


async def test_a_ticket_claimed_from_a_summary_gets_its_card(store: Database, keys: Keys) -> None:
    house = DeskHouse(store, keys, summary_above=1)
    await house.open()
    await house.unhappy(sender="v1")
    second = await house.unhappy("cold and slow and rude", sender="v2")
    await house.later(timedelta(seconds=5))
    await house.press(second, "claim", pressed="2")
    await house.deliver()
    card = house.group[-1]
    assert (card.edit_of, "cold and slow and rude" in card.text) == ("", True)
    assert [choice.title for choice in card.choices] == ["Reply", "Close", "Hand back", "Not unhappy"]
    await house.in_group("Sorry.", reply_to=str(len(house.group)))
    assert await house.said_to_customer() == ["Anna from Brook: Sorry."]


async def test_cards_of_another_minute_go_one_by_one_again(store: Database, keys: Keys) -> None:
    house = DeskHouse(store, keys, summary_above=1)
    await house.open()
    await house.unhappy(sender="v1")
    await house.later(timedelta(seconds=61))
    await house.unhappy(sender="v2")
    assert [len(line.choices) for line in house.group] == [4, 4]


def refuses(error: Exception) -> Any:
    async def refuse() -> None:
        raise error

    return lambda outbound: refuse() if "Sorry" in outbound.text else None


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Rejected("the text was refused", code="x"), "This could not be sent to Li Wei: "),
        (OutcomeUnknown("cut off"), "It is not known whether this reached Li Wei; "),
    ],
)
async def test_a_reply_that_is_lost_comes_back_to_the_team_with_the_reason(
    house: DeskHouse, error: Exception, told: str
) -> None:
    ticket = await house.unhappy()
    house.webchat.does = refuses(error)
    await house.in_group("Sorry.", reply_to="1")
    await house.deliver()
    await house.later(timedelta(seconds=1))
    line = house.group[-1]
    assert line.text.startswith(told)
    assert line.text.endswith("“Anna from Brook: Sorry.”")
    assert line.reply_to == "1"
    assert (await kinds(house, ticket.id))[-1] == "lost"


async def test_where_a_group_has_topics_each_ticket_has_its_own_and_what_is_written_there_is_for_the_customer(
    house: DeskHouse,
) -> None:
    house.telegram.topics = "77"
    ticket = await house.unhappy()
    assert (house.group[0].thread, (await house.ticket()).thread) == ("77", "77")
    assert "What is written in this topic goes to the customer." in house.group[0].text
    await house.in_group("We are sorry.", thread="77")
    await house.in_group("// poor soul", thread="77")
    await house.in_group("lunch?", thread="78")
    assert await house.said_to_customer() == ["Anna from Brook: We are sorry."]
    await house.customer("thank you")
    await house.deliver()
    assert (house.group[-1].text, house.group[-1].thread) == ("Li Wei: thank you", "77")
    assert [line.thread for line in house.group if line.text.startswith("On its way")] == ["77"]
    assert ticket.id == (await house.ticket()).id


async def test_a_chat_without_buttons_names_tickets_by_number(store: Database, keys: Keys) -> None:
    house = DeskHouse(store, keys)
    await house.open(group=("sms", "+4915112345678"))
    await house.colleague("Carl", "+4915112345678", "sms")
    await house.look_around()
    ticket = await house.unhappy()
    card = house.sms.book[0]
    assert card.choices == ()
    assert f"send #{ticket.id} and your words" in card.text
    assert "Said so far" not in card.text
    phone = "+4915112345678"
    await house.customer(f"#{ticket.id} claim", phone, "sms")
    await house.deliver()
    assert house.sms.texts[-1] == "Claimed by Carl, 03-02 12:00"
    await house.customer(f"#{ticket.id}: We are on our way", phone, "sms")
    await house.deliver()
    assert house.webchat.texts == ["Carl from Brook: We are on our way"]
    assert "On its way to Li Wei, by web chat." in house.sms.texts
    await house.customer(f"#{ticket.id} close", phone, "sms")
    assert (await house.ticket()).outcome == "resolved"


async def test_an_answer_by_mail_to_the_teams_card_is_staffs_whichever_address_it_comes_from(
    house: DeskHouse,
) -> None:
    ticket = await house.unhappy()
    await house.store.execute("UPDATE outbox SET external_id = '<card@brook>', channel = 'email' WHERE kind = 'card'")
    await house.colleague("Dora", "dora@brook.example", "email")
    await house.look_around()
    await house.customer("We are sorry.", "dora@brook.example", "email", reply_to="<card@brook>")
    await house.customer("It rains.", "dora@brook.example", "email", reply_to="<other@brook>")
    assert await house.said_to_customer() == ["Dora from Brook: We are sorry."]
    assert (await house.ticket()).staff == "Dora"
    rows = await house.rows("SELECT status FROM inbound WHERE text = 'It rains.'")
    assert (rows, ticket.staff) == ([{"status": "noted"}], "")


async def test_the_watch_list_shows_what_is_doubtful_and_nobody_has_judged(house: DeskHouse) -> None:
    for number, words in enumerate(("the soup was cold", "wonderful", "the rider was rude")):
        await house.customer(words, f"w{number}")
    listed = await house.desk.watch_list()
    opened = {row.customer_id for row in await house.desk.waiting()}
    assert [watched.text for watched, _ in listed] == ["the soup was cold"]
    assert opened.isdisjoint(watched.customer_id for watched, _ in listed)
    await house.desk.correct(listed[0][0].inbound_id, house.anna, "not_unhappy")
    await house.desk.correct(listed[0][0].inbound_id, house.ben, "not_unhappy")
    assert await house.desk.watch_list() == []
    assert len(await house.rows("SELECT id FROM corrections")) == 1


async def test_many_changes_of_a_card_that_wait_are_sent_as_one(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await house.desk.claim(ticket.id, house.anna)
    await house.desk.release(ticket.id, house.anna)
    await house.desk.claim(ticket.id, house.ben)
    await house.deliver()
    assert len(house.group) == 2
    assert "Claimed by Ben" in house.group[1].text


async def test_a_card_reads_well(house: DeskHouse) -> None:
    await house.customer("feedback", name="Li Wei")
    house.clock.at += timedelta(minutes=1)
    await house.customer("2")
    house.clock.at += timedelta(minutes=1)
    await house.customer("the rider was rude")
    await house.deliver()
    ticket = await house.ticket()
    why = ", ".join(ticket.details["why"])
    topics = ", ".join(ticket.details["topics"])
    expected = f"""#{ticket.id} Unhappy customer: Li Wei
“the rider was rude”

NPS: 2/10
Why: unhappy words
Because of: {why}
About: {topics}
Dialog: A visit
By web chat, 03-02 12:02

Said so far:
12:00 Customer: feedback
12:00 Bot: How likely are you to recommend us, 0-10?
12:01 Customer: 2
12:01 Bot: What went wrong?
12:02 Bot: May we ask you again?

Nobody has claimed this yet.
Answer this message and the customer gets your words. A line that begins with // stays among you."""
    assert house.group[0].text == expected


async def test_a_card_of_endless_words_still_fits_the_chat(house: DeskHouse) -> None:
    await house.unhappy("the rider was rude 🙄 " * 4000)
    card: Outbound = house.group[0]
    assert len(card.text.encode("utf-16-le")) // 2 <= 4096
    assert len(card.choices) == 4


async def test_a_button_of_no_ticket_does_nothing(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    before = len(house.group)
    await house.press(ticket, "claim", payload=f"t.{'0' * 32}.claim")
    await house.press(ticket, "claim", payload="t.nonsense.claim")
    await house.deliver()
    assert len(house.group) == before
    assert [row.status for row in await tickets.waiting(house.store)] == ["open"]


async def test_a_press_in_a_chat_that_nobody_knows_does_nothing(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    payload = f"t.{ticket.public_id}.claim"
    stranger = house._message("", ANNA, "-555", "telegram", group=True, kind="choice", payload=payload)
    assert await house.conversations.receive("telegram", [stranger], inline=False) is None
    assert ((await house.ticket()).status, GROUP) == ("open", house.group[0].to.id)


async def test_a_card_that_cannot_be_drawn_goes_as_it_was_written_at_the_commit(house: DeskHouse) -> None:
    for said in ("feedback", "2", "the rider was rude"):
        await house.customer(said, name="Li Wei")
    await house.store.execute("UPDATE tickets SET body = '{'")
    for _ in range(3):
        await house.deliver()
        house.clock.at += timedelta(minutes=5)
    assert [line.text.partition("\n")[0] for line in house.group] == ["Unhappy customer: Li Wei"]
    assert len(house.group[0].choices) == 4

async def test_erasing_a_customer_takes_what_staff_wrote_about_them_too(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await house.in_group("Sorry, Li Wei.", reply_to="1")
    await house.in_group("// Li Wei again", reply_to="1")
    await house.desk.close(ticket.id, house.anna, "resolved")
    await house.deliver()
    await privacy.erase(house.store, ticket.customer_id, actor="test", now=house.clock.ms())
    kept = await house.rows("SELECT text FROM inbound UNION ALL SELECT text FROM outbox")
    kept += await house.rows("SELECT text FROM ticket_events UNION ALL SELECT text FROM tickets")
    assert [row["text"] for row in kept if "Li Wei" in row["text"] or "rude" in row["text"]] == []
    assert await house.rows("SELECT kind FROM jobs WHERE status = 'due' AND kind IN ('sla', 'recovery')") == []
