"""One step of a conversation: the event goes into the engine, the effects come out as rows.

Rule: pure, like everything below `decide.decide`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import orjson

from bot import escalation
from bot.effects_to_rows import Carried, Desk, carry_out
from bot.frame import Frame
from bot.turn_carry import zone_of_customer
from dialogs.events import Event, Replied, Started
from dialogs.promised import advance_as_promised
from dialogs.state import State
from storage.turn_rows import Book, Item, NewTalk, Talk, TalkWrite, Writes


def step(
    frame: Frame, item: Item, book: Book, event: Event, desk: Desk, writes: Writes, new: NewTalk | None = None
) -> None:
    """Advance the book's conversation, or the `new` one, by `event`, and put everything that follows into `writes`."""
    talk = None if new is not None else book.talk
    script_id = new.script_id if new is not None else talk.script_id if talk else 0
    state = State.from_json(talk.state.encode()) if talk is not None else None
    promise = partial(escalation.promise, frame, item, book)
    event, after, effects = advance_as_promised(frame.script(script_id), state, event, promise)
    desk.language = after.language
    carried = carry_out(effects, writes, book, desk)
    status = carried.outcome or ("paused" if after.status == "paused" else "open")
    # What answers an earlier question does not take the dialog along.
    stays = talk is not None and (after.channel != desk.channel or after.place != str(desk.address_id))
    writes.talk = TalkWrite(
        after.to_json().decode(), status, talk.address_id if talk and stays else desk.address_id, new
    )
    _keep(frame, item, book, event, desk, writes, after, carried, script_id)


def step_late(frame: Frame, item: Item, book: Book, event: Replied, desk: Desk, writes: Writes, talk: Talk) -> bool:
    """Give `event` to a conversation that has ended; false, and nothing written, where it means nothing to it."""
    state = State.from_json(talk.state.encode())
    if state.status != "finished":  # Staff ended it while it was theirs.
        state.left, state.status, state.outcome, state.open_step = state.open_step, "finished", "finished", -1
    promise = partial(escalation.promise, frame, item, book)
    told, after, effects = advance_as_promised(frame.script(talk.script_id), state, event, promise)
    if not effects and event.last_here:
        return False
    desk.language, desk.conversation = after.language, talk.public_id
    carried = carry_out(effects, writes, book, desk)
    writes.talk = TalkWrite(after.to_json().decode(), talk.status, talk.address_id, earlier=talk.id)
    _keep(frame, item, book, told, desk, writes, after, carried, talk.script_id)
    return True


def _keep(
    frame: Frame,
    item: Item,
    book: Book,
    event: Event,
    desk: Desk,
    writes: Writes,
    after: State,
    carried: Carried,
    script_id: int,
) -> None:
    """The event for the record, and what concerns staff."""
    kept = orjson.dumps(event).decode()
    if isinstance(event, Replied):
        writes.event = kept
        if event.verdict != "fine" and event.mood is not None:
            writes.mood = orjson.dumps(event.mood).decode()
    else:
        writes.log = (type(event).__name__, kept)
    if carried.escalations:
        said = event.text if isinstance(event, Replied) else ""
        escalation.escalate(frame, item, book, carried.escalations, writes, desk, said=said, slots=after.slots)
    for trouble in carried.troubles:
        escalation.warn_staff(frame, script_id, trouble, writes, item.now)


def begin(
    frame: Frame, item: Item, book: Book, desk: Desk, writes: Writes, new: NewTalk, moment: Mapping[str, Any]
) -> None:
    """Start a conversation at `desk`."""
    script = frame.script(new.script_id)
    language = frame.language_in(script, book)
    desk.language = language
    desk.conversation = new.public_id
    profile = {**orjson.loads(book.attributes), "name": book.name, "tags": orjson.loads(book.tags)}
    event = Started(
        at=item.now / 1000,
        seed=new.public_id,
        language=language,
        channel=desk.channel,
        brand=frame.brand,
        timezone=zone_of_customer(item.carry, book.timezone) or frame.timezone,
        profile=profile,
        moment=moment,
    )
    step(frame, item, book, event, desk, writes, new)


def unheard(writes: Writes) -> bool:
    """Whether a dialog ends because it could not be delivered, before the customer said anything to it."""
    talk = writes.talk
    return talk is not None and talk.status == "undelivered" and not State.from_json(talk.state.encode()).answers


def language_of(book: Book) -> str:
    """The language of the customer's open conversation; empty without one."""
    return str(orjson.loads(book.talk.state).get("language", "")) if book.talk is not None else ""


def desk_of(book: Book, item: Item) -> Desk:
    """Where the customer's open conversation goes on."""
    assert book.talk is not None
    state = State.from_json(book.talk.state.encode())
    return Desk(book.talk.address_id, state.channel, state.language, book.talk.public_id, item.now)
