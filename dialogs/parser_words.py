"""What the parsers of YAML and of templates say of what they cannot read, as a phrase.

Rule: their English is kept to the letter; in other languages what it means is said. What is not known here is told as
it stands.
"""

from __future__ import annotations

from functools import reduce
from typing import Final, Literal

from dialogs.phrases import Phrase, Value, phrase
from dialogs.texts.recognition import recognized

Parser = Literal["template", "yaml"]

_PARTS: Final = "token"
_OR: Final = " or "
_QUOTES: Final = {"'": "script.named", '"': "script.quoted"}


def said_of(parser: Parser, message: str) -> Phrase | str:
    """The message of Jinja2's TemplateSyntaxError or of ruamel's YAMLError."""
    found = recognized(message, parser)
    if found is None:
        return message
    key, fields = found
    return phrase(key, **{name: _part(name, value) for name, value in fields.items()})


def _part(field: str, value: str) -> Value:
    """What a message names: a sign or a word, as it stands, or a part of a template; or several of them."""
    if _OR in value:
        return reduce(_either, (_part(field, one) for one in value.split(_OR)))
    known = recognized(value, _PARTS)
    if known is not None and (field, value) != ("got", "'name'"):  # A name that is met is told itself.
        return phrase(known[0])
    if len(value) > 2 and value[0] == value[-1] and value[0] in _QUOTES:
        return phrase(_QUOTES[value[0]], word=value[1:-1])
    return value


def _either(one: Value, other: Value) -> Phrase:
    return phrase("template.either", one=one, other=other)
