"""What few turns write: tickets, consents, profile changes, closed addresses, outcomes of moments.

Rule: pure. Plain statements with numbered placeholders that both stores understand, in the order they are to run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from storage.turn_batch import Decided

Statement = tuple[str, tuple[Any, ...]]

PROFILE_COLUMNS: Final = ("name", "language", "platform_language", "timezone", "attributes", "tags", "status")


def rare_statements(decided: Decided) -> Iterator[Statement]:
    """The statements of one decided item beyond its hot rows."""
    writes, customer, now = decided.writes, decided.book.customer_id, decided.item.now
    if writes.ticket is not None:
        yield from _ticket(decided)
    for column, value in writes.profile.items():
        if column not in PROFILE_COLUMNS:
            raise ValueError(f"customers.{column} is not a turn's to write")
        yield f"UPDATE customers SET {column} = $1 WHERE id = $2", (value, customer)
    for purpose, status, source in writes.consents:
        yield (
            """INSERT INTO consents (customer_id, purpose, status, source, at) VALUES ($1, $2, $3, $4, $5)
 ON CONFLICT (customer_id, purpose)
 DO UPDATE SET status = excluded.status, source = excluded.source, at = excluded.at""",
            (customer, purpose, status, source, now),
        )
        yield _audit(customer, f"consent.{status}", purpose, now)
    if writes.withdraw_all:
        yield (
            "UPDATE consents SET status = 'withdrawn', source = $1, at = $2 WHERE customer_id = $3",
            (writes.withdraw_all, now, customer),
        )
        yield _audit(customer, "consent.withdrawn", "all", now)
    if writes.restore_consents:
        yield (
            """UPDATE consents SET status = 'granted', source = $1, at = $2
 WHERE customer_id = $3 AND status = 'withdrawn' AND source LIKE 'stop:%'""",
            (writes.restore_consents, now, customer),
        )
        yield _audit(customer, "consent.granted", "restored", now)
    if writes.address_status is not None and decided.place is not None:
        status, reason = writes.address_status
        yield "UPDATE addresses SET status = $1, reason = $2 WHERE id = $3", (status, reason[:200], decided.place.id)
    if writes.moment is not None:
        yield from _moment(decided, writes.moment)
    if writes.void_outgoing and decided.talk is not None:
        yield (
            """UPDATE outbox SET status = 'cancelled', finished_at = $1
 WHERE conversation_id = $2 AND status IN ('due', 'retry') AND created_at < $1 AND kind <> 'notice'""",
            (now, decided.talk.id),
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
        yield "UPDATE tickets SET severity = $1, text = $2, body = $3 WHERE id = $4", (
            case.severity,
            new.text,
            new.body,
            case.id,
        )
    yield (
        "INSERT INTO ticket_events (ticket_id, kind, text, at) VALUES ($1, $2, $3, $4)",
        (case.id, "opened" if decided.opens else "joined", new.text, now),
    )
