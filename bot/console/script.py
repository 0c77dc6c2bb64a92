"""One dialog: its text with what is wrong in it as it is written, a try-out, its versions, publishing.

Rule: what is saved never takes the place of a version that its writer has not seen without a question: another dialog
of the name, or what a colleague has saved meanwhile.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from nicegui import ui
from starlette.requests import Request

from bot.console.frame import Viewer, heading, in_turn, sure
from bot.console.scripts import title_of
from bot.escalation import standing
from bot.reach import stops_of
from bot.reasons import reason_in
from channels.words import stops_chat
from dialogs.effects import Escalate
from dialogs.events import Verdict
from dialogs.script import Problem, Script, ScriptError, check_script, load_script
from dialogs.simulation import simulate
from dialogs.unhappy import Mood
from storage import scripts
from storage.errors import Refused

_BLANK_NAME = "my_dialog"
_BLANK = """dialog: my_dialog
title: {en: My dialog, zh: 我的对话}
moment: order.delivered
purpose: service
languages: [en, zh]
steps:
  - collect: csat
    type: csat
    ask:
      en: "How satisfied are you with {{ brand }}? Reply 1-5."
      zh: "您对{{ brand }}满意吗？请回复 1–5。"
  - say:
      en: Thank you!
      zh: 谢谢您！
