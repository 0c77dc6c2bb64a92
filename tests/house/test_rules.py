"""The rules of the house, read from its own files: imports, lengths, names, documents, the lock."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from bot.config import Config

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "channels", "dialogs", "storage")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
EVERYTHING = sorted((*SOURCES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")))
#: Libraries that only one place may import, wherever in a file that stands.
ONLY = {
    "rasa_sdk": ("bot/actions.py",),
    "nicegui": ("bot/console/",),
    "aiogram": ("channels/telegram",),
    "twilio": ("channels/sms",),
    "wechatpy": ("channels/wechat", "channels/wecom"),
    "fastapi": ("bot/web/", "bot/console/"),
    "tortoise": ("storage/",),
    "asyncpg": ("storage/",),
    "aiosqlite": ("storage/",),
    "sklearn": ("bot/learn",),
}
#: What `import bot.app` must not bring along.
HEAVY = ("aiogram", "twilio", "rasa_sdk", "wechatpy", "nicegui", "sklearn")
VAGUE = {"manager", "managers", "helper", "helpers", "util", "utils", "service", "services", "base", "common", "misc"}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in SOURCES}


def imported(nodes: Iterator[ast.AST]) -> Iterator[str]:
    """The full names that import statements name, modules before what is taken from them."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else str(node.module)


