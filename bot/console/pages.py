"""The console's pages and where they are."""

from __future__ import annotations

from functools import partial
from typing import cast

from fastapi import FastAPI
from nicegui import ui
from starlette.applications import Starlette

from bot.app import Opened
from bot.console import customer, customers, desk, keys, merge, moments, results, script, scripts, settings, staff
from bot.console.drafts import Drafts
from bot.console.frame import ROOT, page
from bot.console.gate import Gate


def serve(app: Starlette, parts: Opened) -> None:
    """Register every page and mount them."""
    page(parts, "/", "console.tickets", partial(desk.build, drafts=Drafts()))
    page(parts, "/customers", "console.customers", customers.build)
    page(parts, "/customers/{public_id}", "console.customers", customer.build)
    page(parts, "/customers/{public_id}/merge", "console.merge_title", merge.build, role="admin")
    page(parts, "/moments", "console.moments", moments.build)
    page(parts, "/results", "console.results", results.build)
    page(parts, "/scripts", "console.scripts", scripts.build, role="admin")
    page(parts, "/scripts/{name}", "console.scripts", script.build, role="admin")
    page(parts, "/staff", "console.staff", staff.build, role="admin")
    page(parts, "/keys", "console.keys", keys.build, role="admin")
    page(parts, "/settings", "console.settings", settings.build, role="admin")
    ui.run_with(
        cast(FastAPI, app),
        mount_path=ROOT,
        favicon=None,
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=10,
    )
    app.add_middleware(Gate, parts=parts)
