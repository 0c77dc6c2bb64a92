"""What few turns write: tickets, consents, profile changes, closed addresses, outcomes of moments.

Rule: pure. Plain statements with numbered placeholders that both stores understand, in the order they are to run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from storage.consents import PURPOSES
from storage.turn_batch import Decided
from storage.turn_rows import CaseMove, CorrectionRow, DeskInbound, Writes

Statement = tuple[str, tuple[Any, ...]]

PROFILE_COLUMNS: Final = ("name", "language", "platform_language", "timezone", "attributes", "tags", "status")


def rare_statements(decided: Decided) -> Iterator[Statement]:
    """The statements of one decided item beyond its hot rows."""
    writes, customer, now = decided.writes, decided.book.customer_id, decided.item.now
    if writes.ticket is not None and not decided.written:
        yield from _ticket(decided)
    for column, value in writes.profile.items():
        if column not in PROFILE_COLUMNS:
            raise ValueError(f"customers.{column} is not a turn's to write")
        yield f"UPDATE customers SET {column} = $1 WHERE id = $2", (value, customer)
    yield from _consents(writes, customer, now)
    if writes.address_status is not None and decided.place is not None:
        status, reason = writes.address_status
        yield "UPDATE addresses SET status = $1, reason = $2 WHERE id = $3", (status, reason[:200], decided.place.id)
    if writes.greets and (decided.item.arrival is None or decided.place is None or decided.place.id != writes.greets):
        yield "UPDATE addresses SET greeted_at = $1 WHERE id = $2", (now, writes.greets)
    if writes.moment is not None:
        yield from _moment(decided, writes.moment)
    for move in writes.moves:
        yield from _move(decided, move)
    if writes.kept is not None:
        yield kept_statement(writes.kept)
    if writes.correction is not None:
        yield correction_statement(writes.correction, now)
    if writes.broken_job and decided.item.job is not None:
        job = decided.item.job
        yield "UPDATE jobs SET status = 'failed', error = $1 WHERE id = $2", (writes.broken_job[:2000], job.id)
    if writes.void_outgoing and decided.talk is not None:
        yield (
            """UPDATE outbox SET status = 'cancelled', finished_at = $1
 WHERE conversation_id = $2 AND customer_id = $3 AND status IN ('due', 'retry')
 AND coalesce(inbound_id, 0) <> $4""",
            (now, decided.talk.id, customer, decided.inbound_id),
        )


def _consents(writes: Writes, customer: int, now: int) -> Iterator[Statement]:
    """What the customer allows from now on."""
    for purpose, status, source in writes.consents:
        if status == "granted" and source.startswith("asked:"):
            yield from _asked(customer, purpose, source, now)
            continue
        yield (
            """INSERT INTO consents (customer_id, purpose, status, source, at) VALUES ($1, $2, $3, $4, $5)
 ON CONFLICT (customer_id, purpose)
 DO UPDATE SET status = excluded.status, source = excluded.source, at = excluded.at""",
            (customer, purpose, status, source, now),
        )
        yield _audit(customer, f"consent.{status}", purpose, now)
    if writes.withdraw_all:
        yield (
            """UPDATE consents SET status = 'withdrawn', source = $1, at = $2
 WHERE customer_id = $3 AND status = 'granted'""",
            (writes.withdraw_all, now, customer),
        )
        for purpose in PURPOSES:
            # What was never spoken of is withdrawn too, and is not given back by a START.
            yield (
                """INSERT INTO consents (customer_id, purpose, status, source, at)
 VALUES ($1, $2, 'withdrawn', $3, $4) ON CONFLICT (customer_id, purpose) DO NOTHING""",
                (customer, purpose, f"never given; {writes.withdraw_all}", now),
            )
        yield _audit(customer, "consent.withdrawn", "all", now)
    if writes.restore_consents:
        yield (
            """UPDATE consents SET status = 'granted', source = $1, at = $2
 WHERE customer_id = $3 AND status = 'withdrawn' AND source LIKE 'stop:%'""",
            (writes.restore_consents, now, customer),
        )
        yield _audit(customer, "consent.granted", "restored", now)


def _asked(customer: int, purpose: str, source: str, now: int) -> Iterator[Statement]:
    """Who asks to be asked agrees to it, unless they have said no before: that only a START takes back."""
    yield (
        """INSERT INTO audit (actor, action, subject, at) SELECT $1, 'consent.granted', $2, CAST($3 AS bigint)
 WHERE NOT EXISTS (SELECT 1 FROM consents WHERE customer_id = $4 AND purpose = $5)""",
        (f"customer:{customer}", purpose, now, customer, purpose),
    )
    yield (
        """INSERT INTO consents (customer_id, purpose, status, source, at) VALUES ($1, $2, 'granted', $3, $4)
 ON CONFLICT (customer_id, purpose) DO NOTHING""",
        (customer, purpose, source, now),
    )


def _audit(customer: int, action: str, subject: str, now: int) -> Statement:
    return (
        "INSERT INTO audit (actor, action, subject, at) VALUES ($1, $2, $3, $4)",
        (f"customer:{customer}", action, subject, now),
    )


def _moment(decided: Decided, moment: tuple[int, str, str]) -> Iterator[Statement]:
    identity, outcome, reason = moment
    conversation = decided.talk.id if decided.talk is not None and outcome == "started" else None
    yield (
        "UPDATE moments SET outcome = $1, reason = $2, conversation_id = $3 WHERE id = $4",
        (outcome, reason[:200], conversation, identity),
    )


def _ticket(decided: Decided) -> Iterator[Statement]:
    new, case, now = decided.writes.ticket, decided.case, decided.item.now
    assert new is not None
    assert case is not None
    if decided.opens:
        conversation = decided.talk.id if decided.talk is not None else None
        yield (
            """INSERT INTO tickets (id, public_id, customer_id, conversation_id, team_id, severity, reason, text, body,
 address_id, opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
            (
                case.id,
                new.public_id,
                decided.book.customer_id,
                conversation,
                new.team_id,
                new.severity,
                new.reason,
                new.text,
                new.body,
                new.address_id,
                now,
            ),
        )
    else:
        # What it was opened with stays; words that follow a score alone are the first there are.
        yield (
            """UPDATE tickets SET severity = $1, body = $2, text = CASE WHEN text = '' THEN $3 ELSE text END
 WHERE id = $4""",
            (case.severity, new.body, new.text, case.id),
        )
    yield (
        "INSERT INTO ticket_events (ticket_id, kind, text, at) VALUES ($1, $2, $3, $4)",
        (case.id, "opened" if decided.opens else "joined", new.text, now),
    )


