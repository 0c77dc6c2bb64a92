"""Calls to the HTTP interfaces of WeChat and WeCom, which say their errors inside a 200.

Rule: whatever happens, the caller gets the decoded answer of a call that succeeded, or a SendError that says what to do
next. No exception carries an address, as the access token is part of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import orjson

from channels.channel import Http, HttpAnswer, Tokens
from channels.errors import NotSent, OutcomeUnknown, Rejected, SendError, Temporary, Unanswered

Answer = Mapping[str, object]
Refuse = Callable[[int, str], SendError]
FetchToken = Callable[[str], Awaitable[tuple[str, float]]]

_STALE: Final = frozenset({40001, 40014, 42001})
_JSON: Final = {"content-type": "application/json; charset=utf-8"}
_LONGEST_ERROR: Final = 200


@dataclass(frozen=True, slots=True)
class Api:
    """One account's interface. `fetch_token(stale)` asks the provider for a token, another one than `stale`."""

    platform: str
    api_url: str
    http: Http
    tokens: Tokens
    token_name: str
    fetch_token: FetchToken
    refuse: Refuse
    timeout: float

    async def call(self, path: str, payload: Mapping[str, object]) -> Answer:
        """POST with the account's token, fetched anew once where the provider says that it is stale."""
        token = await self.token("")
        answer = await self._post(path, token, payload)
        if code_of(answer) in _STALE:
            token = await self.token(token)
            answer = await self._post(path, token, payload)
        return self._accepted(answer, token)

    async def token(self, stale: str = "") -> str:
        """The account's token, another one than `stale`. Raises Temporary."""
        return await self.tokens.token(self.token_name, lambda: self.fetch_token(stale), stale=stale)

    async def _post(self, path: str, token: str, payload: Mapping[str, object]) -> Answer:
        url = f"{self.api_url}{path}?access_token={quote(token, safe='')}"
        return await posted(self.http, url, payload, platform=self.platform, timeout=self.timeout)

    def _accepted(self, answer: Answer, token: str) -> Answer:
        code = code_of(answer)
        if code == 0:
            return answer
        if code in _STALE:
            reason = f"{self.platform} refuses the access token even after fetching a new one"
            raise Temporary(reason, code=str(code), whole_channel=True)
        raise self.refuse(code, message_of(answer).replace(token, "***"))


async def posted(http: Http, url: str, payload: Mapping[str, object], *, platform: str, timeout: float) -> Answer:
    """POST JSON. WeChat refuses `\\uXXXX` (40033), so the body is UTF-8 as it is."""
    try:
        body = orjson.dumps(payload)
    except orjson.JSONEncodeError:
        raise Rejected("the message or its address cannot be written as UTF-8") from None
    return await _called(http, "POST", url, body, platform, timeout)


async def fetched(http: Http, url: str, *, platform: str, timeout: float) -> Answer:
    """GET."""
    return await _called(http, "GET", url, b"", platform, timeout)


async def _called(http: Http, method: str, url: str, body: bytes, platform: str, timeout: float) -> Answer:
    try:
        answer = await http.request(method, url, headers=_JSON if body else None, body=body, timeout=timeout)
    except NotSent:
        raise Temporary(f"{platform} could not be reached") from None
    except Unanswered:
        raise OutcomeUnknown(f"{platform} gave no whole answer in {timeout:g} s") from None
    return _decoded(answer, platform)


def _decoded(answer: HttpAnswer, platform: str) -> Answer:
    status = answer.status
    if status == 200:
        try:
            body = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            body = None
        if isinstance(body, dict):
            return body
        raise OutcomeUnknown(f"{platform} answered something that is not its JSON", code="200")
    retry_after = _retry_after(answer)
    if status == 429:
        raise Temporary(f"{platform} is called too often", code="429", retry_after=retry_after, whole_channel=True)
    if status == 503 and retry_after is not None:
        raise Temporary(f"{platform} is down", code="503", retry_after=retry_after, whole_channel=True)
    if status >= 500:
        raise OutcomeUnknown(f"{platform} failed after it had read the message", code=str(status))
    raise Rejected(f"{platform} refused the call", code=str(status))


def _retry_after(answer: HttpAnswer) -> float | None:
    given = answer.headers.get("retry-after", "")
    return float(given) if given.isascii() and given.isdigit() else None


def code_of(answer: Answer) -> int:
    """`errcode`; 0 where there is none, as in the answers that carry a token."""
    code = answer.get("errcode", 0)
    return code if isinstance(code, int) else -1


def message_of(answer: Answer) -> str:
    """`errmsg`, shortened."""
    return str(answer.get("errmsg", ""))[:_LONGEST_ERROR]


def token_of(answer: Answer, *, platform: str, settings: str) -> tuple[str, float]:
    """Token and lifetime in seconds. Any refusal is Temporary for the whole channel: an admin can put it right."""
    token, lifetime = answer.get("access_token"), answer.get("expires_in")
    if isinstance(token, str) and token and isinstance(lifetime, int):
        # A minute less, so that no call leaves with a token that expires on its way.
        return token, max(float(lifetime) - 60.0, 1.0)
    code = code_of(answer)
    reason = f"{platform} gives no access token; check {settings}: {message_of(answer)}"
    raise Temporary(reason, code=str(code), whole_channel=True)


async def unsent(call: Awaitable[Answer]) -> Answer:
    """A call that comes before the message itself: whatever becomes of it, the message was not sent."""
    try:
        return await call
    except (OutcomeUnknown, Rejected) as error:
        raise Temporary(error.reason, code=error.code, whole_channel=True) from None
