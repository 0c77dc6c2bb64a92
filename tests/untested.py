"""What a test says when the machine lacks what it needs."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def untested(reason: str) -> NoReturn:
    """Skip the test, naming what went untested; with CI=true nothing may go untested, so it fails instead."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"went untested: {reason}")
    pytest.skip(f"went untested: {reason}")
