"""Pages behind links in mail: an answer to confirm, an unsubscription.

Rule: a GET records nothing. Scanners open every link of a mail; only a press, or a provider's one-click POST
(RFC 8058), acts.
"""

from __future__ import annotations

import secrets
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from bot.payloads import read_answer_payload
from bot.web.pages import Pages
from bot.web.parts import Parts
from channels.message import Address, Inbound

_MAX_FORM: Final = 4096


class MailPages:
    """`/answer/{token}` and `/unsubscribe/{token}`."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages

    async def answer(self, asked: Request) -> Response:
        """GET shows the marked choice among the others; POST records it."""
        found = self._parts.links.answers(asked.path_params["token"])
        if found is None:
            return self._pages.message(asked, "webchat.link_invalid", status=404)
        address, payload = found
        choices = await self._choices(payload)
        language = self._pages.language(asked, choices[0] if choices else "")
        if asked.method == "POST":
            form = await _form(asked)
            chosen = form.get("payload", payload)
            known = [value for _title, value in choices[1]] if choices else [payload]
            if chosen not in known:
                return self._pages.message(asked, "webchat.link_invalid", status=400)
            await self._receive(address, chosen, f"answer:{form.get('nonce', '')[:64]}")
            return self._pages.render("done.html", language, sentence_key="email.confirm_done")
        return self._pages.render(
            "answer.html",
            language,
            payload=payload,
            choices=choices[1] if choices else [],
            nonce=secrets.token_hex(8),
        )

    async def unsubscribe(self, asked: Request) -> Response:
        """GET asks; POST, by a press or one-click, is a stop of that address."""
        address = self._parts.links.unsubscribes(asked.path_params["token"])
        if address is None:
            return self._pages.message(asked, "webchat.link_invalid", status=404)
        language = self._pages.language(asked)
        if asked.method == "POST":
            await self._stop(address)
            return self._pages.render("done.html", language, sentence_key="email.unsubscribe_done")
        return self._pages.render("unsubscribe.html", language)

    async def _receive(self, address: Address, payload: str, external: str) -> None:
        inbound = Inbound(
            kind="choice",
            channel=address.channel,
            account="page",
            external_id=external if external != "answer:" else "",
            sender=address.id,
            chat=address.id,
            at=self._parts.clock.now(),
            payload=payload,
        )
        await self._parts.conversations.receive(address.channel, [inbound], inline=False)

    async def _stop(self, address: Address) -> None:
        now = self._parts.clock.now()
        inbound = Inbound(
            kind="stop",
            channel=address.channel,
            account="page",
            external_id="",
            sender=address.id,
            chat=address.id,
            at=now,
            text="unsubscribe",
        )
        await self._parts.conversations.receive(address.channel, [inbound], inline=False)

    async def _choices(self, payload: str) -> tuple[str, list[tuple[str, str]]] | None:
        """Language and choices (title, payload) of the question that a payload answers, as the mail showed them."""
        press = read_answer_payload(payload)
        if press is None:
            return None
        rows = await self._parts.database.fetch(
            """SELECT o.body FROM outbox o
 JOIN conversations c ON c.id = o.conversation_id AND c.customer_id = o.customer_id
 WHERE c.public_id = $1 ORDER BY o.id DESC LIMIT 50""",
            press.conversation,
        )
        for row in rows:
            body = orjson.loads(row["body"])
            choices = [(title, value) for title, value, _url in body.get("choices", ())]
            if any(value == payload for _title, value in choices):
                return str(body.get("language", "")), choices
        return None


async def _form(asked: Request) -> dict[str, str]:
    body = b""
    async for part in asked.stream():
        body += part
        if len(body) > _MAX_FORM:
            return {}
    from urllib.parse import parse_qsl

    return dict(parse_qsl(body.decode("utf-8", "replace")))
