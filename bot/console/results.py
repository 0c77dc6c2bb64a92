"""What came of the dialogs: the figures with their formulas beside them, who answered, and where people stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nicegui import ui
from starlette.requests import Request

from bot.console.frame import AS_CARDS, GREEN, Viewer, column, empty, heading, in_turn, paged
from bot.console.scripts import title_of, understood
from storage import reports, reports_parts, scripts
from storage.metrics import Figure
from storage.reports import QuestionReport, ScriptReport
from storage.scripts import ScriptRow

_DAY_MS = 86_400_000
_SPANS = (7, 30, 90, 365)
# Below so many answers a figure's error says nothing.
_ENOUGH = 10
# Points of a scale that are shown though nobody chose them.
_POINTS = {"nps": range(11), "csat": range(1, 6), "ces": range(1, 8)}
_SCORES = ("nps", "csat", "ces", "rating")


@dataclass(slots=True)
class Choice:
    """Which dialog, over how many days, and by which key of its moments it is divided."""

    name: str
    days: int = 30
    key: str = ""


async def build(viewer: Viewer, _request: Request) -> None:
    """The page."""
    names = {one.name: title_of(viewer, one) for one in await _used(viewer)}
    heading(viewer.t("console.results"), viewer.t("console.results_more"))
    if not names:
        empty(viewer.t("console.no_results"), "insights")
        return
    used = await viewer.parts.database.fetch(
        """SELECT s.name FROM conversations c JOIN scripts s ON s.id = c.script_id
 GROUP BY s.name ORDER BY count(*) DESC LIMIT 1"""
    )
    choice = Choice(used[0]["name"] if used and used[0]["name"] in names else next(iter(names)))

    @ui.refreshable
    async def shown() -> None:
        if await viewer.holds():
            await _report(viewer, choice)

    drawn = in_turn(shown)

    async def choose(**chosen: Any) -> None:
        for name, value in chosen.items():
            setattr(choice, name, value)
        await drawn()

    with ui.row().classes("row-gap"):
        ui.select(names, value=choice.name, on_change=lambda event: choose(name=event.value)).props("outlined dense")
        spans = {days: viewer.t("console.last_days", days=days) for days in _SPANS}
        span = ui.toggle(spans, value=choice.days, on_change=lambda event: choose(days=event.value))
        span.props("no-caps unelevated")
    await shown()


async def _used(viewer: Viewer) -> list[ScriptRow]:
    """The dialogs by name, each in the version that starts, else in its newest."""
    live = {one.name: one for one in await scripts.all_published(viewer.parts.database)}
    return [live.get(one.name, one) for one in await scripts.latest(viewer.parts.database)]


async def _asked(viewer: Viewer, report: ScriptReport) -> dict[str, int]:
    """How many answered each question that the dialog asks, in its order; then those that only older versions asked."""
    row = next((one for one in await _used(viewer) if one.name == report.name), None)
    script = understood(viewer, row) if row else None
    counts = dict.fromkeys((question.slot for question in script.questions), 0) if script else {}
    for question in report.questions:
        counts[question.slot] = counts.get(question.slot, 0) + question.answered
    return counts


async def _report(viewer: Viewer, choice: Choice) -> None:
    until = viewer.now() + 1
    since = until - choice.days * _DAY_MS
    report = await reports.script_report(viewer.parts.database, choice.name, since, until)
    if not report.started:
        empty(viewer.t("console.no_results"), "insights")
        return
    _figures(viewer, report)
    with ui.element("div").classes("two"):
        _drop_off(viewer, report, await _asked(viewer, report))
        for question in report.questions:
            if question.counts:
                await _question(viewer, choice, question, since, until)
    await _parts(viewer, choice, report, since, until)


def _figures(viewer: Viewer, report: ScriptReport) -> None:
    with ui.element("div").classes("figures"):
        for question in report.questions:
            if question.figure is not None:
                figure = question.figure
                more = viewer.t("console.figure_few", n=figure.n)
                if figure.n >= _ENOUGH:
                    more = viewer.t("console.figure_about", error=f"{1.96 * figure.error:.1f}", n=figure.n)
                value = _value(figure, question.type)
                _figure(f"{figure.name} · {question.slot}", value, more, viewer.t(f"console.formula_{question.type}"))
        _figure(
            viewer.t("console.response_rate"),
            f"{report.response_rate:.0%}",
            viewer.t("console.of_many", part=report.answered, whole=report.delivered),
            viewer.t("console.formula_response"),
        )
        _figure(
            viewer.t("console.completion"),
            f"{report.completion:.0%}",
            viewer.t("console.of_many", part=report.finished, whole=report.started),
            viewer.t("console.formula_completion"),
        )


def _figure(name: str, value: str, more: str, formula: str) -> None:
    with ui.column().classes("figure"):
        ui.label(name).classes("soft small")
        ui.label(value).classes("number")
        ui.label(more).classes("small")
        ui.label(formula).classes("soft small")


def _value(figure: Figure, type_: str) -> str:
    """A figure as people write it."""
    value = f"{figure.value:.0f}" if type_ in ("nps", "csat") else f"{figure.value:.1f}"
    return (value + ("%" if type_ == "csat" else "")).replace("-", "−")


async def _parts(viewer: Viewer, choice: Choice, report: ScriptReport, since: int, until: int) -> None:
    """The same figures, part by part, where the moments tell of something that divides them."""
    keys = await reports_parts.keys(viewer.parts.database, choice.name, since, until)
    if not keys:
        return

    @ui.refreshable
    async def table() -> None:
        found = await reports_parts.parts(viewer.parts.database, choice.name, choice.key, since, until)
        _table(viewer, choice.key, report, found)

    async def choose(key: str) -> None:
        choice.key = key
        await table.refresh()

    choice.key = choice.key if choice.key in keys else keys[0]
    with ui.column().classes("card"):
        with ui.row().classes("row-gap"):
            ui.label(viewer.t("console.divided")).classes("strong grow")
            chosen = ui.select(keys, value=choice.key, on_change=lambda event: choose(event.value))
            chosen.props("outlined dense").mark("divided")
        ui.label(viewer.t("console.divided_more")).classes("soft small")
        await table()


def _table(viewer: Viewer, key: str, report: ScriptReport, found: list[reports_parts.Part]) -> None:
    asked = [question for question in report.questions if question.figure is not None]
    ui.table(
        rows=[
            {
                "part": part.value,
                "started": part.started,
                "answered": f"{part.answered} ({part.answered / part.started:.0%})",
            }
            | {
                f"figure.{question.slot}": f"{_value(one, question.type)} (n = {one.n})"
                for question in asked
                if (one := part.figures.get(question.slot)) is not None
            }
            for part in found
        ],
        columns=[
            column("part", key),
            column("started", viewer.t("console.drop_started")),
            column("answered", viewer.t("console.part_answered")),
            *(
                column(f"figure.{question.slot}", f"{question.figure.name} · {question.slot}")
                for question in asked
                if question.figure is not None
            ),
        ],
        row_key="part",
        pagination=25,
    ).props(paged(viewer)).props(AS_CARDS)


def _drop_off(viewer: Viewer, report: ScriptReport, asked: Mapping[str, int]) -> None:
    steps = [
        (viewer.t("console.drop_started"), report.started),
        (viewer.t("console.drop_delivered"), report.delivered),
        *asked.items(),
        (viewer.t("console.drop_finished"), report.finished),
    ]
    with ui.column().classes("card"):
        ui.label(viewer.t("console.drop_off")).classes("strong")
        ui.label(viewer.t("console.drop_more")).classes("soft small")
        bars = _bars([name for name, _ in steps], [count for _, count in steps], sideways=True)
        ui.echart(bars).style(f"height: {max(256, 40 * len(steps) + 40)}px").mark("drop-off")


async def _question(viewer: Viewer, choice: Choice, question: QuestionReport, since: int, until: int) -> None:
    counts = {str(point): 0 for point in _POINTS.get(question.type, ())} | dict(question.counts)
    labels = sorted(counts, key=_in_order)
    with ui.column().classes("card"):
        with ui.row().classes("row-gap"):
            ui.label(question.slot).classes("strong grow")
            ui.label(viewer.t("console.answers_many", n=question.answered)).classes("soft small")
        ui.echart(_bars([label.strip('"') for label in labels], [counts[label] for label in labels]))
        if question.type in _SCORES:
            days = max(1, choice.days // 12)
            points = await reports.trend(viewer.parts.database, choice.name, question.slot, since, until, days=days)
            if len(points) > 1:
                ui.label(viewer.t("console.trend")).classes("soft small")
                ui.echart(_line([viewer.when(at) for at, _ in points], [round(one.value, 1) for _, one in points]))


def _bars(names: list[str], counts: list[int], *, sideways: bool = False) -> dict[str, Any]:
    names_axis = {"type": "category", "data": names, "axisTick": {"show": False}, "inverse": sideways}
    if sideways:
        names_axis["axisLabel"] = {"interval": 0}
    values_axis = {"type": "value", "minInterval": 1, "splitLine": {"lineStyle": {"color": "#eef2f1"}}}
    return {
        "grid": {"left": 8, "right": 28, "top": 26, "bottom": 6, "containLabel": True},
        "tooltip": {"trigger": "axis", "renderMode": "richText"},
        "xAxis": values_axis if sideways else names_axis,
        "yAxis": names_axis if sideways else values_axis,
        "series": [
            {
                "type": "bar",
                "data": [{"value": count, "label": {"show": sideways or count > 0}} for count in counts],
                "itemStyle": {"color": GREEN, "borderRadius": [0, 6, 6, 0] if sideways else [6, 6, 0, 0]},
                "barMaxWidth": 34,
                "label": {"show": True, "position": "right" if sideways else "top"},
            }
        ],
    }


def _line(names: list[str], values: list[float]) -> dict[str, Any]:
    return {
        "grid": {"left": 8, "right": 20, "top": 12, "bottom": 6, "containLabel": True},
        "tooltip": {"trigger": "axis", "renderMode": "richText"},
        "xAxis": {"type": "category", "data": names},
        "yAxis": {"type": "value", "scale": True, "splitLine": {"lineStyle": {"color": "#eef2f1"}}},
        "series": [{"type": "line", "data": values, "smooth": True, "itemStyle": {"color": GREEN}, "symbolSize": 8}],
    }


def _in_order(label: str) -> tuple[bool, float, str]:
    """Numbers by size, then words."""
    try:
        return False, float(label), label
    except ValueError:
        return True, 0.0, label
