"""Actions in this process: nobody waits for one that hangs, and a package that will not do is named."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.actions
from bot.actions import ActionFailed, Actions, InProcess, Nowhere
from tests.actions.calls import PACKAGE, ROOT, call
from tests.actions.pack import bad


@pytest.fixture(autouse=True)
def _gate() -> Iterator[None]:
    bad.GATE.clear()
    yield
    bad.GATE.set()


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that Python imports from, forgotten afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


async def test_the_package_tells_its_actions_and_a_base_class_is_none() -> None:
    names = InProcess(PACKAGE).load()
    assert names == sorted(names)
    assert {"action_offer", "action_raising", "validate_order"} <= set(names)
    assert len(names) == 15


async def test_an_action_that_never_returns_costs_its_own_time_only() -> None:
    runner = InProcess(PACKAGE)
    await runner.ready()
    acted = await Actions(runner, 0.1).run(call("action_blocking"))
    assert acted.error == "action_blocking took longer than 0.1 s"
    assert (await Actions(runner, 20).run(call("action_plain"))).error == ""


async def test_a_blocking_action_does_not_hold_up_the_loop() -> None:
    runner = InProcess(PACKAGE)
    running = asyncio.create_task(Actions(runner, 20).run(call("action_blocking")))
    await asyncio.sleep(0)
    # Only the loop opens the gate: were it held up, the action would run into its limit.
    asyncio.get_running_loop().call_soon(bad.GATE.set)
    assert (await running).error == ""


async def test_too_many_actions_that_never_came_back_are_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.actions, "_MOST_THREADS", 3)
    runner = InProcess(PACKAGE)
    await runner.ready()
    for _ in range(3):
        await Actions(runner, 0.05).run(call("action_blocking"))
    acted = await Actions(runner, 20).run(call("action_plain"))
    assert acted.error == "3 actions have not come back; restart Motline and see why they hang"


def test_an_action_that_hangs_does_not_hold_up_the_end_of_the_process() -> None:
    program = f"""
import asyncio
from bot.actions import Actions, InProcess
from tests.actions.calls import call
async def main():
    runner = InProcess({PACKAGE!r})
    await runner.ready()
    print((await Actions(runner, 0.1).run(call("action_blocking"))).error)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "action_blocking took longer than 0.1 s\n")


async def test_an_action_that_exits_ends_only_itself() -> None:
    acted = await Actions(InProcess(PACKAGE), 20).run(call("action_exiting"))
    assert "raised SystemExit at bad.py" in acted.error


async def test_what_json_cannot_hold_is_an_error() -> None:
    acted = await Actions(InProcess(PACKAGE), 20).run(call("action_odd"))
    assert "Serialization" in acted.error
    assert acted.slots == {}


async def test_calls_at_once_each_see_their_own_domain() -> None:
    actions = Actions(InProcess(PACKAGE), 20)
    all_acted = await asyncio.gather(*(actions.run(call("action_busy", {f"s{n}": n})) for n in range(12)))
    assert [acted.slots for acted in all_acted] == [{"domain": [f"s{n}"]} for n in range(12)]


async def test_the_first_calls_import_the_package_once_together(packages: Path) -> None:
    (packages / "slowly.py").write_text(
        "import time\nfrom rasa_sdk import Action\ntime.sleep(0.4)\n"
        "class A(Action):\n    def name(self): return 'action_a'\n    async def run(self, d, t, o): return []\n"
        "with open(__file__ + '.log', 'a') as f: f.write('x')\n"
    )
    # The time limit is the action's own; importing is not its work.
    actions = Actions(InProcess("slowly"), 0.3)
    both = await asyncio.gather(actions.run(call("action_a")), actions.run(call("action_a")))
    assert [acted.error for acted in both] == ["", ""]
    assert (packages / "slowly.py.log").read_text() == "x"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import no_such_library\n", "cannot be imported: ModuleNotFoundError: No module named 'no_such_library'"),
        ("def broken(:\n", "cannot be imported: SyntaxError"),
        ("import sys\nsys.exit(1)\n", "cannot be imported: SystemExit: 1"),
        ("class A(Action):\n    pass\n", "faulty.A cannot be used as an action: An action must implement a name"),
        (
            "class A(Action):\n    def name(self): return 'action_a'\n    def run(self): pass\n",
            "faulty.A cannot be used as an action: You can only register functions that take 3 parameters",
        ),
        (
            "class A(Action):\n    def name(self): return 'action_a'\n    def run(self, d, t, o): pass\n"
            "class B(A):\n    pass\n",
            "faulty.B and faulty.A are both named 'action_a'; rename one",
        ),
    ],
)
async def test_a_package_that_will_not_do_is_refused_by_name(packages: Path, source: str, reason: str) -> None:
    (packages / "faulty.py").write_text("from rasa_sdk import Action\n" + source)
    with pytest.raises(ActionFailed) as caught:
        InProcess("faulty").load()
    assert reason in str(caught.value)
    acted = await Actions(InProcess("faulty"), 20).run(call("action_a"))
    assert reason in acted.error


async def test_a_package_that_is_not_there_may_come_later(packages: Path) -> None:
    actions = Actions(InProcess("arriving"), 20)
    acted = await actions.run(call("action_a"))
    assert acted.error == (
        "actions.package: 'arriving' cannot be imported: ModuleNotFoundError: No module named 'arriving'"
    )
    (packages / "arriving.py").write_text(
        "from rasa_sdk import Action\nclass A(Action):\n    def name(self): return 'action_a'\n"
        "    async def run(self, d, t, o): return []\n"
    )
    assert (await actions.run(call("action_a"))).error == ""


async def test_without_a_package_and_a_server_the_fix_is_named() -> None:
    acted = await Actions(Nowhere(), 20).run(call("action_offer"))
    assert acted.error == "action_offer: set [actions] package or url in config.toml"
