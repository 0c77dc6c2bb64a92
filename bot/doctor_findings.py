"""What the doctor says of one thing it looked at, and what it is given to look with.

Rule: a finding that is not good says what to do. Nothing here or in the checks changes anything at a provider.
"""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from channels.channel import Channel, Clock, Http
from channels.errors import ChannelError

Level = Literal["good", "note", "warning", "problem"]
#: Longest that one question to a provider or a name server may take, in seconds.
SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class Finding:
    """`area` is the section of the settings, `what` was found, `fix` says what to do about it (empty: nothing).

    A `problem` keeps something from working, a `warning` will hurt one day, a `note` is what only a person can check.
    """

    level: Level
    area: str
    what: str
    fix: str = ""


class Names(Protocol):
    """The domain name system: an empty list for what does not exist, OSError where no server answers."""

    async def addresses(self, host: str) -> list[str]:
        """Its IP addresses."""

    async def texts(self, name: str) -> list[str]:
        """Its TXT records, each joined to one text."""

    async def mail_servers(self, domain: str) -> list[str]:
        """Its MX records' hosts."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What checks look with; `channels` are those that are switched on."""

    http: Http
    names: Names
    clock: Clock
    channels: Mapping[str, Channel]


class SystemNames:
    """The name servers of this machine."""

    async def addresses(self, host: str) -> list[str]:
        """By the system's own resolver, so with its hosts file."""
        try:
            async with asyncio.timeout(SECONDS):
                found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except socket.gaierror:
            return []
        return sorted({str(one[4][0]) for one in found})

    async def texts(self, name: str) -> list[str]:
        """TXT."""
        return [b"".join(record.strings).decode("utf-8", "replace") for record in await self._asked(name, "TXT")]

    async def mail_servers(self, domain: str) -> list[str]:
        """MX, without a null MX (RFC 7505)."""
        hosts = [str(record.exchange).rstrip(".") for record in await self._asked(domain, "MX")]
        return [host for host in hosts if host]

    async def _asked(self, name: str, kind: str) -> list[Any]:
        from dns import asyncresolver, exception, resolver

        try:
            return list(await asyncresolver.resolve(name, kind, lifetime=SECONDS))
        except (resolver.NXDOMAIN, resolver.NoAnswer):
            return []
        except exception.DNSException as error:
            raise OSError(f"the name servers gave no answer ({type(error).__name__})") from None


async def asked(area: str, question: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
    """The findings of a check; what a provider refuses, or nobody answers, is a finding too."""
    try:
        async with asyncio.timeout(SECONDS * 2):
            return await question()
    except ChannelError as error:
        return [Finding("problem", area, str(error), "put it right and run motline doctor again")]
    except TimeoutError:
        return [Finding("problem", area, "no answer in time", "check this machine's way to the internet")]
    except OSError as error:
        return [Finding("warning", area, f"not checked: {error.strerror or error}", "try again")]


def basic(user: str, password: str) -> str:
    """An Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
