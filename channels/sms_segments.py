"""How many parts an SMS takes, and which character makes it dear.

Rule: counted as networks do (3GPP TS 23.038 and 23.040). GSM-7 holds 160 units, or 153 a part; one character outside
its alphabet makes the whole text UCS-2, with 70 UTF-16 units, or 67 a part. A character of two units is not cut in two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class Segments:
    """`parts` are what is paid for; `units` fill them. `cause` is the first character that GSM-7 lacks, at `position`.

    In GSM-7 `cause` is empty and `position` -1.
    """

    parts: int
    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    cause: str = ""
    position: int = -1


def segments(text: str) -> Segments:
    """Count a text. An empty one takes one part."""
    position = next((at for at, char in enumerate(text) if char not in _BASIC and char not in _EXTENDED), -1)
    if position < 0:
        widths = [2 if char in _EXTENDED else 1 for char in text]
        return Segments(_parts(widths, 160, 153), "GSM-7", sum(widths))
    widths = [2 if ord(char) > 0xFFFF else 1 for char in text]
    return Segments(_parts(widths, 70, 67), "UCS-2", sum(widths), text[position], position)


def _parts(widths: list[int], alone: int, each: int) -> int:
    if sum(widths) <= alone:
        return 1
    parts, filled = 1, 0
    for width in widths:
        if filled + width > each:
            parts, filled = parts + 1, 0
        filled += width
    return parts
