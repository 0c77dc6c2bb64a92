"""How an outgoing message lies in the outbox, and how it becomes an `Outbound` again.

Rule: the row holds what was decided at the commit; what is derived from keys or from our public address (reply tokens,
links for mail) is made when the message is sent, so that it never lies in the store.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

import orjson

from channels.message import Address, Choice, Outbound
from storage.outbox_rows import ClaimedRow


class Links(Protocol):
    """Addresses of ours that mail carries; made by the web part from the keys and `[server] public_url`."""

    def reply_token(self, outgoing: str) -> str:
        """A signed token that brings an answer back to this message (its public id)."""

    def unsubscribe_url(self, address: Address) -> str:
        """Where one press unsubscribes this address, or an empty string without a public address."""

    def answer_url(self, address: Address, payload: str) -> str:
        """A page where this choice is marked, or an empty string without a public address."""


class Composes(Protocol):
    """Who draws a message only when it is sent."""

    @property
    def kinds(self) -> Collection[str]:
        """The kinds of rows that it draws."""

    async def compose(self, row: ClaimedRow, outbound: Outbound) -> Outbound | None:
        """The message to send for a claimed row of `kinds`; None where the row was settled without being sent."""


@lru_cache(maxsize=64)
def _plain(language: str) -> str:
    return orjson.dumps({"language": language}).decode()


@lru_cache(maxsize=256)
def _read(body: str) -> Mapping[str, Any]:
    """The row's JSON; most rows say no more than their language. What comes out is shared, and only read."""
    data: Mapping[str, Any] = orjson.loads(body)
    return data


def to_body(
    language: str, choices: Sequence[Choice] = (), *, extra: Mapping[str, Any] | None = None
) -> str:
    """The row's JSON. `extra` may hold reply_to, thread, edit_of, subject, template, fields, references."""
    if not choices and not extra:
        return _plain(language)
    body: dict[str, Any] = {"language": language}
    if choices:
        body["choices"] = [[choice.title, choice.payload, choice.url] for choice in choices]
    if extra:
        body.update(extra)
    return orjson.dumps(body).decode()


def outbound_of(public_id: str, to: Address, text: str, body: str, links: Links | None = None) -> Outbound:
    """The message of a row. `links` are given where the channel's messages carry addresses of ours (mail)."""
    data = _read(body)
    choices = tuple(Choice(title, payload, url) for title, payload, url in data.get("choices", ()))
    if links is not None:
        choices = tuple(Choice(c.title, c.payload, c.url or links.answer_url(to, c.payload)) for c in choices)
    return Outbound(
        id=public_id,
        to=to,
        text=text,
        choices=choices,
        language=data["language"],
        reply_to=data.get("reply_to", ""),
        edit_of=data.get("edit_of", ""),
        thread=data.get("thread", ""),
        references=tuple(data.get("references", ())),
        subject=data.get("subject", ""),
        reply_token=links.reply_token(public_id) if links is not None else "",
        unsubscribe_url=links.unsubscribe_url(to) if links is not None else "",
        template=data.get("template", ""),
        fields=data.get("fields", {}),
    )
