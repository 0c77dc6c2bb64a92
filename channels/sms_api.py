"""Calls to Twilio's REST API through its own client. Alone imports twilio.rest (1.4 s): import this in a thread.

Rule: an answer that is no success becomes an error here, where its Retry-After header is still at hand; Twilio's client
would drop it. Nothing is retried by the client, because sends are not idempotent.
"""

# Twilio's package carries no types.
# mypy: disable-error-code="import-untyped, misc"

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    TCPConnector,
)
from twilio.base.exceptions import TwilioException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from channels.errors import OutcomeUnknown, Temporary
from channels.sms_errors import by_code, refused

# Twilio's clock and ours differ by so much at most; its times have whole seconds.
_SKEW: Final = timedelta(seconds=5)
_LOOKED_AT: Final = 100
_CONNECTIONS: Final = 200
# What Twilio's client raises for an answer that is not what it expects.
_UNREADABLE: Final = (TwilioException, ValueError, TypeError, KeyError, AttributeError)

_silent = logging.getLogger("channels.sms_api.client")
_silent.disabled = True  # Twilio's client logs texts and numbers.


class _HttpClient(AsyncTwilioHttpClient):
    """Twilio's client at another address, with our errors."""

    def __init__(self, *, api_url: str, timeout: float) -> None:
        super().__init__(pool_connections=False, timeout=timeout, logger=_silent)
        # Twilio's own would keep 100 connections, fewer than sends may be under way.
        self.session: Any = ClientSession(connector=TCPConnector(limit=_CONNECTIONS))
        self._api_url = api_url
        self._limit = ClientTimeout(total=timeout, connect=min(5.0, timeout / 2))

    async def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        parts = urlsplit(url)
        where = self._api_url + parts.path + (f"?{parts.query}" if parts.query else "")
        sent = dict(headers or {})
        if auth:  # aiohttp is giving up its own BasicAuth
            sent["Authorization"] = "Basic " + b64encode(":".join(auth).encode()).decode()
        call = self.session.request(
            method.upper(), where, params=params, data=data, headers=sent, timeout=self._limit, allow_redirects=False
        )
        try:
            async with call as answer:
                body = (await answer.read()).decode("utf-8", "replace")
        # Chains are cut: aiohttp's messages may hold the address with the account in it.
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            raise Temporary(f"no connection to Twilio ({type(error).__name__})") from None
        except (ClientError, TimeoutError, OSError) as error:
            raise OutcomeUnknown(f"no whole answer from Twilio ({type(error).__name__})") from None
        if not 200 <= answer.status < 300:
            raise refused(answer.status, body, answer.headers.get("Retry-After", ""))
        return Response(answer.status, body, answer.headers)


class TwilioApi:
    """One account's connection; make it inside the running loop. Raises SendError alone."""

    def __init__(self, *, account_sid: str, auth_token: str, api_url: str, timeout: float) -> None:
        self._http = _HttpClient(api_url=api_url, timeout=timeout)
        self._client = Client(account_sid, auth_token, http_client=self._http)

    async def create(self, parameters: Mapping[str, str]) -> str:
        """Send a message; its sid."""
        try:
            message = await self._client.messages.create_async(**parameters)
        except _UNREADABLE as error:
            raise OutcomeUnknown(f"Twilio's answer cannot be read ({type(error).__name__})") from None
        if message.error_code:
            raise by_code(str(message.error_code), str(message.error_message or ""))
        if not message.sid:
            raise OutcomeUnknown("Twilio's answer names no message")
        return str(message.sid)

    async def find(self, *, to: str, text: str, since: datetime) -> str | None:
        """The sid of the first message to this number with this text that was made since; None where there is none."""
        try:
            listed = await self._client.messages.list_async(to=to, limit=_LOOKED_AT, page_size=_LOOKED_AT)
            recent = [message for message in listed if _made(message) >= since - _SKEW]
        except _UNREADABLE as error:
            raise OutcomeUnknown(f"Twilio's list cannot be read ({type(error).__name__})") from None
        ours = [message for message in recent if _is_ours(message, text)]
        if ours:
            return str(min(ours, key=_made).sid)
        if len(recent) == _LOOKED_AT:
            raise OutcomeUnknown(f"more than {_LOOKED_AT} messages went to this number since")
        return None

    async def aclose(self) -> None:
        """Close connections."""
        await self._http.close()


def _made(message: Any) -> datetime:
    made = message.date_created
    if not isinstance(made, datetime):
        raise ValueError("a message without date_created")
    return made


def _is_ours(message: Any, text: str) -> bool:
    # A trial account puts "Sent from your Twilio trial account - " before every text.
    return str(message.direction).startswith("outbound") and str(message.body or "").strip().endswith(text.strip())
