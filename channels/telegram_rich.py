"""The words of a rich message (Bot API 10.1): what a customer wrote with headings, lists and tables is still a text.

Rule: total over any JSON, and never deep: what is nested beyond `_DEEPEST` is left out, as nobody writes so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

_DEEPEST: Final = 24
# Where a piece of text holds its words, and where a block holds others (RichText and RichBlock of the Bot API).
_WORDS: Final = ("text", "alternative_text", "expression")
_WITHIN: Final = ("summary", "blocks", "items", "cells", "caption")


def words_of(message: object) -> str:
    """The words, a line for each block; empty where there are none."""
    blocks = message.get("blocks") if isinstance(message, Mapping) else None
    return "\n".join(line for line in _lines(blocks, 0) if line.strip())


def _lines(block: object, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(block, list):
        for one in block:
            yield from _lines(one, depth + 1)
    elif isinstance(block, Mapping):
        yield _inline(block, depth)
        for name in _WITHIN:
            within = block.get(name)
            yield from _lines({"text": within} if name == "summary" else within, depth + 1)


def _inline(piece: object, depth: int) -> str:
    if isinstance(piece, str):
        return piece
    if depth > _DEEPEST:
        return ""
    if isinstance(piece, list):
        return "".join(_inline(one, depth + 1) for one in piece)
    if not isinstance(piece, Mapping):
        return ""
    return next((_inline(piece[name], depth + 1) for name in _WORDS if name in piece), "")
