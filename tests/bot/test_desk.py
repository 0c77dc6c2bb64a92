"""The desk on both stores: cards, claims, replies, closing, and who is staff."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.desk_results import AlreadyClaimed, AlreadyClosed, Claimed, Closed, NotStaff, Opened, Released, Said
from channels.capabilities import WECHAT
from channels.message import Media
from storage import staff
from storage.crypto import Keys
from storage.database import Database
from tests.bot.desk_parts import ANNA, BEN, HOUR, Chats, DeskHouse


@pytest.fixture
async def house(store: Database, keys: Keys) -> DeskHouse:
    made = DeskHouse(store, keys)
    await made.open()
    return made


async def test_an_unhappy_reply_becomes_a_ticket_and_a_card_in_one_commit(house: DeskHouse) -> None:
    await house.customer("feedback", name="Li Wei")
    await house.customer("2")
    await house.customer("the rider was rude")
    row = (await house.rows("SELECT ticket_id, kind FROM outbox WHERE channel = 'telegram'"))[0]
    ticket = await house.ticket()
    assert (row["kind"], row["ticket_id"]) == ("card", ticket.id)
    assert (ticket.status, ticket.text, ticket.customer) == ("open", "the rider was rude", "Li Wei")
    clock = await house.rows("SELECT kind FROM jobs WHERE subject_id = $1 AND kind = 'sla'", ticket.id)
    assert clock == [{"kind": "sla"}]


async def test_of_two_who_claim_at_once_one_wins_and_the_other_is_told_who_has_it(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    results = await asyncio.gather(house.desk.claim(ticket.id, house.anna), house.desk.claim(ticket.id, house.ben))
    assert sorted(type(result).__name__ for result in results) == ["AlreadyClaimed", "Claimed"]
    after = await house.ticket()
    lost = next(result for result in results if isinstance(result, AlreadyClaimed))
    assert (after.status, after.staff, lost.name) == ("claimed", after.staff, after.staff)
    events = await house.desk.events(ticket.id)
    assert [event.kind for event in events] == ["opened", "claimed"]


async def test_a_press_that_comes_too_late_is_answered_in_the_group(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await house.press(ticket, "claim", ANNA)
    await house.press(ticket, "claim", BEN)
    await house.deliver()
    await house.desk.aclose()
    assert (await house.ticket()).staff == "Anna"
    assert house.group[-1].text == "Anna has claimed this already."
    assert [said for _, said in house.telegram.acknowledged] == ["", "Anna has claimed this already."]


async def test_a_claim_changes_the_card_where_it_stands(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await house.press(ticket, "claim")
    await house.deliver()
    card, changed = house.group
    assert changed.edit_of == "1"
    assert "Claimed by Anna, 03-02 12:00" in changed.text
    assert [choice.title for choice in card.choices] == ["Claim", "Reply", "Close", "Not unhappy"]
    assert [choice.title for choice in changed.choices] == ["Reply", "Close", "Hand back", "Not unhappy"]


async def test_an_answer_to_the_card_goes_to_the_customer_on_their_own_channel_and_pauses_the_dialog(
    house: DeskHouse,
) -> None:
    ticket = await house.unhappy()
    await house.in_group("We are very sorry.", reply_to="1")
    assert await house.said_to_customer() == ["Anna from Brook: We are very sorry."]
    after = await house.ticket()
    assert (after.status, after.staff, after.engaged_at) == ("claimed", "Anna", house.clock.ms())
    assert (await house.rows("SELECT status FROM conversations"))[0]["status"] == "paused"
    confirmed = next(line for line in house.group if line.text.startswith("On its way"))
    assert confirmed.text == "On its way to Li Wei, by web chat."
    assert [event.kind for event in await house.desk.events(ticket.id)] == ["opened", "claimed", "said"]


async def test_what_the_customer_then_writes_is_relayed_under_the_card_and_read_as_no_answer(house: DeskHouse) -> None:
    await house.unhappy()
    await house.in_group("We are very sorry.", reply_to="1")
    assert await house.customer("yes") is None
    await house.deliver()
    relayed = house.group[-1]
    assert (relayed.text, relayed.reply_to) == ("Li Wei: yes", "1")
    assert await house.rows("SELECT slot FROM answers WHERE slot = 'again'") == []
    kept = await house.rows("SELECT status, ticket_id FROM inbound WHERE text = 'yes'")
    assert [row["status"] for row in kept] == ["desk"]


async def test_staff_see_what_came_with_its_words_and_nothing_of_a_place_that_moves(house: DeskHouse) -> None:
    await house.unhappy()
    await house.in_group("We are very sorry.", reply_to="1")
    await house.customer("the bathroom", kind="media", media=(Media("photo", "f1"),))
    await house.customer("+8613912345678", kind="contact")
    await house.customer("", kind="location", media=(Media("location", url="geo:31.2304,121.4737"),))
    await house.customer("", kind="edited")
    await house.deliver()
    relayed = [line.text.removeprefix("Li Wei: ") for line in house.group if line.text.startswith("Li Wei: ")]
    assert relayed == ["[photo] the bathroom", "[contact] +8613912345678", "[location] geo:31.2304,121.4737"]


async def test_a_message_folded_behind_a_reply_of_staff_is_theirs_already(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await asyncio.gather(house.desk.reply(ticket.id, house.anna, "Sorry!"), house.customer("yes"))
    # Whoever came first under the lock: never both an answer and a word to staff.
    answered = await house.rows("SELECT slot FROM answers WHERE slot = 'again'")
    relayed = await house.rows("SELECT id FROM outbox WHERE kind = 'relay'")
    assert len(answered) + len(relayed) == 1


async def test_the_answer_to_a_relayed_line_or_to_a_prompt_goes_to_the_customer_too(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await house.press(ticket, "reply")
    await house.deliver()
    prompt = len(house.group)
    assert house.group[-1].text == "Write your reply to Li Wei as an answer to this message."
    await house.in_group("One moment.", reply_to=str(prompt))
    await house.customer("I wait")
    await house.deliver()
    relayed = next(n for n, line in enumerate(house.group, 1) if line.text == "Li Wei: I wait")
    await house.in_group("Done.", reply_to=str(relayed))
    assert await house.said_to_customer() == ["Anna from Brook: One moment.", "Anna from Brook: Done."]


async def test_what_another_holds_is_not_answered_over_their_head(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await house.press(ticket, "claim", ANNA)
    await house.in_group("I can do it", BEN, reply_to="1")
    assert await house.said_to_customer() == []
    assert house.group[-1].text.startswith("Anna has claimed this already, so your words were not sent.")
    refused = await house.desk.close(ticket.id, house.ben, "resolved")
    assert refused == AlreadyClaimed(house.anna, "Anna")


async def test_an_admin_may_hand_back_and_close_what_another_holds(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await staff.change(house.store, house.ben, actor="test", now=0, role="admin")
    await house.desk.claim(ticket.id, house.anna)
    assert await house.desk.release(ticket.id, house.ben) == Released()
    assert (await house.ticket()).status == "open"
    assert await house.desk.claim(ticket.id, house.anna) == Claimed()
    assert isinstance(await house.desk.close(ticket.id, house.ben, "no_answer"), Closed)


async def test_a_line_that_begins_with_two_slashes_stays_among_colleagues(house: DeskHouse) -> None:
    await house.unhappy()
    await house.in_group("// who was the rider?", reply_to="1")
    assert await house.said_to_customer() == []
    assert (await house.ticket()).status == "open"
    kept = await house.rows("SELECT kind, status FROM inbound WHERE text LIKE '//%'")
    assert kept == [{"kind": "note", "status": "desk"}]


async def test_chatter_in_the_group_is_neither_answered_nor_kept(house: DeskHouse) -> None:
    await house.unhappy()
    before = await house.rows("SELECT count(*) AS n FROM inbound")
    await house.in_group("lunch?")
    await house.in_group("lunch!", reply_to="777")
    assert await house.rows("SELECT count(*) AS n FROM inbound") == before
    assert await house.said_to_customer() == []
    people = await house.rows("SELECT count(*) AS n FROM customers")
    assert people[0]["n"] == 1


async def test_pictures_and_changed_messages_are_not_passed_on_and_the_colleague_is_told(house: DeskHouse) -> None:
    await house.unhappy()
    await house.in_group("", kind="media", reply_to="1")
    await house.deliver()
    assert house.group[-1].text == "Only text can be passed on. Please write it in words."
    await house.in_group("Sory", reply_to="1", message="m77")
    await house.in_group("Sorry", kind="edited", reply_to="1", message="m77")
    assert await house.said_to_customer() == ["Anna from Brook: Sory"]
    assert house.group[-1].text.startswith("The customer has the first version")


async def test_somebody_who_is_not_registered_is_told_how_to_be_and_nothing_else_happens(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await house.press(ticket, "claim", "999")
    await house.in_group("hello", "999", reply_to="1")
    assert await house.said_to_customer() == []
    assert (await house.ticket()).status == "open"
    assert [("999" in line.text, "console under Staff" in line.text) for line in house.group[1:]] == [(True, True)] * 2


async def test_somebody_who_left_is_staff_no_more(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await staff.leave(house.store, house.anna, actor="test", now=0)
    await house.press(ticket, "claim", ANNA)
    await house.deliver()
    assert (await house.ticket()).status == "open"
    assert "not registered" in house.group[-1].text
    assert await house.desk.claim(ticket.id, house.anna) == NotStaff()


async def test_the_same_update_twice_has_its_effect_once(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    for _ in range(2):
        await house.in_group("We are sorry.", reply_to="1", external_id="same", message="m9")
    await asyncio.gather(*(house.press(ticket, "close", external_id="too") for _ in range(3)))
    assert await house.said_to_customer() == ["Anna from Brook: We are sorry."]
    kinds = [event.kind for event in await house.desk.events(ticket.id)]
    assert kinds == ["opened", "claimed", "said", "closed"]
    assert len(await house.rows("SELECT id FROM inbound WHERE kind = 'choice'")) == 1
    assert "closed already" not in " ".join(line.text for line in house.group)


async def test_the_same_reply_delivered_twice_at_once_is_sent_once(house: DeskHouse) -> None:
    await house.unhappy()
    await asyncio.gather(*(house.in_group("Sorry.", reply_to="1", external_id="same", message="m9") for _ in range(3)))
    assert await house.said_to_customer() == ["Anna from Brook: Sorry."]


async def test_closing_ends_the_paused_dialog_and_is_shown_on_the_card(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    await house.in_group("All settled.", reply_to="1")
    await house.press(ticket, "close")
    await house.deliver()
    after = await house.ticket()
    assert (after.status, after.outcome, after.closed_by) == ("closed", "resolved", "Anna")
    assert (await house.rows("SELECT status FROM conversations"))[0]["status"] == "finished"
    assert "Closed by Anna, 03-02 12:00\nSettled." in house.group[-1].text
    assert house.group[-1].choices == ()
    assert await house.desk.reply(ticket.id, house.anna, "One more thing") == AlreadyClosed()


async def test_after_closing_the_customer_is_answered_by_the_bot_again_and_a_new_ticket_names_the_old_one(
    house: DeskHouse,
) -> None:
    ticket = await house.unhappy()
    await house.in_group("All settled.", reply_to="1")
    await house.desk.close(ticket.id, house.anna, "resolved")
    again = await house.unhappy("still rude")
    assert again.id != ticket.id
    named = f"Unhappy before: ticket #{ticket.id}, closed since."
    assert len([message for message in house.group if named in message.text]) == 1


async def test_not_unhappy_closes_and_keeps_a_correction_to_learn_from(house: DeskHouse) -> None:
    ticket = await house.unhappy("the rider was rude")
    await house.press(ticket, "not_unhappy", BEN)
    assert (await house.ticket()).outcome == "not_unhappy"
    rows = await house.rows(
        "SELECT c.text, c.unhappy, c.staff_id, i.text AS said FROM corrections c JOIN inbound i ON i.id = c.inbound_id"
    )
    assert rows == [{"text": "the rider was rude", "unhappy": 0, "staff_id": house.ben, "said": "the rider was rude"}]
    assert await house.rows("SELECT id FROM jobs WHERE kind = 'recovery'") == []


async def test_what_the_reading_missed_becomes_a_ticket_by_a_colleagues_word(house: DeskHouse) -> None:
    await house.customer("hello there", name="Li Wei")
    inbound = (await house.rows("SELECT id FROM inbound"))[0]["id"]
    result = await house.desk.missed(inbound, house.anna)
    assert isinstance(result, Opened)
    await house.deliver()
    assert "Why: a colleague took it up" in house.group[-1].text
    assert (await house.rows("SELECT unhappy FROM corrections")) == [{"unhappy": 1}]
    with pytest.raises(LookupError, match="no message 99999"):
        await house.desk.missed(99999, house.anna)


async def test_later_unhappiness_joins_the_ticket_changes_its_card_and_stands_under_it(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    # The dialog goes on: staff have not written yet.
    await house.customer("no")
    await house.customer("I will call my lawyer and I want a refund")
    await house.deliver()
    assert (await house.ticket()).id == ticket.id
    assert (await house.ticket()).severity == "high"
    line, changed = house.group[-2:]
    assert (line.text, line.reply_to) == ("Li Wei: I will call my lawyer and I want a refund", "1")
    assert changed.edit_of == "1"
    assert changed.text.startswith(f"#{ticket.id} Very unhappy customer: Li Wei")


async def test_a_colleague_who_is_also_a_customer_is_staff_only_where_they_answer_the_desk(
    store: Database, keys: Keys
) -> None:
    house = DeskHouse(store, keys)
    await house.open(group=("telegram", ANNA))
    ticket = await house.unhappy()
    assert house.telegram.book[0].to.id == ANNA
    # In the very chat where the card stands, Anna writes as a customer.
    asked = await house.customer("feedback", ANNA, "telegram", name="Anna")
    assert asked == "How likely are you to recommend us, 0-10?"
    assert await house.customer("9", ANNA, "telegram") is not None
    assert len(await house.rows("SELECT id FROM answers WHERE slot = 'nps' AND value = '9'")) == 1
    # And there she answers the card.
    assert await house.customer("We are sorry.", ANNA, "telegram", reply_to="1") is None
    assert await house.said_to_customer() == ["Anna from Brook: We are sorry."]
    assert (await house.ticket(ticket.id)).staff == "Anna"
    assert await house.customer("STOP", ANNA, "telegram", kind="stop", reply_to="1") is not None


async def test_a_ticket_without_a_group_is_worked_on_in_the_console_alone(store: Database, keys: Keys) -> None:
    house = DeskHouse(store, keys)
    await house.open(group=None)
    ticket = await house.unhappy()
    assert house.telegram.book == []
    assert [row.id for row in await house.desk.waiting()] == [ticket.id]
    result = await house.desk.reply(ticket.id, house.anna, "  We are sorry.  ")
    assert isinstance(result, Said)
    assert (await house.said_to_customer(), result.channel) == (["Anna from Brook: We are sorry."], "webchat")
    sent = await house.rows("SELECT kind FROM outbox WHERE public_id = $1", result.outgoing)
    assert sent == [{"kind": "staff"}]
    house.clock.at += timedelta(minutes=1)
    await house.customer("thank you")
    lines = [line.text for line in await house.desk.history(ticket.customer_id)]
    assert lines[-2:] == ["Anna from Brook: We are sorry.", "thank you"]
    with pytest.raises(ValueError, match="no words"):
        await house.desk.reply(ticket.id, house.anna, "   ")


async def test_where_the_customer_cannot_be_reached_the_colleague_reads_why(house: DeskHouse) -> None:
    await house.unhappy()
    await house.store.execute("UPDATE addresses SET status = 'closed' WHERE channel = 'webchat'")
    await house.in_group("We are sorry.", reply_to="1")
    await house.deliver()
    assert house.group[-1].text == "The customer cannot be written to: the web chat address is closed"
    assert (await house.ticket()).status == "open"


async def test_where_the_allowance_is_used_up_the_colleague_reads_it_instead_of_losing_the_words(
    house: DeskHouse,
) -> None:
    await house.unhappy()
    house.channels["wechat"] = Chats("wechat", capabilities=WECHAT)
    later = house.clock.ms() + 1000
    spent = "UPDATE addresses SET channel = 'wechat', window_at = $1, window_left = 0 WHERE channel = 'webchat'"
    await house.store.execute(spent, later)
    await house.in_group("We are sorry.", reply_to="1")
    await house.deliver()
    said = "The customer cannot be written to: WeChat takes no more messages until the customer writes again"
    assert house.group[-1].text == said


async def test_a_chinese_team_reads_chinese(store: Database, keys: Keys) -> None:
    house = DeskHouse(store, keys)
    await house.open(language="zh")
    ticket = await house.unhappy("骑手态度很差")
    await house.press(ticket, "claim")
    await house.deliver()
    assert house.group[0].text.startswith(f"#{ticket.id} 客户不满意：Li Wei\n“骑手态度很差”")
    assert [choice.title for choice in house.group[0].choices] == ["我来处理", "回复", "结单", "并非不满"]
    assert "Anna 已接手" in house.group[1].text


async def test_a_group_that_moved_keeps_its_team(house: DeskHouse) -> None:
    await house.in_group("", kind="ignored", moved_to="-200")
    ticket = await house.unhappy()
    assert house.telegram.book[0].to.id == "-200"
    assert ticket.team == "desk"


async def test_staff_go_on_seeing_what_opened_a_ticket_and_all_that_came_after(house: DeskHouse) -> None:
    ticket = await house.unhappy()
    for said in ("no", "and now the soup is cold, terrible", "it was order 4711"):
        house.clock.at += timedelta(minutes=1)
        await house.customer(said)
    await house.deliver()
    after = await house.ticket(ticket.id)
    assert (after.text, after.details["slots"]) == ("the rider was rude", {"nps": 2, "reason": "the rider was rude"})
    assert set(ticket.details["why"]) < set(after.details["why"])
    joined = [event.text for event in await house.desk.events(ticket.id) if event.kind == "joined"]
    assert joined == ["and now the soup is cold, terrible", "it was order 4711"]
    assert house.group[-1].text.startswith(f"#{ticket.id} Unhappy customer: Li Wei\n“the rider was rude”")
    assert "Customer: and now the soup is cold, terrible" in house.group[-1].text
    assert [line.text for line in house.group if line.text.startswith("Li Wei: it")] == ["Li Wei: it was order 4711"]


async def test_who_writes_on_is_told_once_in_a_while_that_it_stands_with_their_ticket(house: DeskHouse) -> None:
    added = "Thank you, I have added this to what you wrote before. A colleague will write to you."
    first = await house.customer("this is terrible, the worst service ever", name="Li Wei")
    assert first == (
        "I am sorry to read this. Your message has been passed on. A colleague will write to you by 16:00 today."
    )
    assert await house.customer("really terrible, the worst ever") == added
    assert await house.customer("it was order 4711") is None
    assert await house.customer("I hate this, awful service") is None
    house.clock.at += 13 * HOUR
    assert await house.customer("hello?") == added


async def test_nothing_is_said_over_a_colleague_who_is_talking(house: DeskHouse) -> None:
    await house.unhappy()
    await house.customer("no")
    await house.in_group("We are very sorry.", reply_to="1")
    assert await house.customer("this is terrible, the worst service ever") is None
    assert await house.customer("it was order 4711") is None
