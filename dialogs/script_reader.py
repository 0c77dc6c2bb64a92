"""Reading single values out of a script's tree: words, durations, texts, lists.

Rule: every reader gives a value that can be used, or None with the reason in the findings, so that one mistake never
hides the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, TypeAlias

from dialogs.expressions import Expression, ExpressionError, Path
from dialogs.phrases import Phrase, phrase
from dialogs.script_problems import Findings, did_you_mean
from dialogs.script_texts import Text, Texts, full_width_braces
from dialogs.script_yaml import Mapping, Node, Scalar, Sequence

CHANNELS: Final = ("telegram", "wechat", "wecom", "sms", "email", "webchat", "rest")
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)")
_SECONDS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST_TEXT: Final = 4_000  # Characters; the longest platform takes 4,096 in one message.
_LONGEST_CONDITION: Final = 1_000
_LONGEST_WAIT: Final = 366 * 86400.0

#: Line, key and what is looked at there, of a text or a condition that was read.
Named: TypeAlias = tuple[int, str, frozenset[Path]]


class Reader:
    """Reads the values of one script; knows its languages, and keeps what its texts and conditions name."""

    def __init__(self, findings: Findings, languages: tuple[str, ...] = ("en",)) -> None:
        self.findings = findings
        self.languages = languages
        self.named: list[Named] = []

    def known_keys(self, node: Mapping, known: Iterable[str], where: Phrase) -> None:
        """Finds fault with every key that is not known."""
        names = tuple(known)
        for key in node.items:
            if key not in names:
                self.findings.error(
                    node.lines[key], "script.unknown_key", where=where, key=key, hint=did_you_mean(key, names)
                )

    def mapping(self, node: Node, what: str) -> Mapping | None:
        if isinstance(node, Mapping):
            return node
        self.findings.error(node.line, "script.not_lines", what=what, instead=instead(node))
        return None

    def word(self, node: Node, what: str) -> str | None:
        """A text without line breaks, such as a name; a number counts as its digits."""
        if isinstance(node, Scalar) and node.value is not None and node.text.strip():
            return node.text.strip()
        self.findings.error(node.line, "script.not_word", what=what, instead=instead(node))
        return None

    def name(self, node: Node, what: str) -> str | None:
        """A word that can be named in conditions: lower-case letters, digits, `_`."""
        word = self.word(node, what)
        if word is None or NAME.fullmatch(word):
            return word
        fixed = re.sub(r"[^a-z0-9_]+", "_", word.lower()).strip("_")
        hint = phrase("script.hint_written", word=fixed) if NAME.fullmatch(fixed) else ""
        self.findings.error(node.line, "script.not_name", what=what, word=word, hint=hint)
        return None

    def one_of(self, node: Node, what: str, known: Iterable[str]) -> str | None:
        word = self.word(node, what)
        if word is None or word in known:
            return word
        self.findings.error(node.line, "script.unknown_word", what=what, word=word, hint=did_you_mean(word, known))
        return None

    def words(self, node: Node, what: str) -> tuple[str, ...]:
        """One word, or a list of them."""
        nodes = node.items if isinstance(node, Sequence) else (node,)
        found = [self.word(item, what) for item in nodes]
        return tuple(word for word in found if word is not None)

    def number(self, node: Node, what: str) -> float | None:
        if isinstance(node, Scalar) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return node.value
        self.findings.error(node.line, "script.not_number", what=what, instead=instead(node))
        return None

    def yes_no(self, node: Node, what: str) -> bool:
        """true or false; yes and no are understood as an author means them."""
        word = node.text.strip().lower() if isinstance(node, Scalar) else ""
        if word in ("true", "yes", "false", "no"):
            return word in ("true", "yes")
        self.findings.error(node.line, "script.not_yes_no", what=what, instead=instead(node))
        return False

    def seconds(self, node: Node, what: str) -> float | None:
        """A duration such as 20h, 90m, 3d."""
        written = node.text.strip() if isinstance(node, Scalar) else ""
        match = _DURATION.fullmatch(written)
        if match is None:
            self.findings.error(node.line, "script.not_duration", what=what, written=written)
            return None
        found = float(match.group(1)) * _SECONDS[match.group(2)]
        if not 0 < found <= _LONGEST_WAIT:
            self.findings.error(node.line, "script.duration_range", what=what, written=written)
            return None
        return found

    def condition(self, node: Node, what: str) -> Expression | None:
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return Expression(node.text.lower(), node.line)
        source = self.word(node, what)
        if source is None:
            return None
        if len(source) > _LONGEST_CONDITION:
            self.findings.error(
                node.line, "script.condition_long", what=what, count=len(source), most=_LONGEST_CONDITION
            )
            return None
        if source.startswith("{{") and source.endswith("}}"):
            source = source[2:-2].strip()
        try:
            made = Expression(source, node.line)
        except ExpressionError as error:
            self.findings.error(node.line, "script.condition_wrong", what=what, problem=error.phrase)
            return None
        self.named.append((made.line, what, made.names))
        return made

    def text(self, node: Node, what: str) -> Text | None:
        """One text in no particular language: a tag, a team, a severity."""
        if not isinstance(node, Scalar) or node.value is None:
            self.findings.error(node.line, "script.not_text", what=what, instead=instead(node))
            return None
        if len(node.text) > _LONGEST_TEXT:
            self.findings.error(
                node.line, "script.text_long", what=what, count=len(node.text), most=_LONGEST_TEXT
            )
            return None
        try:
            made = Text(node.text, node.line)
        except ExpressionError as error:
            self.findings.error(node.line, "script.text_wrong", what=what, problem=error.phrase)
            return None
        self.named.append((made.line, what, made.names))
        braces = full_width_braces(node.text)
        if braces is not None:
            self.findings.warn(node.line, "script.text_wrong", what=what, problem=braces)
        return made

    def texts(self, node: Node, what: str, on: Node | None = None) -> Texts | None:
        """A sentence in every language of the script, and a channel's own words beside it (`on`)."""
        by_language = self._by_language(node, what)
        own: dict[tuple[str, str], Text] = {}
        channels = self.mapping(on, f"{what}_on") if on is not None else None
        if channels is not None:
            self.known_keys(channels, CHANNELS, phrase("script.in_key", key=f"{what}_on"))
            for channel, words in channels.items.items():
                if channel in CHANNELS:
                    found = self._by_language(words, f"{what}_on {channel}")
                    own |= {(channel, language): text for language, text in found.items()}
        if not all(language in by_language for language in self.languages):
            return None
        return Texts(node.line, by_language, own)

    def _by_language(self, node: Node, what: str) -> dict[str, Text]:
        if isinstance(node, Scalar) and len(self.languages) == 1 and node.value is not None:
            text = self.text(node, what)
            return {} if text is None else {self.languages[0]: text}
        if not isinstance(node, Mapping):
            shape = ", ".join(f"{language}: …" for language in self.languages)
            self.findings.error(
                node.line, "script.not_texts", what=what, shape=f"{{{shape}}}", instead=instead(node)
            )
            return {}
        self._check_languages(node, what)
        found = {
            language: self.text(words, what) for language, words in node.items.items() if language in self.languages
        }
        return {
            language: text for language, text in found.items() if text is not None and self._worded(text, node, what)
        }

    def _check_languages(self, node: Mapping, what: str) -> None:
        for language in node.items:
            if language not in self.languages:
                looks_so = re.fullmatch(r"[a-z]{2}(-[A-Za-z]+)?", language)
                self.findings.error(
                    node.lines[language],
                    "script.language_not_ours",
                    what=what,
                    language=language,
                    ours=self.languages,
                    fix=phrase("script.fix_add_language" if looks_so else "script.fix_remove"),
                )
        for language in self.languages:
            if language not in node.items:
                self.findings.error(node.line, "script.language_missing", what=what, language=language)

    def _worded(self, text: Text, node: Mapping, what: str) -> bool:
        if text.source.strip():
            return True
        self.findings.error(node.line, "script.text_empty", what=what)
        return False


def instead(node: Node) -> Phrase:
    """What stands where something else should."""
    match node:
        case Sequence():
            return phrase("script.instead_list")
        case Mapping():
            return phrase("script.instead_lines")
        case Scalar(value=None):
            return phrase("script.instead_nothing")
        case Scalar():
            return phrase("script.instead_word", word=node.text[:60])
