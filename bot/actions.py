"""Actions of rasa-sdk: run in this process through its `ActionExecutor`, or on a remote action server by the same JSON.

Rule: this file alone imports rasa_sdk, and only when an action is to be run. An action is somebody else's code: it gets
a copy of everything, never runs on the server's event loop, and has a time limit; whatever it does wrong becomes the
`error` of its `Acted`. One that never returns costs a thread, and nothing else: neither the next action nor the end of
the process waits for it.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import logging
import pkgutil
import threading
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any, Final, Protocol, TypeVar

import orjson

from bot.action_wire import ActionFailed, Call, acted, wire
from bot.logs import place_of
from bot.turn_carry import Acted
from channels.channel import Http
from channels.errors import NotSent, Unanswered

__all__ = ["ActionFailed", "Actions", "Call", "InProcess", "Nowhere", "Remote", "Runner"]

T = TypeVar("T")
_LOG = logging.getLogger("motline.actions")
#: Threads of one process that may run actions, those that never came back included.
_MOST_THREADS: Final = 64
#: The longest that the first import of a package may take, in seconds.
_LOADING: Final = 120.0


class Runner(Protocol):
    """Where actions run."""

    async def ready(self) -> None:
        """Make ready what the first call needs; it is not the action's time. Raises ActionFailed."""

    async def run(self, call: Mapping[str, Any], timeout: float) -> Mapping[str, Any]:
        """The wire JSON in, `{"events", "responses"}` out, within `timeout` seconds. Raises ActionFailed."""


class Actions:
    """Runs calls under a time limit, in seconds."""

    def __init__(self, runner: Runner, timeout: float) -> None:
        self._runner = runner
        self._timeout = timeout

    async def run(self, call: Call) -> Acted:
        """Run it; never raises for what an action does."""
        try:
            await self._runner.ready()
            async with asyncio.timeout(self._timeout):
                result = await self._runner.run(wire(call), self._timeout)
            return acted(call, result)
        except TimeoutError:
            error = f"{call.action} took longer than {self._timeout:g} s"
        except ActionFailed as failed:
            error = str(failed)
        except Exception as other:
            error = f"{call.action}: {place_of(other)}"
        _LOG.warning("the action %s did not succeed; its on_error applies", call.action)
        return Acted(call.conversation_id, call.step, call.sequence, error=error)


class Remote:
    """An action server over HTTP: 404 is an unknown action, 400 a rejected one, 449 a missing domain."""

    def __init__(self, url: str, http: Http) -> None:
        self._url, self._http = url, http

    async def ready(self) -> None:
        """The server is ready or it is not."""

    async def run(self, call: Mapping[str, Any], timeout: float) -> Mapping[str, Any]:
        """Post the call."""
        name = call["next_action"]
        body = orjson.dumps(call)
        headers = {"content-type": "application/json"}
        try:
            # One second more than the caller's own limit, which says which action it was.
            answer = await self._http.request("POST", self._url, headers=headers, body=body, timeout=timeout + 1)
        except NotSent:
            raise ActionFailed(f"{name}: nothing answers at actions.url = {self._url!r}; start the server") from None
        except Unanswered:
            raise ActionFailed(f"{name}: the action server at {self._url!r} did not answer to the end") from None
        if answer.status != 200:
            raise ActionFailed(f"{name}: {_status(answer.status)}")
        try:
            result = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            raise ActionFailed(f"{name}: the action server answered with no JSON") from None
        if not isinstance(result, dict):
            raise ActionFailed(f"{name}: the action server answered with no JSON object")
        return result


def _status(status: int) -> str:
    match status:
        case 404:
            return "the action server has no such action (404); is its package the right one?"
        case 400:
            return "the action refused to run (400)"
        case 449:
            return "the action server wants a domain (449), which it was sent; is it rasa-sdk 3?"
        case 500:
            return "the action raised an exception (500); the action server's own log says where"
    return f"the action server answered with status {status}"


