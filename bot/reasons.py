"""Why somebody is not written to, and why the store refuses: in plain English, shown in the words of whoever looks.

Rule: a reason is a sentence of `dialogs/texts/en/reason.yml`, made by `reason` alone; what the store refuses stands in
`refused.yml`. So they are read in the store, by the API and in a terminal as they are, and told again in any language.
What is none of these is shown as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dialogs.texts import keys, text
from dialogs.texts.recognition import recognized

#: What is kept of a reason, in characters.
LONGEST: Final = 200
_AREAS: Final = ("reason", "refused")
_BETWEEN: Final = "; "
#: Names that have words of their own: the field, and the text of each value.
_NAMED: Final = {"channel": "desk.channel_{}", "purpose": "house.purpose_{}"}


def reason(key: str, **fields: object) -> str:
    """The sentence `reason.<key>`, as it is kept."""
    return text(f"reason.{key}", "en", **fields)


def joined(reasons: Iterable[str]) -> str:
    """Several as one, each told once; as many as are kept, and none in part, as a part cannot be told again."""
    told = ""
    for one in dict.fromkeys(reasons):
        longer = f"{told}{_BETWEEN}{one}" if told else one
        if len(longer) > LONGEST:
            break
        told = longer
    return told


def reason_in(kept: str, language: str) -> str:
    """What is kept, several joined by "; ", in `language`."""
    parts = kept.split(_BETWEEN)
    # A sentence may hold a "; " of its own; but what is several sentences of ours is never one.
    if any(_found(one) is None for one in parts) and _found(kept) is not None:
        return _told(kept, language)
    return ("；" if language == "zh" else _BETWEEN).join(_told(one, language) for one in parts)


def key_of(kept: str) -> str:
    """Which sentence it is; empty for none of ours."""
    found = _found(kept)
    return found[0].partition(".")[2] if found is not None else ""


def _told(kept: str, language: str) -> str:
    found = _found(kept)
    if found is None:
        return kept
    key, fields = found
    return text(key, language, **{name: _named(name, value, language) for name, value in fields.items()})


def _named(field: str, value: str, language: str) -> str:
    key = _NAMED.get(field, "").format(value)
    if key in keys(language):
        return text(key, language)
    return value.capitalize() if field == "channel" else value


def _found(kept: str) -> tuple[str, dict[str, str]] | None:
    return recognized(kept, *_AREAS, words=_NAMED)
