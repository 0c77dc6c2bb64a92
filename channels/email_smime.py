"""What an opaquely signed S/MIME message (RFC 8551, `smime-type=signed-data`) carries inside.

Rule: this only unpacks. No signature is checked here and nothing is trusted because it was signed.
"""

from __future__ import annotations

from typing import Final

_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
_DATA: Final = bytes.fromhex("06092a864886f70d010701")
_OCTETS, _OCTETS_IN_PIECES, _CONTEXT_0 = 0x04, 0x24, 0xA0


def signed_content(data: bytes) -> bytes:
    """The signed MIME entity of a CMS SignedData in DER or BER; b"" where there is none (an encrypted message)."""
    signed = data.find(_SIGNED_DATA)
    inner = data.find(_DATA, signed + 1) if 0 <= signed < 64 else -1
    if inner < 0:
        return b""
    try:
        tag, start, _ = _element(data, inner + len(_DATA))
        return _octets(data, start) if tag == _CONTEXT_0 else b""
    except IndexError:
        return b""


def _element(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, start of the contents, and their end (-1: indefinite, ends with two zero bytes)."""
    tag, length = data[at], data[at + 1]
    if length == 0x80:
        return tag, at + 2, -1
    if length < 0x80:
        return tag, at + 2, at + 2 + length
    count = length & 0x7F
    return tag, at + 2 + count, at + 2 + count + int.from_bytes(data[at + 2 : at + 2 + count], "big")


def _octets(data: bytes, at: int) -> bytes:
    tag, start, end = _element(data, at)
    if tag == _OCTETS:
        return data[start:end]
    if tag != _OCTETS_IN_PIECES:
        return b""
    pieces = []
    while (end < 0 or start < end) and data[start] == _OCTETS:
        _, begin, start = _element(data, start)
        pieces.append(data[begin:start])
    return b"".join(pieces)