_MOVES: Final = {
    "claimed": "UPDATE tickets SET status = 'claimed', staff_id = $1, claimed_at = $2 WHERE id = $3",
    "released": "UPDATE tickets SET status = 'open', staff_id = NULL, claimed_at = NULL WHERE id = $1",
    "said": "UPDATE tickets SET engaged_at = coalesce(engaged_at, $1) WHERE id = $2",
    "closed": """UPDATE tickets SET status = 'closed', outcome = $1, closed_at = $2,
 staff_id = coalesce(staff_id, $3) WHERE id = $4""",
}


def _move(decided: Decided, move: CaseMove) -> Iterator[Statement]:
    case, now = decided.case, decided.item.now
    assert case is not None
    values: dict[str, tuple[Any, ...]] = {
        "claimed": (move.staff_id, now, case.id),
        "released": (case.id,),
        "said": (now, case.id),
        "closed": (move.outcome, now, move.staff_id, case.id),
    }
    if move.kind in _MOVES:
        yield _MOVES[move.kind], values[move.kind]
    yield (
        "INSERT INTO ticket_events (ticket_id, kind, staff_id, text, at) VALUES ($1, $2, $3, $4, $5)",
        (case.id, move.kind, move.staff_id, move.text, now),
    )


def kept_statement(kept: DeskInbound) -> Statement:
    """Keeps a message of staff; the store refuses one whose `dedup` is there already."""
    return (
        """INSERT INTO inbound (dedup, address_id, ticket_id, kind, text, raw_sealed, external, status, at, created_at)
 VALUES ($1, $2, $3, $4, $5, $6, $7, 'desk', $8, $9)""",
        (
            kept.dedup,
            kept.address_id,
            kept.ticket_id,
            kept.kind,
            kept.text,
            kept.raw,
            kept.external,
            kept.at,
            kept.received_at,
        ),
    )


def correction_statement(row: CorrectionRow, now: int) -> Statement:
    """Keeps staff's word against a reading."""
    return (
        """INSERT INTO corrections (inbound_id, staff_id, text, language, unhappy, topics, at)
 VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        (row.inbound_id, row.staff_id, row.text, row.language, row.unhappy, row.topics, now),
    )
