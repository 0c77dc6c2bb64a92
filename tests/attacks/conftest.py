"""Attacks go against the whole site, as a stranger or another program finds it."""

from __future__ import annotations

from tests.web.conftest import database, either, site

__all__ = ["database", "either", "site"]
