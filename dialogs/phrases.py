"""A sentence that is in no language yet: its key and what is filled in, told where somebody reads it.

Rule: who finds something out says what and with which values, never in words. The words stand in `dialogs/texts`; the
page or the terminal chooses the language. `str()` is the English, for logs and errors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from dialogs.texts import spoken, text

#: What is filled in: words as they are, a phrase in the phrase, or a list of words.
Value: TypeAlias = "str | int | float | Phrase | tuple[str, ...]"


@dataclass(frozen=True, slots=True)
class Phrase:
    """The sentence `key` of `dialogs/texts`, with its fields by name."""

    key: str
    fields: tuple[tuple[str, Value], ...] = ()

    def told(self, language: str) -> str:
        """The sentence in `language`. Raises KeyError as `text` does."""
        return text(self.key, language, **{name: _told(value, language) for name, value in self.fields})

    def __str__(self) -> str:
        return self.told("en")

    def having(self, **fields: Value) -> Phrase:
        """The same with these fields instead."""
        return replace(self, fields=tuple({**dict(self.fields), **fields}.items()))


class PhraseError(ValueError):
    """An error that can be told in any language; its own words are English."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(phrase)

    @property
    def phrase(self) -> Phrase:
        """What is wrong."""
        found: Phrase = self.args[0]
        return found


def phrase(key: str, /, **fields: Value) -> Phrase:
    """The sentence "<area>.<key>" with its fields."""
    return Phrase(key, tuple(fields.items()))


def _told(value: Value, language: str) -> str:
    match value:
        case Phrase():
            return value.told(language)
        case tuple():
            return ("、" if spoken(language) == "zh" else ", ").join(value)
    return str(value)
