"""The editor's try-out takes the web chat's stop words as the web chat does."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest

from bot.console.frame import Viewer
from bot.console.script import _played
from tests.dialogs.talk import NPS, WHY, script
from tests.readers import by_rules


def viewer() -> Viewer:
    house = SimpleNamespace(reader=by_rules(), frame=lambda: None)
    config = SimpleNamespace(brand="Brook", unhappy=SimpleNamespace(threshold=0.8))
    parts = SimpleNamespace(house=house, config=config)
    shown = SimpleNamespace(parts=parts, language="zh", now=lambda: datetime(2026, 3, 2, tzinfo=UTC))
    return cast(Viewer, shown)


@pytest.mark.parametrize("said", ["退订", "Stop.", "/stop"])
def test_a_stop_ends_the_try_out(said: str) -> None:
    lines = _played(viewer(), script(NPS + WHY), ["9", said], "zh")
    assert lines[-3:] == (
        f"you> {said}",
        "bot> 您将不再收到Brook的服务类消息。如需恢复，请回复“恢复接收”。",
        "   ! 客户退订",
    )


def test_what_only_speaks_of_stopping_is_an_answer() -> None:
    assert "   ! why = '怎么退订'" in _played(viewer(), script(NPS + WHY), ["9", "怎么退订"], "zh")