"""
_MOST_SHOWN = 60


@dataclass(slots=True)
class Work:
    """What is being written, the try-out of it, and whether it is `kept` as it stands.

    `name` and `version` (its id, 0 for none) are of what was last read or saved here.
    """

    source: str
    path: str
    name: str = ""
    version: int = 0
    said: list[str] = field(default_factory=list)
    language: str = ""
    kept: bool = True


async def build(viewer: Viewer, request: Request) -> None:
    """The page."""
    name = request.path_params["name"]
    versions = await scripts.versions(viewer.parts.database, name)
    if versions:
        work = Work(versions[0].source, f"{name}.yml", name, versions[0].id)
    else:
        work = Work(await _blank(viewer), "new.yml")
    with ui.row().classes("row-gap"):
        ui.link("←", "/scripts")
        with ui.column().classes("grow"):
            heading(name if versions else viewer.t("console.new_script"), viewer.t("console.script_more"))
        save = ui.button(viewer.t("console.save_draft"), on_click=lambda: _save(viewer, work, in_turn(kept)))
        save.props("outline no-caps")
        ui.button(viewer.t("console.publish"), icon="publish", on_click=lambda: _publish(viewer, work)).props(
            "no-caps unelevated"
        )

    @ui.refreshable
    def findings() -> None:
        _findings(viewer, _checked(viewer, work), editor)

    @ui.refreshable
    def tried() -> None:
        _try(viewer, work, tried.refresh)

    @ui.refreshable
    async def kept() -> None:
        await _versions(viewer, work, in_turn(kept))

    def changed(value: str) -> None:
        work.source, work.said = value, []
        _hold(work)
        findings.refresh()
        tried.refresh()

    with ui.element("div").classes("two"):
        with ui.column().classes("card"):
            editor = ui.codemirror(
                work.source, language="YAML", line_wrapping=True, on_change=lambda event: changed(event.value)
            ).classes("editor")
            findings()
        with ui.column():
            with ui.column().classes("card"):
                ui.label(viewer.t("console.try_out")).classes("strong")
                tried()
            await kept()


async def _blank(viewer: Viewer) -> str:
    """A dialog to begin with, of a name that none has yet."""
    taken = {one.name for one in await scripts.latest(viewer.parts.database)}
    names = (_BLANK_NAME if number == 1 else f"{_BLANK_NAME}_{number}" for number in count(1))
    return _BLANK.replace(_BLANK_NAME, next(name for name in names if name not in taken), 1)


def _checked(viewer: Viewer, work: Work) -> list[Problem]:
    """What is wrong or doubtful, among the dialogs that are published."""
    shelf = viewer.parts.house.shelf
    others = (shelf.compiled[one].profile_fields for one in shelf.published.names.values())
    fields = frozenset[str]().union(*others)
    return check_script(work.source, work.path, stops=stops_of(viewer.parts.config), fields=fields)


def _findings(viewer: Viewer, problems: list[Problem], editor: ui.codemirror) -> None:
    for one in problems[:_MOST_SHOWN]:
        found = ui.label(viewer.t("script.at_line", line=one.line, said=one.said.told(viewer.language)))
        found.classes("problem" if one.level == "error" else "problem warning")
        found.on("click", lambda line=one.line: editor.reveal_line(line))
    if not problems:
        ui.label(viewer.t("console.script_fine")).classes("fine")


def _try(viewer: Viewer, work: Work, refresh: Callable[[], object]) -> None:
    try:
        script = load_script(work.source, path=work.path)
    except ScriptError:
        ui.label(viewer.t("console.try_first")).classes("soft")
        return
    wanted = (work.language, viewer.language, script.languages[0])
    language = next(one for one in wanted if one in script.languages)
    with ui.column().classes("talk"):
        for line in _played(viewer, script, work.said, language):
            _line(line)

    async def say() -> None:
        if box.value and box.value.strip():
            work.said.append(box.value.strip())
            refresh()

    def again() -> None:
        work.said = []
        refresh()

    def speak(chosen: str) -> None:
        work.language, work.said = chosen, []
        refresh()

    with ui.row().classes("row-gap"):
        box = ui.input(placeholder=viewer.t("console.try_say")).props("outlined dense").classes("grow")
        box.on("keydown.enter", say)
        tongue = ui.select(list(script.languages), value=language, on_change=lambda event: speak(event.value))
        tongue.props("outlined dense")
        ui.button(icon="restart_alt", on_click=again).props("flat round").tooltip(viewer.t("console.try_again"))


def _played(viewer: Viewer, script: Script, said: list[str], language: str) -> tuple[str, ...]:
    house, frame = viewer.parts.house, viewer.parts.house.frame()
    threshold = viewer.parts.config.unhappy.threshold

    def read(words: str) -> tuple[Mood | None, Verdict]:
        mood = house.reader.read(words)
        return mood, "unhappy" if mood.always or mood.unhappy >= threshold else "fine"

    def promise(spoken: str, escalations: Sequence[Escalate]) -> str:
        return frame.promise(*standing(frame, None, escalations), spoken, viewer.now())

    return simulate(
        script,
        said,
        language=language,
        profile={"name": "Maya", "orders": 3},
        brand=viewer.parts.config.brand,
        promise=promise,
        read=read,
        stops=stops_chat,
        told_in=viewer.language,
    )


def _line(line: str) -> None:
    for start, style in (("bot> ", "line ours"), ("you> ", "line theirs")):
        if line.startswith(start):
            ui.label(line.removeprefix(start)).classes(style)
            return
    ui.label(line.strip().removeprefix("! ")).classes("soft small")


async def _versions(viewer: Viewer, work: Work, drawn: Callable[[], Awaitable[None]]) -> None:
    versions = await scripts.versions(viewer.parts.database, work.name)
    if not versions:
        return
    with ui.column().classes("card"):
        ui.label(viewer.t("console.versions")).classes("strong")
        for one in versions:
            with ui.row().classes("row-gap"):
                ui.label(f"v{one.version}").classes("strong")
                ui.label(viewer.when(one.created_at)).classes("soft small grow")
                ui.label(viewer.t(f"console.script_{one.status}")).classes(f"badge {one.status}")
                if one.status == "published":
                    retire = ui.button(viewer.t("console.retire"), on_click=lambda o=one: _retire(viewer, o, drawn))
                    retire.props("flat dense no-caps")


async def _saved(viewer: Viewer, work: Work) -> scripts.ScriptRow | None:
    """The version with what is written; None where it has errors, said so, or is better not saved."""
    if not await viewer.holds("admin"):
        return None
    try:
        script = load_script(work.source, path=work.path)
    except ScriptError as error:
        ui.notify(viewer.t("console.script_wrong", count=len(error.problems)), type="negative")
        return None
    if not await _may_replace(viewer, work, script.name):
        return None
    draft = scripts.Draft(script.name, work.source, work.path, script.moment, script.purpose)
    row = await scripts.save(viewer.parts.database, draft, actor=viewer.actor, now=viewer.now())
    work.name, work.version = row.name, row.id
    return row


async def _may_replace(viewer: Viewer, work: Work, name: str) -> bool:
    """Whether this may be the newest version of `name`; asked where the newest one is not what this was made of."""
    versions = await scripts.versions(viewer.parts.database, name)
    if not versions or versions[0].id == work.version:
        return True
    asked, more = ("changed", "changed_more") if name == work.name else ("replace", "replace_more")
    return await sure(
        viewer,
        viewer.t(f"console.{asked}", title=title_of(viewer, versions[0])),
        viewer.t(f"console.{more}", name=name, version=versions[0].version),
        viewer.t("console.replace_yes"),
    ) and await viewer.holds("admin")


def _hold(work: Work) -> None:
    """The browser asks before a page is left on which something stands that was not saved."""
    if work.kept:
        work.kept = False
        ui.run_javascript("window.onbeforeunload = (event) => event.preventDefault()")


def _let_go(work: Work) -> None:
    work.kept = True
    ui.run_javascript("window.onbeforeunload = null")


async def _save(viewer: Viewer, work: Work, drawn: Callable[[], Awaitable[None]]) -> None:
    row = await _saved(viewer, work)
    if row is not None:
        _let_go(work)
        ui.notify(viewer.t("console.draft_saved", version=row.version), type="positive")
        await drawn()


async def _publish(viewer: Viewer, work: Work) -> None:
    errors = [one for one in _checked(viewer, work) if one.level == "error"]
    if errors:
        ui.notify(viewer.t("console.script_wrong", count=len(errors)), type="negative")
        return
    row = await _saved(viewer, work)
    if row is not None:
        await scripts.publish(viewer.parts.database, row.id, actor=viewer.actor, now=viewer.now())
        await viewer.parts.house.refresh()
        _let_go(work)
        ui.navigate.to(f"/scripts/{row.name}")


async def _retire(viewer: Viewer, one: scripts.ScriptRow, drawn: Callable[[], Awaitable[None]]) -> None:
    title = title_of(viewer, one)
    question, more = viewer.t("console.retire_sure", title=title), viewer.t("console.retire_more")
    if not await sure(viewer, question, more, viewer.t("console.retire")) or not await viewer.holds("admin"):
        return
    try:
        await scripts.retire(viewer.parts.database, one.id, actor=viewer.actor, now=viewer.now())
    except Refused as error:
        ui.notify(reason_in(str(error), viewer.language), type="warning")
    else:
        ui.notify(viewer.t("console.retired", title=title), type="positive")
    await viewer.parts.house.refresh()
    await drawn()
