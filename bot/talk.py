"""One step of a conversation: the event goes into the engine, the effects come out as rows.

Rule: pure, like everything below `decide.decide`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import orjson

from bot import escalation
from bot.effects_to_rows import Desk, carry_out
from bot.frame import Frame
from dialogs.events import Event, Replied, Started
from dialogs.promised import advance_as_promised
from dialogs.state import State
from storage.turn_rows import Book, Item, NewTalk, TalkWrite, Writes


def step(
    frame: Frame, item: Item, book: Book, event: Event, desk: Desk, writes: Writes, new: NewTalk | None = None
) -> None:
    """Advance the book's conversation, or the `new` one, by `event`, and put everything that follows into `writes`."""
    script_id = new.script_id if new is not None else book.talk.script_id if book.talk else 0
    state = None if new is not None or book.talk is None else State.from_json(book.talk.state.encode())
    promise = partial(escalation.promise, frame, item, book)
    event, after, effects = advance_as_promised(frame.script(script_id), state, event, promise)
    desk.language = after.language
    carried = carry_out(effects, writes, book, desk)
    status = carried.outcome or ("paused" if after.status == "paused" else "open")
    writes.talk = TalkWrite(after.to_json().decode(), status, desk.address_id, new)
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
        timezone=book.timezone or frame.timezone,
        profile=profile,
        moment=moment,
    )
    step(frame, item, book, event, desk, writes, new)


def language_of(book: Book) -> str:
    """The language of the customer's open conversation; empty without one."""
    return str(orjson.loads(book.talk.state).get("language", "")) if book.talk is not None else ""


def desk_of(book: Book, item: Item) -> Desk:
    """Where the customer's open conversation goes on."""
    assert book.talk is not None
    state = State.from_json(book.talk.state.encode())
    return Desk(book.talk.address_id, state.channel, state.language, book.talk.public_id, item.now)
