"""Signs of a Chinese keyboard where YAML wants English ones: `dialog：lunch`, `【zh】`, `{zh：谢谢}`.

Rule: only what holds the file together is looked at. What stands in quotes, in a block of text or where words for
people are expected is left as it is. Every sign that is found is told with its line and the fix, and mended in a copy,
so that what else is wrong is found in the same round.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from dialogs.phrases import Phrase, Value, phrase
from dialogs.script_yaml import LARGEST

#: Keys whose values are words for people, or may be: brackets and quotes may belong to these.
_WORDED: Final = frozenset(
    {"say", "ask", "on_invalid", "title", "tag", "keyword", "keywords", "value", "also", "team", "options", "labels"}
)
#: Keys under which only a language, or the text itself, can stand.
_SAID: Final = frozenset({"say", "ask", "on_invalid", "title"})
#: Keys under which names stand that the author chooses.
_BY_NAME: Final = frozenset({"options", "labels", "set", "random"})
#: Keys of lists of names, in which a full-width comma can only part two of them.
_NAMES: Final = frozenset({"languages", "sets", "leads_to", "random", "remind_after"})
#: Keys that hold others, so that the value is in brackets even where they are full-width.
_HOLDERS: Final = frozenset({"options", "labels"})
_OPENING: Final = {"【": "[", "［": "[", "〔": "[", "｛": "{"}
_CLOSING: Final = {"】": "]", "］": "]", "〕": "]", "｝": "}"}
_QUOTES: Final = {"“": "”“", "”": "”“", "„": "”“", "‘": "’‘", "’": "’‘"}
_LONGEST_LINE: Final = 4_000  # What is longer would take too long to be looked at sign by sign.
_LANGUAGE: Final = re.compile(r"[a-z]{2}(?:-[A-Za-z]{2,4})?")

_HEAD: Final = re.compile(r"( *)((?:- +)*)")
_DASH: Final = re.compile(r"([-－—–])[ \u3000]*(?=([a-z_]+) *[:：])")
_KEY: Final = re.compile(r"([^\s:：#\"'{}\[\],，&*!|>%@`“”【】［］｛｝]+) *([：:][ \u3000]*)")
_BLOCK: Final = re.compile(r"[|>][-+0-9]*\s*(?:#.*)?$")
_FLOW_KEY: Final = re.compile(r"([A-Za-z0-9][\w.-]*) *(：[ \u3000]*|:(?=\S))")
_PART: Final = re.compile(r"[，、；;]\s*(?=([A-Za-z][\w-]*) *(：|$))")
_ENTRY: Final = re.compile(r"\s*[A-Za-z][\w-]* *[:：]")
_END: Final = re.compile(r"[,\[\]{}]|:(?=[\s,\[\]{}]|$)| #")
_FILLED: Final = re.compile(r"(?:\{\{.*?\}\}[^,\[\]{}]*)+")
_HALF_CLOSED: Final = re.compile(r'"[^"“”]*”\s*$')
_TAIL: Final = re.compile(r"[\s,，\]}】］〕｝]*(?:#.*)?$")


@dataclass(slots=True)
class Mended:
    """What was found, by line, and the text with English signs in their places. The lines are the same."""

    found: list[tuple[int, Phrase]]
    text: str


@dataclass(slots=True)
class _Open:
    """A bracket that is open: its kind, the last key in it, the key whose value it is, whether a key is due next."""

    kind: str
    key: str
    holder: str
    wide: bool = False
    at_key: bool = True


def mended(text: str, keys: frozenset[str]) -> Mended:
    """`keys` are those that a script may have."""
    scan = _Scan(keys)
    if len(text) > LARGEST:
        return Mended([], text)
    lines = [scan.read(number, line) for number, line in enumerate(_lines(text), 1)]
    return Mended(list(dict.fromkeys(scan.found)), "\n".join(lines))


def _lines(text: str) -> list[str]:
    """Without what an editor of Windows puts before the first and behind every line."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")


