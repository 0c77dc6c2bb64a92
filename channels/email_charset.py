"""Bytes of a mail into text, whatever the mail says its charset is.

Rule: decoding never fails. A charset that a mail names is a hint: gb2312 is mostly GBK, "Big5" is often UTF-8, a
missing one can be anything. What decodes strictly and reads like text wins; only at the end are bytes replaced.
"""

from __future__ import annotations

import binascii
import codecs
import quopri
import re
from functools import lru_cache
from typing import Final

# Labels that Python does not know or that mean more than they say: a superset decodes what the label promises and more.
_ALIASES: Final = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "ms936": "gb18030",
    "windows-936": "gb18030",
    "cn-gb": "gb18030",
    "euc-cn": "gb18030",
    "chinese": "gb18030",
    "gb18030": "gb18030",
    "gb-18030": "gb18030",
    "big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "utf8": "utf-8",
    "utf-8mb4": "utf-8",
    "cp65001": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "ascii",
    "ansi_x3.4-1968": "ascii",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "iso-8859-8-i": "iso-8859-8",
}
# Codecs that decode text of mails; Python has others (zip, rot13, unicode_escape) that no mail may choose.
_ALLOWED: Final = re.compile(
    r"(?:ascii|utf-(?:7|8|16|32)(?:-[bl]e)?|gb18030|hz|big5|big5hkscs|cp\d+|koi8-[rut]|iso8859-\d+|mac-\w+|"
    r"euc_\w+|shift_jis\w*|iso2022_\w+|johab|tis-620|kz1048|ptcp154|hp-roman8)$"
)
# Charsets whose bytes are all below 0x80 without being ASCII.
_NOT_ASCII_BYTES: Final = ("utf-7", "utf-16", "utf-32", "hz", "iso2022")
# The commonest characters of running text, simplified and traditional: they tell which of two readings is language.
_COMMON: Final = frozenset(
    "的一是不了在人有我他这這个個们們中来來上大为為和国國地到以说說时時要就出会會可也你对對生能而子那得于着下自之年过過发發后後作里"
    "用道行所然家种種事成方多经經么麼去法学學如都同现現当當没沒动動面起看定天分还還进進好小部其些主样樣理心她本前开開但因只从從想实實"
    "很快慢差满滿意谢謝请請问問题題给給打服务務态度货貨太客服退订訂您再也非常收到回复復邮郵件已经"
)
_ENCODED_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\r\n]*)\?=")
_BETWEEN_WORDS: Final = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]")
# White space that a relay put behind a soft line break does not count (RFC 2045, 6.7).
_PADDED_BREAK: Final = re.compile(rb"=[ \t]{1,80}(?=\r?\n)")
# An emoji or a rare character in GB18030.
_ASCII: Final = bytes(range(0x80))
_FOUR_BYTES: Final = re.compile(rb"[\x81-\xFE][0-9][\x81-\xFE][0-9]")
_RAW_QP: Final = re.compile(rb"(?:=[0-9A-F]{2}){3}")


@lru_cache(maxsize=256)
def codec_of(label: str) -> str:
    """Python's codec for a charset's label, or "" where there is none that mails may use."""
    name = label.strip().strip("\"'").lower().split("*")[0]
    name = _ALIASES.get(name, name)
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
    return found if _ALLOWED.match(found) else ""


def decode(data: bytes, label: str = "") -> str:
    """Text of a body or a header's word. `label` is the charset that the mail names, "" for none."""
    codec = codec_of(label)
    if data.isascii() and not codec.startswith(_NOT_ASCII_BYTES):
        return (b"\x1b" in data and _strict(data, "iso2022_jp")) or data.decode("ascii")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if codec not in ("", "ascii"):
        return _decode_as(data, codec)
    return _strict(data, "utf-8") or _guess(data)


def _decode_as(data: bytes, codec: str) -> str:
    """The named charset, unless the bytes plainly are another's."""
    if not codec.startswith(("utf-", *_NOT_ASCII_BYTES)) and _is_utf8_beyond_doubt(data):
        return data.decode("utf-8")
    text = _strict(data, codec)
    match codec:
        case "gb18030" | "big5hkscs":
            return _likelier(text, _strict(data, "big5hkscs" if codec == "gb18030" else "gb18030")) or _guess(data)
        case "cp1252" | "utf-8" if _reads_chinese(data) and not (text and codec == "utf-8"):
            return _guess(data)
        case "utf-8" if not text:
            text = data.decode("utf-8", "replace")
            return text if text.count("\ufffd") * 2 <= sum(letter > "\x7f" for letter in text) else _guess(data)
    return text or data.decode(codec, "replace").encode("utf-8", "replace").decode()


