"""How WeChat's and WeCom's interfaces are served: JSON by path, and every error an `errcode` inside a 200.

Rule: what no page of their documents describes is refused and written down in `failures`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web

from tests.fakes.scripted import Answer, json_answer

Payload = dict[str, Any]
Handler = Callable[[web.Request, Payload], Awaitable[Payload]]
# JSON's \uXXXX, but not a backslash that somebody wrote before a u.
_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u")
OK: Payload = {"errcode": 0, "errmsg": "ok"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was taken: by which interface, and its JSON."""

    path: str
    payload: Payload

    @property
    def text(self) -> str:
        content: Payload = self.payload.get(self.payload.get("msgtype", ""), {})
        return str(content.get("content") or content.get("head_content") or "")


class Errcode(Exception):
    """An errcode; `failure` is for what a correct program never does."""

    def __init__(self, code: int, message: str, failure: str = "") -> None:
        super().__init__(message)
        self.code, self.failure = code, failure


def errcode(code: int, message: str = "scripted") -> Answer:
    """A 200 that is an error, for `script`."""
    return json_answer(200, {"errcode": code, "errmsg": message})


async def serve(
    request: web.Request, handlers: Mapping[str, tuple[str, Handler]], failures: list[str]
) -> web.StreamResponse:
    """Answer a call by its path; both platforms answer unknown ones with a 404."""
    if request.path not in handlers:
        failures.append(f"{request.method} {request.path} is no interface")
        return web.Response(status=404, text="not found")
    try:
        return web.json_response(await _handled(request, *handlers[request.path]))
    except Errcode as error:
        if error.failure:
            failures.append(f"{request.path}: {error.failure}")
        return web.json_response({"errcode": error.code, "errmsg": str(error)})


async def _handled(request: web.Request, method: str, handler: Handler) -> Payload:
    if request.method != method:
        raise Errcode(43002, f"require {method} method", f"by {request.method}")
    body = await request.read()
    if _ESCAPED.search(body):
        raise Errcode(40033, "invalid charset", "an escaped character")
    try:
        payload = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError:
        raise Errcode(47001, "data format error", "no JSON") from None
    return await handler(request, payload)


def only(payload: object, allowed: str) -> None:
    """Refuse keys of a JSON object that are not among the words of `allowed`."""
    unknown = [key for key in payload if key not in allowed.split()] if isinstance(payload, dict) else ["no object"]
    if unknown:
        raise Errcode(47001, "data format error", f"unknown {unknown}")


def check_text(text: str) -> None:
    """Both platforms take 1 to 2048 bytes."""
    if not text:
        raise Errcode(44004, "empty content")
    if len(text.encode()) > 2048:
        raise Errcode(45002, "content size out of limit")