class InProcess:
    """The actions of one Python package, run by rasa-sdk's own executor, each call in a thread of its own.

    `rasa_sdk.executor.register_package` is not used: it exits the process on an ImportError and registers every Action
    that it can see. Each call has an event loop of its own, so that an action that blocks holds up nobody.
    """

    def __init__(self, package: str) -> None:
        self._package = package
        self._actions: dict[str, Callable[..., Any]] | None = None
        self._loading: asyncio.Future[dict[str, Callable[..., Any]]] | None = None
        self._threads = _Threads(_MOST_THREADS)

    def load(self) -> list[str]:
        """Import the package; the names of its actions. Raises ActionFailed naming the module or class that failed."""
        self._actions = _registered(self._package)
        return sorted(self._actions)

    async def ready(self) -> None:
        """Import the package with the first call, for all calls together; a failed import is tried again later."""
        if self._actions is not None:
            return
        if self._loading is None:
            self._loading = self._threads.start(lambda: _registered(self._package))
        loading = self._loading
        try:
            async with asyncio.timeout(_LOADING):
                self._actions = await asyncio.shield(loading)
        except TimeoutError:
            raise ActionFailed(f"actions.package = {self._package!r} took over {_LOADING:g} s to import") from None
        finally:
            if loading.done() and self._loading is loading:
                self._loading = None

    async def run(self, call: Mapping[str, Any], timeout: float) -> Mapping[str, Any]:
        """Run the call in a thread; the executor gets a copy, as it changes what it is given."""
        name, known = call["next_action"], self._actions or {}
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise ActionFailed(f"actions.package = {self._package!r} has no action {name!r}; it has: {listed}")
        copy = orjson.dumps(call)
        return await self._threads.start(lambda: _executed(known, copy, timeout))


class Nowhere:
    """No action server and no package: a script with an action is told so."""

    async def ready(self) -> None:
        """Nothing to make ready."""

    async def run(self, call: Mapping[str, Any], timeout: float) -> Mapping[str, Any]:
        """Raises ActionFailed."""
        raise ActionFailed(f"{call['next_action']}: set [actions] package or url in config.toml")


class _Threads:
    """Daemon threads: unlike an executor's, one that never ends does not hold up the end of the process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._alive: set[threading.Thread] = set()

    def start(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Run `work`; what it raises, whatever that is, comes as ActionFailed."""
        self._alive = {thread for thread in self._alive if thread.is_alive()}
        if len(self._alive) >= self._most:
            raise ActionFailed(f"{self._most} actions have not come back; restart Motline and see why they hang")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def run() -> None:
            try:
                result = work()
            except BaseException as error:  # Also SystemExit, which a future would not keep to itself.
                known = isinstance(error, ActionFailed)
                raised = error if known else ActionFailed(f"the action raised {place_of(error)}")
                _tell(loop, future, lambda: future.set_exception(raised))
            else:
                _tell(loop, future, lambda: future.set_result(result))

        thread = threading.Thread(target=run, name="action", daemon=True)
        self._alive.add(thread)
        thread.start()
        return future


def _tell(loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any], word: Callable[[], None]) -> None:
    """Say it on the loop, if that is still there and anybody still waits."""
    try:
        loop.call_soon_threadsafe(lambda: None if future.done() else word())
    except RuntimeError:
        _LOG.debug("an action came back after its loop was closed")


def _executed(actions: dict[str, Callable[..., Any]], call: bytes, timeout: float) -> Mapping[str, Any]:
    """Run a call on a loop of its own. What awaits a second past the time limit is ended; what blocks cannot be."""
    from rasa_sdk.executor import ActionExecutor
    from rasa_sdk.interfaces import ActionExecutionRejection

    # An executor keeps the last domain; calls that run at once would get each other's.
    executor = ActionExecutor()
    executor.actions = actions
    data = orjson.loads(call)
    try:
        result = asyncio.run(asyncio.wait_for(executor.run(data), timeout + 1))
    except ActionExecutionRejection as refused:
        raise ActionFailed(f"{data['next_action']} refused to run: {refused.message}") from None
    if result is None:
        raise ActionFailed(f"{data['next_action']} gave no result")
    found: Mapping[str, Any] = orjson.loads(result.model_dump_json())
    return found


def _registered(package: str) -> dict[str, Callable[..., Any]]:
    """The actions of a package by name, instances made. Raises ActionFailed."""
    from rasa_sdk import Action
    from rasa_sdk.executor import ActionExecutor

    executor = ActionExecutor()
    owners: dict[str, str] = {}
    for module in _modules(package):
        for name, found in inspect.getmembers(module, inspect.isclass):
            if found.__module__ != module.__name__ or not issubclass(found, Action) or inspect.isabstract(found):
                continue
            where = f"{module.__name__}.{name}"
            before = set(executor.actions)
            try:
                action: Any = found()
                title = action.name()
                executor.register_action(action)
            except Exception as error:
                raise ActionFailed(f"{where} cannot be used as an action: {error or type(error).__name__}") from error
            if title in before:
                raise ActionFailed(f"{where} and {owners[title]} are both named {title!r}; rename one")
            owners[title] = where
    return dict(executor.actions)


def _modules(package: str) -> Iterator[ModuleType]:
    """The package and everything in it, imported by full names."""
    module = _imported(package)
    yield module
    for found in pkgutil.iter_modules(getattr(module, "__path__", ()), prefix=f"{package}."):
        if not found.name.endswith(".__main__"):
            yield from _modules(found.name)


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise ActionFailed(f"actions.package: {name!r} cannot be imported: {type(error).__name__}: {error}") from error
