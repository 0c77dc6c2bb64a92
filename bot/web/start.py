"""The start page: one screen that shows what Motline does, on the sample customers, without a manual.

Rule: it acts on customers, so it is for this machine alone, while nothing is public, or for a signed-in admin; to all
others `/` says no more than whose site it is.
"""

from __future__ import annotations

import re
import secrets
import shlex
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.access import COOKIE
from bot.clock import milliseconds
from bot.greeting import program
from bot.house import House
from bot.reasons import key_of, reason_in
from bot.turn_carry import Begin
from bot.web.pages import Pages
from bot.web.parts import Access, Parts
from storage import moments
from storage.customers import Customers

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
# As a browser here writes it: nothing that has to be understood, so nothing that can be misunderstood.
_OWN_NAME: Final = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_MOMENT: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_REPORTED: Final = re.compile(r"start-[0-9a-f]{16}")
_MAX_BODY: Final = 4096
_SHOWN: Final = 12
#: What a person at the start page may decide otherwise; whether the customer agrees is not among it.
_MAY_ASK_ANYWAY: Final = ("quiet", "lately")


class Start:
    """`/` and what its buttons do."""

    def __init__(self, parts: Parts, access: Access, pages: Pages, house: House) -> None:
        self._parts = parts
        self._access = access
        self._pages = pages
        self._house = house
        self._customers = Customers(parts.database, parts.keys)

    async def page(self, asked: Request) -> Response:
        """`GET /`."""
        language = self._pages.language(asked)
        if not await self._may(asked):
            chat = self._parts.config.webchat.enabled and self._parts.config.webchat.anonymous
            return self._pages.render("front.html", language, chat=chat)
        return self._pages.render(
            "start.html",
            language,
            customers=await self._samples(),
            moments=self._moments(language),
            program=program(),
            other="en" if language == "zh" else "zh",
        )

    async def fire(self, asked: Request) -> Response:
        """`POST /start/fire {"customer", "moment"}`: report the moment, as a shop's own system would."""
        given = await self._given(asked)
        if given is None:
            return JSONResponse({"error": "not from here"}, 403)
        found = await self._customers.named(_text(given, "customer"))
        name = _text(given, "moment")
        if found is None or not _MOMENT.fullmatch(name):
            return JSONResponse({"error": "no such customer or moment"}, 404)
        identity = f"start-{secrets.token_hex(8)}"
        await moments.report(self._parts.database, identity, name, found.id, now=milliseconds(self._parts.clock.now()))
        self._house.wake_timers()
        return JSONResponse({"id": identity})

    async def outcome(self, asked: Request) -> Response:
        """`GET /start/moments/{id}`: what came of it."""
        if not await self._may(asked):
            return JSONResponse({"error": "not from here"}, 403)
        identity = asked.path_params["id"]
        found = await moments.named(self._parts.database, identity) if _REPORTED.fullmatch(identity) else None
        if found is None:
            return JSONResponse({"error": "no such moment"}, 404)
        return JSONResponse({**self._why(asked, found.reason), "outcome": found.outcome})

    async def now(self, asked: Request) -> Response:
        """`POST /start/now {"customer", "moment"}`: begin the dialog at once, whatever the hour: a person decided so.

        Whether the customer agrees to be asked is not that person's to decide.
        """
        given = await self._given(asked)
        if given is None:
            return JSONResponse({"error": "not from here"}, 403)
        found = await self._customers.named(_text(given, "customer"))
        name = _text(given, "moment")
        scripts = self._house.shelf.published.moments.get(name, ())
        if found is None or not scripts:
            return JSONResponse({"error": "no such customer or moment"}, 404)
        rows = await self._parts.database.fetch(
            "SELECT id FROM addresses WHERE customer_id = $1 AND channel = 'webchat' AND status = 'open'", found.id
        )
        if not rows:
            return JSONResponse({"error": "the customer said stop in the chat"}, 409)
        begin = Begin(scripts[0], rows[0]["id"], "webchat", name, {"name": name})
        booked = await self._house.conversations.nudge(found.id, begin)
        if booked.outgoing:
            return JSONResponse({"outcome": "started"})
        why = booked.writes.result if booked.writes is not None else ""
        return JSONResponse({**self._why(asked, why or booked.reason), "outcome": "not_sent"})

    def _why(self, asked: Request, kept: str) -> dict[str, Any]:
        """The reason in the page's language, and whether a person may decide otherwise."""
        return {"reason": reason_in(kept, self._pages.language(asked)), "anyway": key_of(kept) in _MAY_ASK_ANYWAY}

    async def desk(self, asked: Request) -> Response:
        """`GET /start/desk`: the tickets that staff see, newest first."""
        if not await self._may(asked):
            return JSONResponse({"error": "not from here"}, 403)
        rows = await self._parts.database.fetch(
            """SELECT t.public_id AS id, t.status, t.severity, t.reason, t.text, t.opened_at, c.name
 FROM tickets t JOIN customers c ON c.id = t.customer_id ORDER BY t.id DESC LIMIT $1""",
            _SHOWN,
        )
        return JSONResponse({"tickets": rows}, headers={"cache-control": "no-store"})

    async def _may(self, asked: Request) -> bool:
        """Whether this is an admin, or somebody at this very machine while Motline has no public address.

        The Host header must be this machine's name too, or a page elsewhere could reach us through a name of its own.
        """
        session = await self._access.session(asked.cookies.get(COOKIE, ""))
        if session is not None:
            return session.role == "admin"
        headers = asked.headers
        forwarded = any(name in headers for name in ("x-forwarded-for", "forwarded", "via", "x-real-ip"))
        here = (asked.client.host if asked.client else "") in _LOOPBACK
        near = here and _OWN_NAME.fullmatch(headers.get("host", "")) is not None
        return near and not forwarded and not self._parts.config.server.public_url

    async def _given(self, asked: Request) -> dict[str, Any] | None:
        """The JSON of a press on our own page, or None."""
        same = asked.headers.get("sec-fetch-site", "same-origin") == "same-origin" and self._is_ours(asked)
        typed = asked.headers.get("content-type", "").startswith("application/json")
        if not (same and typed and await self._may(asked)):
            return None
        body = b""
        async for part in asked.stream():
            body += part
            if len(body) > _MAX_BODY:
                return None
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError:
            return None
        return given if isinstance(given, dict) else None

    def _is_ours(self, asked: Request) -> bool:
        """Whether the page that sends this is ours; a program without a browser names none."""
        origin = asked.headers.get("origin")
        own = (asked.headers.get("host", ""), self._parts.config.address.partition("://")[2])
        return origin is None or origin.partition("://")[2] in own

    async def _samples(self) -> list[dict[str, str]]:
        rows = await self._parts.database.fetch(
            """SELECT c.public_id, c.external_id, c.name, c.language
 FROM customers c JOIN addresses a ON a.customer_id = c.id
 WHERE a.channel = 'webchat' AND c.status = 'known' ORDER BY c.id LIMIT $1""",
            _SHOWN,
        )
        return [
            {
                "id": row["public_id"],
                "known_as": shlex.quote(row["external_id"] or row["public_id"]),  # as a terminal takes it
                "name": row["name"] or row["public_id"][:8],
                "language": row["language"],
                "chat": f"/c/{self._parts.links.chat_token(row['public_id'])}",
            }
            for row in rows
        ]

    def _moments(self, language: str) -> list[dict[str, str]]:
        """The moments that begin a dialog, by its title; the recovery dialog begins by itself."""
        shelf = self._house.shelf
        shown = []
        for name, scripts in sorted(shelf.published.moments.items()):
            title = shelf.compiled[scripts[0]].title
            if shelf.compiled[scripts[0]].name != self._parts.config.desk.recovery_script:
                shown.append({"name": name, "title": title.get(language) or next(iter(title.values()), name)})
        return shown


def _text(given: dict[str, Any], name: str) -> str:
    """A field's text; empty where it is none, or holds what no name holds."""
    value = given.get(name)
    return value if isinstance(value, str) and value.isprintable() else ""
