"""HTML of a mail into lines, with what its structure says about quoting kept in them.

Rule: this reads marks that mail clients leave (a class, an id, a border), never words; words are `email_reply`'s. A
quoted line comes out with "> " before it, one of a blockquote that bears no client's mark with `BARE`; where a client
marks "the old mail begins here", the line `CUT` stands and reading ends. Signatures that are marked as such, and what
nobody was meant to see, are left out.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Final

from channels.email_marks import GMAIL, SIGNATURE, is_bare, is_indent, mark

# Noncharacters: no text holds them, and they are no spaces, so that stripping a line leaves them.
BARE: Final = "\ufdd0"
CUT: Final = "\ufdd2"
RULE: Final = "\ufdd3"
_MOST: Final = 200_000
_MOST_TAGS: Final = 20_000


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TOKEN: Final = re.compile(r"<(/?)([a-zA-Z][\w:-]*)([^<>]*)>|<[!?/][^<>]*>")
_ATTRIBUTE: Final = re.compile(r"([\w:-]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>\"']+)")
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")
_FLAT_P: Final = re.compile(r"\bp\b[^{}]{0,60}\{[^}]{0,200}margin(?:-top)?\s*:\s*0", re.IGNORECASE)

_VOID: Final = _set("br hr img input meta link area base col embed source track wbr")
_BLOCK: Final = _set(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header "
    "html li main nav ol p pre section table tbody tfoot thead tr ul"
)
_UNSEEN: Final = _set("head style script title xml template noscript select")


@dataclass(slots=True)
class _Element:
    tag: str
    effect: str
    since: int = 0


@dataclass(slots=True)
class Reading:
    """What the HTML held: its lines, the content ids of pictures outside quotes, which marks stood.

    `marked` is for quoting, `signed` for a signature of the writer's own.
    """

    lines: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    marked: bool = False
    signed: bool = False


def read_html(text: str) -> Reading:
    """Read a document. Never raises; of a very long one the beginning."""
    reader = _Reader(flat=bool(_FLAT_P.search(text[:20_000])))
    source = _without_comments(text[:_MOST])
    end = tags = 0
    for token in _TOKEN.finditer(source):
        if token.start() > end:
            reader.text(source[end : token.start()])
        end = token.end()
        if token[2] is not None:
            reader.tag(token[2].lower(), token[3], closing=token[1])
            tags += 1
            if reader.over or tags > _MOST_TAGS:
                break
    if not reader.over and tags <= _MOST_TAGS:
        reader.text(source[end:])
    reader.flush()
    return reader.reading


def _without_comments(text: str) -> str:
    """Linear whatever it is given: an unclosed comment is searched for once."""
    pieces, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        pieces.append(text[at:start])
        stop = text.find("-->", start + 4)
        if stop < 0:
            return "".join(pieces)
        at = stop + 3
    return "".join([*pieces, text[at:]])


class _Reader:
    """The state of one reading: open elements, the line being built, how deep in quotes and in unseen parts."""

    def __init__(self, *, flat: bool) -> None:
        self.reading = Reading()
        self.over = False
        self._flat = flat
        self._open: list[_Element] = []
        self._line = ""
        self._quoted = 0
        self._bare = 0
        self._unseen = 0
        self._verbatim = 0

    def text(self, source: str) -> None:
        if self._unseen:
            return
        if self._verbatim:
            first, *rest = html.unescape(source).replace("\r\n", "\n").split("\n")
            self._line += first
            for line in rest:
                self._break()
                self._line = line
            return
        words = html.unescape(_SPACE.sub(" ", source))
        self._line += words.lstrip(" ") if not self._line or self._line.endswith(" ") else words

    def tag(self, tag: str, attributes: str, *, closing: str) -> None:
        if closing:
            self._close(tag)
            return
        values = _attributes(attributes) if attributes else {}
        if tag in _BLOCK:
            self.flush()
        if tag == "body" and self._unseen:
            self._close("head")
        match tag:
            case "br":
                self._break()
            case "img":
                self._image(values)
            case "td" | "th":
                self._line += " " if self._line else ""
            case "p" if not self._unseen and not self._is_flat(values):
                self._blank()
                values.setdefault("spaced", "")
        effect = self._effect(tag, values)
        if effect == "cut" and not self._quoted and not self._unseen:
            self.reading.lines.append(CUT)
            self.reading.marked = self.over = True
        elif tag == "hr":
            self.flush()
            # Foxmail draws a short rule above its signature.
            signs = "210px" in values.get("style", "")
            self.reading.signed = self.reading.signed or (signs and not self._quoted)
            self._emit("-- " if signs else RULE)
        elif tag not in _VOID and not attributes.endswith("/"):
            self._push(tag, effect)

    def flush(self) -> None:
        """End the line being built, if there is anything in it."""
        if self._line.strip():
            self._break()
        elif "\xa0" in self._line:
            self._emit("")
        self._line = ""

    def _break(self) -> None:
        self._emit(self._line.strip() if not self._verbatim else self._line.rstrip())
        self._line = ""

    def _blank(self) -> None:
        if self.reading.lines and self.reading.lines[-1] not in ("", ">", BARE):
            self._emit("")

    def _emit(self, line: str) -> None:
        if self._unseen:
            return
        if self._quoted:
            line = f"> {line}" if line else ">"
        self.reading.lines.append(BARE + line if self._bare and not self._quoted else line)

    def _push(self, tag: str, effect: str) -> None:
        self._open.append(_Element(tag, effect, len(self.reading.lines)))
        self._count(effect, 1)

    def _count(self, effect: str, step: int) -> None:
        if effect in ("quote", GMAIL):
            self.reading.marked = self.reading.marked or not self._unseen
            self._quoted += step
        elif effect == "bare":
            self.reading.marked = self.reading.marked or not self._unseen
            self._bare += step
        elif effect in ("unseen", SIGNATURE):
            self.reading.signed = self.reading.signed or (effect == SIGNATURE and not self._quoted)
            self._unseen += step
        elif effect == "pre":
            self._verbatim += step

    def _close(self, tag: str) -> None:
        depth = next((n for n, element in enumerate(reversed(self._open[-200:]), 1) if element.tag == tag), 0)
        left = self._open[len(self._open) - depth :]
        if tag in _BLOCK or any(element.effect in ("quote", "bare", GMAIL) for element in left):
            self.flush()
        del self._open[len(self._open) - depth :]
        for element in left:
            self._count(element.effect, -1)
        if left and left[0].effect == "paragraph":
            self._blank()
        if tag == "blockquote" and depth:
            self._leave_gmail()

    def _leave_gmail(self) -> None:
        """After the quote in Gmail's container the writer may go on (answers between the lines); not in a forward."""
        if not self._open or self._open[-1].effect != GMAIL:
            return
        inside = self.reading.lines[self._open[-1].since :]
        if not any(line.startswith("> -----") for line in inside[:3]):
            self._count(GMAIL, -1)
            self._open[-1].effect = ""

    def _image(self, values: dict[str, str]) -> None:
        source, alt = values.get("src", ""), values.get("alt", "")
        if source.lower().startswith("cid:") and not self._quoted and not self._unseen:
            self.reading.images.append(source[4:])
        # An emoji that a webmail drew as a picture.
        if alt and len(alt) <= 8 and not alt.isascii() and not alt.isalpha():
            self._line += alt

    def _is_flat(self, values: dict[str, str]) -> bool:
        style = values.get("style", "").replace(" ", "").lower()
        return self._flat or "mso" in values.get("class", "").lower() or "margin:0" in style or "margin-top:0" in style

    def _effect(self, tag: str, values: dict[str, str]) -> str:
        if tag in _UNSEEN:
            return "unseen"
        effect = mark(tag, values) if values else ""
        if not effect and tag == "blockquote" and not is_indent(values):
            return "bare" if is_bare(values) else "quote"
        return effect or ("pre" if tag == "pre" else "paragraph" if "spaced" in values else "")


def _attributes(source: str) -> dict[str, str]:
    return {name.lower(): html.unescape(value.strip("\"'")) for name, value in _ATTRIBUTE.findall(source)}
