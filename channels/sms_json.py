"""What Twilio posts as JSON becomes the same fields as a form: its Event Streams, and what a Studio flow posts.

Rule: a body is read as JSON only where the address has `bodySHA256`, since Twilio signs the address alone then, and the
hash in it is all that vouches for the body. `said_in_json` decides this for the signature and for the reading alike.

    body                                                becomes
    {"MessageSid": …, "Body": …}                        one set of fields, named as in the form
    [{"specversion": "1.0", "data": {"messageSid": …}}] one for each event: names with a capital, `at` its timestamp

Numbers and booleans become their text, as a form has them; lists, objects and null are no fields.
https://www.twilio.com/docs/usage/webhooks/webhooks-security#validate-with-json
https://www.twilio.com/docs/events/event-types/messaging/inbound-message
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qs

import orjson

from channels.errors import MalformedRequest
from channels.message import Request
from channels.sms_form import MAX_FIELDS, Form

_MAX_EVENTS: Final = 1000
_HASH: Final = "bodySHA256"


@dataclass(frozen=True, slots=True)
class Said:
    """One event's fields, when it happened where it tells, and the object as it came."""

    form: Form
    at: datetime | None
    raw: Mapping[str, object]


def said_in_json(request: Request) -> bool:
    """Whether this is a JSON webhook; a form's names are escaped and never begin with a bracket."""
    return request.method == "POST" and bool(_hash_of(request.url)) and request.body.lstrip()[:1] in (b"{", b"[")


def is_hash(request: Request) -> bool:
    """Whether the body is the one whose hash stands in the address."""
    computed = hashlib.sha256(request.body).hexdigest()
    return hmac.compare_digest(computed.encode(), _hash_of(request.url).encode("utf-8", "replace"))


def said(body: bytes) -> tuple[Said, ...]:
    """Every event of a JSON body. MalformedRequest where there is none, or absurdly many, or it is no JSON."""
    try:
        told = orjson.loads(body)
    except ValueError:
        raise MalformedRequest("the body is not well-formed JSON") from None
    several = told if isinstance(told, list) else [told]
    if len(several) > _MAX_EVENTS:
        raise MalformedRequest(f"the body has more than {_MAX_EVENTS} events")
    events = tuple(_event(item) for item in several if isinstance(item, dict))
    if not events:
        raise MalformedRequest("the body has no event in it: an object, or a list of objects, is expected")
    return events


def _event(item: Mapping[str, object]) -> Said:
    data = item.get("data")
    fields = data if isinstance(data, dict) else item
    if len(fields) > MAX_FIELDS:
        raise MalformedRequest(f"an event has more than {MAX_FIELDS} fields")
    form = Form()
    for name, value in _texts(fields):
        form.setdefault(name[:1].upper() + name[1:], [value])
    return Said(form, _time(form.first("Timestamp")), item)


def _texts(fields: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if isinstance(value, bool):
            yield name, "true" if value else "false"
        elif isinstance(value, str | int | float):
            yield name, str(value)


def _time(value: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _hash_of(url: str) -> str:
    return parse_qs(url.partition("?")[2]).get(_HASH, [""])[0]
