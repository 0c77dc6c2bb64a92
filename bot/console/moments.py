"""What happened to customers, and what came of it: also why somebody was not asked."""

from __future__ import annotations

from nicegui import ui
from starlette.requests import Request

from bot.console.frame import AS_CARDS, Viewer, column, empty, heading, paged
from bot.reasons import reason_in
from storage import moments


async def build(viewer: Viewer, _request: Request) -> None:
    """The page."""
    heading(viewer.t("console.moments"), viewer.t("console.moments_more"))
    some = await moments.latest(viewer.parts.database, limit=200)
    if not some:
        empty(viewer.t("console.no_moments"), "bolt")
        return
    names = {
        row["id"]: row["name"]
        for row in await viewer.parts.database.fetch(
            "SELECT DISTINCT c.id, c.name FROM customers c JOIN moments m ON m.customer_id = c.id"
        )
    }
    with ui.column().classes("card"):
        ui.table(
            rows=[
                {
                    "id": one.id,
                    "at": viewer.when(one.at),
                    "moment": one.name,
                    "customer": names.get(one.customer_id) or viewer.t("console.anonymous"),
                    "outcome": viewer.t(f"console.outcome_{one.outcome}"),
                    "reason": reason_in(one.reason, viewer.language),
                }
                for one in some
            ],
            columns=[
                column("at", viewer.t("console.when")),
                column("moment", viewer.t("console.moment")),
                column("customer", viewer.t("console.customer")),
                column("outcome", viewer.t("console.outcome")),
                column("reason", viewer.t("console.reason")),
            ],
            pagination=25,
        ).props(paged(viewer)).props(AS_CARDS)