@dataclass(slots=True)
class _Scan:
    """Reads line after line, knowing what is open from the lines before."""

    keys: frozenset[str]
    found: list[tuple[int, Phrase]] = field(default_factory=list)
    number: int = 0
    line: str = ""
    signs: list[str] = field(default_factory=list)
    above: list[tuple[int, str]] = field(default_factory=list)  # Column and key of what the line stands under.
    open: list[_Open] = field(default_factory=list)
    quote: str = ""
    words_from: int | None = None  # Lines indented deeper than this go on with a text.

    def read(self, number: int, line: str) -> str:
        """The line with English signs."""
        if len(line) > _LONGEST_LINE:
            return line
        self.number, self.line, self.signs = number, line, list(line)
        if self.quote or self.open:
            at = self._quoted(0) if self.quote else 0
            if not self.quote:
                self._flow(at)
        elif not self._goes_on():
            self._block()
        return "".join(self.signs)

    def _goes_on(self) -> bool:
        if self.words_from is None:
            return False
        bare = self.line.lstrip(" ")
        if not bare.strip() or len(self.line) - len(bare) > self.words_from:
            return True
        self.words_from = None
        return False

    def _tell(self, key: str, /, **fields: Value) -> None:
        self.found.append((self.number, phrase(key, **fields)))

    def _put(self, start: int, end: int, sign: str) -> None:
        self.signs[start:end] = [sign, *[""] * (end - start - 1)]

    # A line of its own.

    def _block(self) -> None:
        self._straight()
        head = _HEAD.match(self.line)
        at = head.end() if head is not None else 0
        dash = len(head.group(1)) if head is not None else 0
        if at >= len(self.line) or self.line[at] == "#" or self.line.startswith(("---", "...", "%")):
            return
        listed = at > dash
        self.above = [one for one in self.above if one[0] < at and (one[0] <= dash or not listed)]
        key = _KEY.match(self.line, at)
        parent = self.above[-1][1] if self.above else ""
        if key is not None and self._colon(key, parent, listed=listed):
            self.above.append((at, key.group(1)))
            self._value(key.end(), at, key.group(1), listed=False)
        else:
            self._value(at, dash if listed else at - 1, parent, listed=listed)

    def _straight(self) -> None:
        """Full-width spaces and dashes at the start of the line."""
        bare = self.line.lstrip(" \u3000")
        lead = self.line[: len(self.line) - len(bare)]
        if "\u3000" in lead and bare.strip():
            self._tell("script.sign_space")
        dash = _DASH.match(bare)
        if dash is not None and dash.group(2) in self.keys and not re.fullmatch("- +", dash.group(0)):
            self._tell("script.sign_dash", sign=dash.group(0).strip())
            bare = "- " + bare[dash.end() :]
        self.line = lead.replace("\u3000", "  ") + bare
        self.signs = list(self.line)

    def _colon(self, key: re.Match[str], parent: str, *, listed: bool) -> bool:
        """Whether a key stands here; a colon that is not English, or lacks its space, is told."""
        word, sign = key.group(1), key.group(2)
        if sign[0] == ":" and (sign[1:2] == " " or self.line[key.start(2) + 1 :].strip("\t") == ""):
            return True
        named = parent in _BY_NAME and not listed and sign[0] == "："
        if not named and not self._known(word, parent):
            return False
        self._tell("script.sign_colon" if sign[0] == "：" else "script.sign_gap", key=word, shape=f"{word}: …")
        self._put(key.start(2), key.end(2), ": ")
        return True

    def _known(self, word: str, parent: str) -> bool:
        if _LANGUAGE.fullmatch(parent) and parent not in self.keys:
            return False  # What stands under a language is a text.
        if _LANGUAGE.fullmatch(word) and word not in self.keys:
            return parent not in ("", "steps")
        return word in self.keys and parent not in _SAID

    def _value(self, at: int, column: int, key: str, *, listed: bool) -> None:
        while at < len(self.line) and self.line[at] in " \u3000":
            at += 1
        rest = self.line[at:]
        if not rest or rest.startswith("#"):
            return
        if _BLOCK.match(rest):
            self.words_from = column
        elif rest.startswith("{{"):
            self._tell("script.yaml_begins", sign="{")
            self._quote(at, len(self.line.rstrip()))
        elif _HALF_CLOSED.match(rest):
            self._tell("script.sign_quotes")
            self.signs[len(self.line.rstrip()) - 1] = '"'
        elif rest[0] in "\"'":
            self.quote = rest[0]
            self._quoted(at + 1)
        elif rest[0] in "[{" or self._opens(at, key, listed=listed):
            self._brackets(at, key)
        elif rest[0] in _QUOTES and self._curly(at, key, listed=listed, ends=""):
            return
        elif key and (key in _WORDED or key not in self.keys):
            self.words_from = column

    def _brackets(self, at: int, key: str) -> None:
        before = list(self.signs)
        told = len(self.found)
        self._opened(at, key)
        end = self._flow(at + 1)
        rest = self.line[end:].strip()
        if not self.open and not self.quote and rest and not rest.startswith("#"):
            del self.found[told:]
            self.signs = before
            self._tell("script.yaml_begins", sign=self.line[at])
            self._quote(at, len(self.line.rstrip()))

    # What is in brackets.

    def _flow(self, at: int) -> int:
        """Reads on to where the brackets are closed, or the line ends; the place behind."""
        while at < len(self.line) and self.open:
            sign, top = self.line[at], self.open[-1]
            if sign in " \t\r\u3000":
                at += 1
            elif sign == "#" and self.line[at - 1 : at] in ("", " ", "\t"):
                return len(self.line)
            elif self.line.startswith("{{", at) and (top.kind == "[" or not top.at_key):
                at = self._filled(at, at)
            elif sign in "[{" or self._opens(at, top.key, listed=top.kind == "["):
                at = self._opened(at, top.key)
            elif sign in "]}" or self._closes(at):
                at = self._closed(at)
            elif sign in ",:":
                top.at_key = sign == ","
                at += 1
            elif sign in "\"'":
                self.quote = sign
                at = self._quoted(at + 1)
            else:
                at = self._plain(at, top)
        return at

    def _opened(self, at: int, key: str) -> int:
        sign = self.line[at]
        if sign in _OPENING:
            plain = "{" if _ENTRY.match(self.line, at + 1) else _OPENING[sign]
            self._tell("script.sign_bracket", sign=sign, plain=plain)
            self.signs[at] = plain
            self.open.append(_Open(plain, key, key, wide=True))
        else:
            self.open.append(_Open(sign, key, key))
        return at + 1

    def _opens(self, at: int, key: str, *, listed: bool) -> bool:
        """Whether a full-width bracket stands for one that YAML would open, not for one in a text."""
        if self.line[at] not in _OPENING:
            return False
        return self._nameless(key, listed=listed) or _ENTRY.match(self.line, at + 1) is not None

    def _nameless(self, key: str, *, listed: bool) -> bool:
        """Whether the value of this key holds no words for people."""
        if listed:
            return key in _NAMES
        return key in self.keys and (key not in _WORDED or key in _HOLDERS)

    def _closes(self, at: int) -> bool:
        if self.line[at] not in _CLOSING:
            return False
        if self.open[-1].kind == "[" and self.open[-1].key in _NAMES:
            return True
        return _TAIL.match(self.line, at) is not None and (
            self.open[-1].wide or not re.search(r"[\]}]", self.line[at:])
        )

    def _closed(self, at: int) -> int:
        top = self.open.pop()
        if self.line[at] in _CLOSING:
            plain = "]" if top.kind == "[" else "}"
            if not top.wide:
                self._tell("script.sign_bracket", sign=self.line[at], plain=plain)
            self.signs[at] = plain
        elif top.wide:
            self.signs[at] = "]" if top.kind == "[" else "}"
        return at + 1

    def _plain(self, at: int, top: _Open) -> int:
        end = self._ends(at)
        if top.kind == "{" and top.at_key:
            key = _FLOW_KEY.match(self.line, at, end)
            if key is not None and self._flow_colon(key):
                top.key, top.at_key = key.group(1), False
                return key.end()
            top.key = self.line[at:end].strip()
            return end
        if self.line[at] in _QUOTES and (closed := self._curly(at, top.key, listed=top.kind == "[", ends=",]}")):
            return closed
        if self.line.startswith("{{", end):
            return self._filled(at, end)
        return self._parted(at, end, top)

    def _ends(self, at: int) -> int:
        for place in range(at + 1, len(self.line)):
            if _END.match(self.line, place) or self._closes(place):
                return place
        return len(self.line)

    def _flow_colon(self, key: re.Match[str]) -> bool:
        word, sign = key.group(1), key.group(2)
        if sign == ":" and word not in self.keys and not _LANGUAGE.fullmatch(word):
            return False
        self._tell("script.sign_gap" if sign == ":" else "script.sign_colon", key=word, shape=f"{word}: …")
        self._put(key.start(2), key.end(2), ": ")
        return True

    def _parted(self, at: int, end: int, top: _Open) -> int:
        """Commas that are not English, where the next entry begins behind them."""
        if top.kind == "[":
            for place in range(at, end):
                if top.key in _NAMES and self.line[place] in "，、；;":
                    self._comma(place, place + 1)
            return end
        for part in _PART.finditer(self.line, at, end):
            word, sign = part.group(1), part.group(2)
            known = word in self.keys or _LANGUAGE.fullmatch(word) is not None or top.holder in _BY_NAME
            if known and (sign == "：" or self.line[end : end + 1] == ":"):
                self._comma(part.start(), part.end())
                top.at_key = True
                return part.end()
        return end

    def _comma(self, start: int, end: int) -> None:
        self._tell("script.sign_comma", sign=self.line[start])
        self._put(start, end, ", ")

    def _filled(self, start: int, brace: int) -> int:
        """A text with `{{ … }}` in brackets, which YAML reads only in quotes."""
        if start == brace:
            self._tell("script.yaml_begins", sign="{")
        else:
            self._tell("script.yaml_holds", sign="{{ … }}")
        whole = _FILLED.match(self.line, brace)
        if whole is None:
            self.open.clear()
            return len(self.line)
        self._quote(start, whole.end())
        return whole.end()

    # Quotes.

    def _quoted(self, at: int) -> int:
        """Behind the quote that is open; it stays open where the line does not close it."""
        while at < len(self.line):
            if self.quote == '"' and self.line[at] == "\\":
                at += 2
            elif self.line[at] != self.quote:
                at += 1
            elif self.quote == "'" and self.line[at + 1 : at + 2] == "'":
                at += 2
            else:
                self.quote = ""
                return at + 1
        return len(self.line)

    def _quote(self, start: int, end: int) -> None:
        for at in range(start, end):
            self.signs[at] = self.signs[at].replace("'", "''")
        self.signs[start] = "'" + self.signs[start]
        self.signs[end - 1] += "'"

    def _curly(self, at: int, key: str, *, listed: bool, ends: str) -> int:
        """Behind “…” that stands for English quotes; 0 where it is words for people that YAML can read."""
        closing = _QUOTES[self.line[at]] + '"'
        close = next((place for place in range(at + 1, len(self.line)) if self.line[place] in closing), 0)
        inside = self.line[at + 1 : close]
        behind = self.line[close + 1 :].lstrip()
        if not close or (behind and behind[0] not in f"#{ends}"):
            return 0
        breaks = self.line[close] == '"' or any(sign in inside for sign in (": ", " #", *(",[]{}" if ends else "")))
        if not breaks and not self._nameless(key, listed=listed):
            return 0
        self._tell("script.sign_quotes")
        for place in range(at + 1, close):
            self.signs[place] = self.signs[place].replace("\\", "\\\\").replace('"', '\\"')
        self.signs[at] = self.signs[close] = '"'
        return close + 1
