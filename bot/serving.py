"""The web server's own business: the port, uvicorn, several processes.

Rule: the port is taken before anything else, so that a port in use is one line and not a trace; and an end is orderly:
open pages are let go, requests under way are finished.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import uvicorn

from bot.config import Config
from bot.config_values import ConfigError
from bot.connections import Connection

_BACKLOG: Final = 2048
_MOST_FILES: Final = 65_536
_GRACE_SECONDS: Final = 5
_AGAIN_SECONDS: Final = 1.0


def listening(config: Config) -> socket.socket:
    """The socket at `[server] host` and `port`. Raises ConfigError where it cannot be had."""
    host, port = config.server.host, config.server.port
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(_BACKLOG)
    except OSError as error:
        where = f"server.port = {port}" if error.errno != 99 else f"server.host = {host!r}"
        reason = error.strerror or type(error).__name__
        raise ConfigError(
            f"{where}: cannot listen there ({reason}); stop the other program, or set MOTLINE_SERVER__PORT=8081"
        ) from None
    sock.set_inheritable(True)
    _many_files()
    return sock


def _many_files() -> None:
    """Every open page holds a file; many systems give a process no more than 1,024 unless it asks."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        # macOS has a limit of its own below the one it names.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class Server(uvicorn.Server):
    """uvicorn, which tells open pages to go before it waits for them, and says when it serves."""

    def __init__(self, app: Any, *, ended: Callable[[], None], served: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="none",
                http=Connection,
                ws="websockets-sansio",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
                h11_max_incomplete_event_size=None,
            )
        )
        self._ended = ended
        self._served = served

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets=sockets)
        if self.started:
            self._served()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End in order on SIGTERM and SIGINT; uvicorn's own way would kill the process before the store is closed."""
        with on_signals(lambda: self.handle_exit(signal.SIGTERM, None)):
            yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let pages go, finish requests."""
        self._ended()
        await super().shutdown(sockets=sockets)


@contextmanager
def on_signals(end: Callable[[], object]) -> Iterator[None]:
    """Call `end` when the process is told to end, for as long as the context lasts."""
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, end)
    try:
        yield
    finally:
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(one)


def in_processes(count: int, work: Callable[[], None]) -> None:
    """Run `work` in so many children that share what was imported; one that dies is replaced, until we are told to end.

    Call it before any thread or event loop is started.
    """
    children: set[int] = set()
    ending = False

    def end(_signal: int, _frame: object) -> None:
        nonlocal ending
        ending = True
        for child in children:
            os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while not ending or children:
        while not ending and len(children) < count:
            children.add(_child(work))
        try:
            gone, _status = os.wait()
        except InterruptedError:
            continue
        except ChildProcessError:
            break
        children.discard(gone)
        if not ending:
            time.sleep(_AGAIN_SECONDS)


def _child(work: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    code = 0
    try:
        work()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException as error:
        sys.stderr.write(f"motline: {type(error).__name__}: {error}\n")
        code = 1
    finally:
        sys.stderr.flush()
        os._exit(code)
