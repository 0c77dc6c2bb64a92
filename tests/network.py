"""Tests reach nothing but this machine: an audit hook refuses every other address, whoever asks for it."""

from __future__ import annotations

import socket
import sys
from typing import Any

_HERE = {None, "", "localhost", "ip6-localhost", "::1", "::", "0.0.0.0"}


class NetworkRefused(RuntimeError):
    """A test tried to leave the machine. Not an OSError, so that no retry of ours swallows it."""


def refuse_the_network() -> None:
    """From now on, for the life of the process."""
    sys.addaudithook(_guard)


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        _check(arguments[0])
    elif event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple):
        _check(arguments[1][0])


def _check(host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in _HERE or str(name).startswith(("127.", "::ffff:127.")):
        return
    if str(name).endswith(".invalid"):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    raise NetworkRefused(f"a test wanted to reach {name}")