def at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """What runs when a module is imported: nothing inside functions, nothing for type checkers alone."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
            continue
        yield node
        waiting += ast.iter_child_nodes(node)


TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in MODULES.items()}
EVER = {name: set(imported(ast.walk(tree))) for name, tree in TREES.items()}
AT_ONCE = {name: set(imported(at_import(tree))) for name, tree in TREES.items()}


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def test_bot_knows_the_other_three_and_they_know_neither_each_other_nor_bot() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, others in EVER.items()
        for other in others
        for package in PACKAGES
        if within(other, package) and not within(name, package) and not within(name, "bot")
    ]
    assert wrong == []


def test_the_web_and_the_console_are_imported_by_app_alone() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, others in EVER.items()
        for other in others
        for side in ("bot.web", "bot.console")
        if within(other, side) and not within(name, side) and name != "bot.app"
    ]
    assert wrong == []


@pytest.mark.parametrize("library", ONLY)
def test_a_library_is_imported_only_where_it_belongs(library: str) -> None:
    users = {
        str(MODULES[name].relative_to(ROOT)) for name, others in EVER.items() for o in others if within(o, library)
    }
    assert {user for user in users if not user.startswith(ONLY[library])} == set()


def test_nothing_heavy_comes_with_the_program_itself() -> None:
    seen: set[str] = set()
    waiting = ["bot.app", "bot.cli", "bot.__main__"]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        waiting += [other for other in AT_ONCE.get(name, ()) if other in MODULES]
        # A package's own file runs before its modules.
        waiting += [parent for parent in (name.rpartition(".")[0],) if parent in MODULES]
    assert len(seen) > 50
    assert sorted(f"{name}: {o}" for name in seen for o in AT_ONCE[name] if o.split(".")[0] in HEAVY) == []


def test_no_module_imports_itself_in_a_circle() -> None:
    state: dict[str, str] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert state.get(name) != "open", " -> ".join((*path[path.index(name) :], name))
        if name in state:
            return
        state[name] = "open"
        for other in sorted(AT_ONCE[name]):
            if other in MODULES:
                visit(other, (*path, name))
        state[name] = "done"

    for name in MODULES:
        visit(name, ())
    assert set(state.values()) == {"done"}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_is_longer_than_400_lines_and_half_are_shorter_than_150() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {str(path.relative_to(ROOT)): lines for path, lines in lengths.items() if lines > 400} == {}
    assert sorted(lengths.values())[len(lengths) // 2] <= 150


def test_no_function_is_longer_than_50_lines_and_most_are_short() -> None:
    lengths = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in SOURCES
        for node in functions(path)
    }
    assert {where: lines for where, lines in lengths.items() if lines > 50} == {}
    in_order = sorted(lengths.values())
    assert in_order[len(in_order) // 2] <= 8
    assert in_order[len(in_order) * 9 // 10] <= 30


def test_the_top_of_every_file_says_what_it_is() -> None:
    silent = [str(path.relative_to(ROOT)) for path in SOURCES if path.read_text("utf-8").strip()]
    silent = [where for where in silent if not ast.get_docstring(ast.parse((ROOT / where).read_text("utf-8")))]
    assert silent == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    words = {str(path.relative_to(ROOT)): set(path.stem.split("_")) for path in EVERYTHING}
    assert [where for where, parts in words.items() if parts & VAGUE] == []


def test_nothing_is_left_to_be_done() -> None:
    marks = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b|\braise NotImplementedError\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []


def test_what_production_runs_knows_nothing_of_tests() -> None:
    wrong = [f"{name} imports {o}" for name, others in EVER.items() for o in others if within(o, "tests")]
    assert wrong == []
    mode = re.compile(r"PYTEST|pytest|unittest|TESTING|test_mode")
    assert [str(path.relative_to(ROOT)) for path in SOURCES if mode.search(path.read_text("utf-8"))] == []


# The documents.


def documents() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))))


def commands() -> list[str]:
    """Every command of the command line, as it is typed."""
    from typer import Typer

    from bot.cli import app

    def walk(typer: Typer, before: str) -> Iterator[str]:
        for command in typer.registered_commands:
            name = command.name or (command.callback.__name__ if command.callback else "")
            yield f"{before} {name.replace('_', '-')}"
        for group in typer.registered_groups:
            assert group.typer_instance is not None
            yield from walk(group.typer_instance, f"{before} {group.name}")

    return list(walk(app, "motline"))


def test_every_command_is_documented() -> None:
    text = documents()
    assert len(commands()) >= 12
    assert [command for command in commands() if command not in text] == []


def test_every_section_of_the_settings_is_documented_and_in_the_file() -> None:
    text, example = documents(), tomllib.loads((ROOT / "config.toml").read_text("utf-8"))
    sections = [section.name for section in fields(Config)]
    assert [name for name in sections if f"[{name}]" not in text] == []
    assert [name for name in sections if name not in example] == []


# The lock.


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[str, str]:
    """Each requirement of the lock by its plain name, with the lines that belong to it."""
    text = (ROOT / "requirements.txt").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {plain(re.split(r"[\[=; ]", line, maxsplit=1)[0]): line for line in lines}


def test_the_lock_pins_every_package_with_hashes_and_names_no_address() -> None:
    lock = locked()
    assert len(lock) > 50
    assert [name for name, line in lock.items() if not re.match(r"[\w.\-\[\],]+==\S+", line)] == []
    assert [name for name, line in lock.items() if "--hash=sha256:" not in line] == []
    whole = (ROOT / "requirements.txt").read_text("utf-8")
    assert "://" not in whole
    assert "index-url" not in whole


def test_everything_that_the_project_asks_for_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project["dependencies"], *(one for some in project["optional-dependencies"].values() for one in some)]
    names = {plain(re.split(r"[\[=<>;~! ]", wanted, maxsplit=1)[0]) for wanted in asked}
    assert names - set(locked()) == set()


def test_what_is_imported_is_asked_for() -> None:
    """Nothing is used that only happens to be installed with something else."""
    import importlib.metadata
    import sys

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project["dependencies"], *(one for some in project["optional-dependencies"].values() for one in some)]
    names = {plain(re.split(r"[\[=<>;~! ]", wanted, maxsplit=1)[0]) for wanted in asked}
    owners = importlib.metadata.packages_distributions()
    roots = {other.split(".")[0] for others in EVER.values() for other in others}
    foreign = roots - set(PACKAGES) - set(sys.stdlib_module_names)
    # Spoken of together with what brings them: tortoise-orm, aiogram, fastapi, scikit-learn, wechatpy.
    brought = {"asyncpg", "aiosqlite", "aiohttp", "starlette", "numpy", "scipy", "xmltodict"}
    unasked = {root for root in foreign - brought if not {plain(owner) for owner in owners.get(root, [root])} & names}
    assert unasked == set()
