"""What one machine learns, all take up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.mood_active import ActiveReader
from bot.mood_store import WeightFolder
from dialogs.unhappy_weights import Weights, dump_weights, shipped_weights
from storage.database import Database

TEXT = "the delivery person left without a word and I had to pick it all up"


def half() -> bytes:
    """Other weights than those that ship: English alone, of which every bias is gone."""
    english = shipped_weights().languages["en"]
    return dump_weights(Weights({"en": replace(english, bias=-9.0)}))


async def test_without_a_folder_or_a_row_the_shipped_weights_are_read_by(store: Database, tmp_path: Path) -> None:
    active = ActiveReader(store, tmp_path / "none", 0.15)
    reader = await active.changed()
    assert reader is not None
    assert reader.watch_threshold("en") == shipped_weights().watch_threshold("en")
    assert await active.changed() is None


async def test_a_switch_on_one_machine_is_taken_up_on_another(store: Database, tmp_path: Path) -> None:
    here, there = ActiveReader(store, tmp_path / "here", 0.15), ActiveReader(store, tmp_path / "there", 0.15)
    first = await there.changed()
    assert await here.changed() is not None
    folder = WeightFolder(tmp_path / "here")
    folder.switch(folder.keep(half()))
    assert await here.changed() is not None
    second = await there.changed()
    assert first is not None
    assert second is not None
    assert second.read(TEXT).unhappy < first.read(TEXT).unhappy
    assert await there.changed() is None


async def test_words_that_cannot_be_read_are_told_once_and_change_nothing(store: Database, tmp_path: Path) -> None:
    active = ActiveReader(store, tmp_path, 0.15)
    assert await active.changed() is not None
    (tmp_path / "words.txt").write_text("[[[ nonsense\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"words\.txt"):
        await active.changed()
    assert await active.changed() is None
