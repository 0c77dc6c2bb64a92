"""What travels between a platform and Motline: frozen, plain, the same for every channel.

Rule: nothing in this file knows a platform. What only one platform has stays in its adapter or in `raw`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal[
    "text",
    "edited",
    "command",
    "choice",
    "media",
    "location",
    "contact",
    "stop",
    "start",
    "help",
    "follow",
    "unfollow",
    "scan",
    "menu",
    "receipt",
    "blocked",
    "unblocked",
    "bounce",
    "auto_reply",
    "list_mail",
    "ignored",
]

ReceiptStatus = Literal["sent", "delivered", "read", "failed"]


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody is reached: `channel` ("telegram", "sms", …) and the platform's own `id` for them."""

    channel: str
    id: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A button. `title` is what people read, `payload` (at most 64 bytes of ASCII) what comes back when it is pressed.

    `url` makes it a link instead (email, SMS); then the payload does not travel.
    """

    title: str
    payload: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, a voice message, a file: what the platform calls it, and the platform's own id or address of it."""

    type: str
    id: str = ""
    url: str = ""
    mime: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing that somebody did on a platform.

    `external_id` with (`account`, `kind`) is the deduplication key of CONTRACTS; empty means "cannot be deduplicated".
    `message` is the platform's id of the message itself where that is another one; an edit has that of what it edits.
    `sender` is the person, `chat` the place to answer to (they differ in groups). `at` is the platform's time in UTC.
    `payload` is the button's or the deep link's string. `reply_to` is the platform's id of the message that this one
    answers (email: the best of In-Reply-To and References), `pressed` that of the message whose button was pressed,
    `token` a signed token that our own message carried and this one brought back. `thread` is a forum topic.
    `recipient` and `permanent` belong to a bounce: whose mail came back, and whether for good.
    `paid`: the platform says that they have just paid us through it.
    `moved_to` is the new id of `chat` where the platform says that it moved (a group become supergroup).
    `raw` is what the platform sent, as JSON-able data or text, kept beside for the record.
    """

    kind: Kind
    channel: str
    account: str
    external_id: str
    sender: str
    chat: str
    at: datetime
    text: str = ""
    payload: str = ""
    name: str = ""
    language: str = ""
    group: bool = False
    reply_to: str = ""
    pressed: str = ""
    callback: str = ""
    token: str = ""
    thread: str = ""
    recipient: str = ""
    permanent: bool = False
    moved_to: str = ""
    paid: bool = False
    message: str = ""
    media: tuple[Media, ...] = ()
    raw: object = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message we sent: `message` is the platform's id of it, `reference` our own where it travelled.

    Of a failed one: `permanent` says that the address will never take a message of ours, so it is closed, `stopped`
    that it is so by the person's own word, until they take it back; `retry_after` (seconds) that the message itself may
    be sent again later, None that it is dead.
    """

    channel: str
    account: str
    external_id: str
    message: str
    status: ReceiptStatus
    at: datetime
    reference: str = ""
    error_code: str = ""
    reason: str = ""
    permanent: bool = False
    stopped: bool = False
    retry_after: float | None = None
    kind: Literal["receipt"] = "receipt"
    raw: object = None


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to send, already fitted to the channel by `render.fit`: one of these is one call to the provider.

    `id` is our public id of it (32 hex digits); it travels as status callback reference, Message-ID, or not at all.
    `reply_to` is the platform's id to answer or thread to; `edit_of` the platform's id of a message to change instead.
    `thread` is a forum topic. `subject`, `unsubscribe_url` and `page_url` are for mail. `template` names a provider's
    template with its `fields`, where a platform allows nothing else. `staff` addresses are groups or colleagues.
    """

    id: str
    to: Address
    text: str
    choices: tuple[Choice, ...] = ()
    language: str = "en"
    reply_to: str = ""
    edit_of: str = ""
    thread: str = ""
    references: tuple[str, ...] = ()
    subject: str = ""
    reply_token: str = ""
    unsubscribe_url: str = ""
    page_url: str = ""
    template: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """A webhook request as it reached us. `url` is the public address with its query; header names are lower-case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """What the platform gets back."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
