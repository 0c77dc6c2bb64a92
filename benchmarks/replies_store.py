"""The store that the replies benchmark begins with, and the books it is held to afterwards.

100,000 customers, each with an address on the channel under load; 20,000 of them in the middle of a dialog that the
engine itself began: three quarters asked for a number, one quarter asked for words.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from dialogs.engine import advance
from dialogs.events import Replied, Started
from dialogs.script import Script, load_script
from storage.crypto import Keys, new_public_id
from storage.database import Database

CUSTOMERS = 100_000
OPEN = 20_000

SCRIPT = """
dialog: after_delivery
title: {en: After delivery, zh: 送达回访}
moment: order.delivered
purpose: service
languages: [en, zh]
session: {remind_after: [20h], expires_after: 3d}
steps:
  - collect: nps
    type: nps
    ask:
      en: "Hi {{ profile.name }}, how likely are you to recommend {{ brand }}? Reply 0–10."
      zh: "{{ profile.name }}您好，您有多大可能向朋友推荐{{ brand }}？请回复 0–10。"
    next:
      - {if: slots.nps <= 6, then: reason}
      - {if: slots.nps >= 9, then: again}
      - else: improve
  - collect: reason
    type: text
    ask: {en: What went wrong?, zh: 哪里让您不满意？}
    next: thanks
  - collect: improve
    type: text
    ask: {en: What would have made it a 10?, zh: 怎样才能打 10 分？}
    next: thanks
  - collect: again
    type: yes_no
    ask: {en: Will you order again?, zh: 还会再来吗？}
  - id: thanks
    say:
      en: "Thank you, {{ profile.name }}, for your {{ slots.nps }}!"
      zh: "谢谢{{ profile.name }}打的 {{ slots.nps }} 分！"
"""

NAMES = ("Ann", "Bob", "李雷", "韩梅梅", "Chloe", "王芳", "Dmitri", "Eve")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a dialog open. `words`: asked for words, not for a number."""

    id: str
    words: bool
    language: str


def person_id(channel: str, number: int) -> str:
    """An address of the platform's shape."""
    match channel:
        case "sms":
            return f"+1555{number:07d}"
        case "telegram":
            return str(1_000_000 + number)
        case "wechat":
            return f"oABCDEFGHIJKLMNOPQRST{number:07d}"
        case _:
            return f"{number:032x}"


def people(channel: str, seed: int) -> list[Person]:
    """The 20,000 who will answer, shuffled by seed."""
    chance = random.Random(seed)
    found = [
        Person(person_id(channel, n), n % 4 == 0, "zh" if n % 2 else "en") for n in range(OPEN)
    ]
    chance.shuffle(found)
    return found


async def fill(database: Database, keys: Keys, channel: str, now: int) -> None:
    """Load customers, addresses, open dialogs, their sent questions and their timers."""
    script = load_script(SCRIPT, path="after_delivery.yml")
    await database.execute(
        """INSERT INTO scripts (name, version, status, source, path, source_hash, moment, purpose, created_at)
 VALUES ('after_delivery', 1, 'published', $1, 'after_delivery.yml', $2, 'order.delivered', 'service', $3)""",
        SCRIPT,
        script.source_hash,
        now,
    )
    for table, columns, rows in (
        ("customers", "id, public_id, name, language, status, created_at", _customers(now)),
        ("addresses", "public_id, channel, lookup, sealed, customer_id, created_at", _addresses(keys, channel, now)),
        (
            "conversations",
            "id, public_id, customer_id, script_id, address_id, status, state, revision, opened_at",
            _conversations(script, channel, now),
        ),
        (
            "outbox",
            "public_id, address_id, customer_id, conversation_id, channel, kind, sequence, text, status, run_at,"
            " created_at, sent_at",
            _questions(channel, now),
        ),
        ("jobs", "kind, subject_id, sequence, run_at, created_at", _timers(now)),
    ):
        await _copy(database, table, columns, list(rows))
    await _resequence(database)


async def _copy(database: Database, table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    names = [name.strip() for name in columns.split(",")]
    if database.kind == "postgresql":
        async with database.acquire() as connection:
            await connection.copy_records_to_table(table, records=rows, columns=names)
        return
    marks = ", ".join(f"${n}" for n in range(1, len(names) + 1))
    await database.execute_many(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)


async def _resequence(database: Database) -> None:
    if database.kind == "postgresql":
        for table in ("customers", "conversations"):
            await database.fetch(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
        await database.execute("ANALYZE")
    else:
        await database.execute("ANALYZE")


def _customers(now: int) -> Iterator[tuple[Any, ...]]:
    for n in range(CUSTOMERS):
        yield n + 1, new_public_id(), NAMES[n % len(NAMES)], "zh" if n % 2 else "en", "known", now


def _addresses(keys: Keys, channel: str, now: int) -> Iterator[tuple[Any, ...]]:
    for n in range(CUSTOMERS):
        identity = person_id(channel, n)
        yield new_public_id(), channel, keys.lookup(channel, identity), keys.seal(identity.encode()), n + 1, now


def _conversations(script: Script, channel: str, now: int) -> Iterator[tuple[Any, ...]]:
    for n in range(OPEN):
        public, language = new_public_id(), "zh" if n % 2 else "en"
        event = Started(now / 1000, public, language, channel, brand="Brook", profile={"name": NAMES[n % len(NAMES)]})
        state, _ = advance(script, None, event)
        revision = 0
        if n % 4 == 0:
            state, _ = advance(script, state, Replied(now / 1000 + 1, "7" if n % 8 else "5", channel))
            revision = 1
        yield n + 1, public, n + 1, 1, n + 1, "open", state.to_json().decode(), revision, now


def _questions(channel: str, now: int) -> Iterator[tuple[Any, ...]]:
    for n in range(OPEN):
        yield new_public_id(), n + 1, n + 1, n + 1, channel, "question", 1, "How likely?", "sent", now, now, now


def _timers(now: int) -> Iterator[tuple[Any, ...]]:
    for n in range(OPEN):
        yield "reminder", n + 1, 1, now + 72_000_000, now
        yield "expiry", n + 1, 2, now + 259_200_000, now


async def violations(database: Database, replies: int) -> list[str]:
    """What does not add up after `replies` answered requests; empty where all does."""
    found = []
    counts = {
        "inbound rows": "SELECT count(*) AS n FROM inbound WHERE status = 'read'",
        "answers": "SELECT count(*) AS n FROM answers",
        "outgoing rows": "SELECT count(*) AS n FROM outbox WHERE inbound_id IS NOT NULL AND kind <> 'card'",
        "revisions": f"SELECT sum(revision) - {OPEN // 4} AS n FROM conversations",
    }
    for name, sql in counts.items():
        row = await database.fetch_one(sql)
        count = int(row["n"] or 0) if row else 0
        if count != replies:
            found.append(f"{count} {name} for {replies} replies")
    return found


def as_bytes(value: object) -> bytes:
    """JSON."""
    return orjson.dumps(value)
