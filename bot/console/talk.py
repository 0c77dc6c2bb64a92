"""What was said with a customer, as staff see it."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from bot.console.frame import Viewer
from storage.transcripts import Line

_TROUBLE = ("dead", "unknown", "retry")


def show_talk(viewer: Viewer, lines: Sequence[Line]) -> None:
    """The lines as bubbles, each with its time, channel and, where it did not arrive, why."""
    if not lines:
        ui.label(viewer.t("console.nothing_said")).classes("soft")
        return
    with ui.column().classes("talk") as talk:
        for line in lines:
            side = "staff" if line.kind == "staff" else "ours" if line.ours else "theirs"
            ui.label(line.text or f"[{line.kind}]").classes(f"line {side}")
            ui.label(_stamp(viewer, line)).classes(f"stamp {side}")
    ui.run_javascript(f"setTimeout(() => document.getElementById('c{talk.id}')?.scrollTo(0, 1e9), 60)")


def _stamp(viewer: Viewer, line: Line) -> str:
    parts = [viewer.when(line.at), viewer.t(f"console.channel_{line.channel}")]
    if line.ours and line.status in _TROUBLE:
        parts.append(viewer.t(f"console.message_{line.status}") + (f": {line.error}" if line.error else ""))
    return " · ".join(parts)