def _likelier(named: str, other: str) -> str:
    """The named reading, unless the other is far more like language."""
    if not (named and other):
        return named or other
    common = _common(named)
    return other if _common(other) >= max(3, 2 * common + 1) else named


def _common(text: str) -> int:
    return sum(letter in _COMMON for letter in text[:5_000])


def _strict(data: bytes, codec: str) -> str:
    try:
        # UTF-7 can spell half of a surrogate pair, which nothing can store.
        return data.decode(codec).encode("utf-8").decode() if codec == "utf-7" else data.decode(codec)
    except (UnicodeError, ValueError):
        return ""


def _is_utf8_beyond_doubt(data: bytes) -> bool:
    """Valid UTF-8 with a character of three or more bytes: GBK text is by accident at most two-byte ("一" is)."""
    return any(byte >= 0xE0 for byte in data[:20_000]) and bool(_strict(data, "utf-8"))


def _reads_chinese(data: bytes) -> bool:
    """Whether the bytes above ASCII come in pairs as Chinese characters' do; Latin letters stand alone."""
    data = _FOUR_BYTES.sub(b"", data)
    pairs = sum(len(run.group()) // 2 * 2 for run in re.finditer(rb"(?:[\xA1-\xF9][\x40-\x7E\xA1-\xFE])+", data))
    high = len(data.translate(None, _ASCII))
    alone = len(re.findall(rb"(?<![\x80-\xFF])[\x80-\xFF](?![\x80-\xFF])", data))
    return high > 1 and pairs * 10 >= high * 8 and alone * 5 <= high


def _guess(data: bytes) -> str:
    if not _reads_chinese(data):
        return data.decode("cp1252", "replace")
    readings = [text for codec in ("gb18030", "big5hkscs") if (text := _strict(data, codec))]
    return max(readings, key=_common) if readings else data.decode("gb18030", "replace")


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """Undo a content transfer encoding, as far as it goes: broken base64 gives what it holds."""
    match encoding.strip().lower().split(";")[0].strip("\"' "):
        case "base64":
            return _base64(data)
        case "quoted-printable":
            return quopri.decodestring(_PADDED_BREAK.sub(b"=", data) if b"= " in data or b"=\t" in data else data)
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            return _uu(data)
        case _:
            # Some gateways drop the header of a quoted-printable body.
            return quopri.decodestring(data) if data.isascii() and _RAW_QP.search(data) else data


def _base64(data: bytes) -> bytes:
    """Padded pieces are unpacked one by one (some mailers pad each line); a list's footer behind them is left out."""
    pieces: list[bytes] = []
    for piece in data.split(b"="):
        packed = b"".join(piece.split())
        if pieces and _NOT_BASE64.search(packed):
            break
        packed = _NOT_BASE64.sub(b"", packed)
        packed = packed[:-1] if len(packed) % 4 == 1 else packed
        pieces.append(binascii.a2b_base64(packed + b"=" * (-len(packed) % 4)))
    return b"".join(pieces)


def _uu(data: bytes) -> bytes:
    lines = []
    for line in data.splitlines():
        if line.startswith((b"begin ", b"end")) or not line.strip():
            continue
        try:
            lines.append(binascii.a2b_uu(line))
        except binascii.Error:
            break
    return b"".join(lines)


def decode_words(value: str) -> str:
    """A header's value with its encoded words (RFC 2047) read, leniently.

    Words of one charset that follow each other are joined before they are decoded: several mailers split a character's
    bytes between two words. Raw bytes above ASCII (surrogates, as the parser leaves them) are decoded as text.
    """
    if "=?" not in value:
        return _raw_header(value)
    parts: list[str] = []
    pending, label, end = b"", "", 0
    joined = _BETWEEN_WORDS.sub(r"\1", value)
    for word in _ENCODED_WORD.finditer(joined):
        plain = joined[end : word.start()]
        if pending and (plain or word[1].lower() != label):
            parts.append(decode(pending, label))
            pending = b""
        parts.append(_raw_header(plain))
        label, end = word[1].lower(), word.end()
        pending += _word_bytes(word[2], word[3])
    parts.append(decode(pending, label) if pending else "")
    parts.append(_raw_header(joined[end:]))
    return "".join(parts)


def _word_bytes(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "surrogateescape")
    if encoding in "bB":
        # Each word is padded for itself, so it is unpacked for itself.
        return _base64(raw)
    return quopri.decodestring(raw.replace(b"_", b" "), header=False)


def _raw_header(value: str) -> str:
    if value.isascii():
        return value
    return decode(value.encode("utf-8", "surrogateescape"))
