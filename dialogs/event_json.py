"""Events as JSON, for the conversation's log, for replay, and for what a conversation holds back.

Rule: what is at its default is not written, and reading gives back an event equal to the one that was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, Final, cast, get_args

from dialogs.events import Event
from dialogs.unhappy import Mood

_TYPES: Final = {kind.__name__: kind for kind in get_args(Event)}


def to_dict(event: Event) -> dict[str, Any]:
    """The event as plain JSON values, its kind under "event"."""
    written: dict[str, Any] = {"event": type(event).__name__}
    for one in fields(event):
        value = getattr(event, one.name)
        default = one.default_factory() if one.default_factory is not MISSING else one.default
        if value != default:
            written[one.name] = _plain(value)
    return written


def _plain(value: Any) -> Any:
    match value:
        case Mood():
            return value.to_dict()
        case Mapping():
            return dict(value)
        case tuple():
            return [_plain(item) for item in value]
    return value


def from_dict(data: Mapping[str, Any]) -> Event:
    """The event of `to_dict`. Raises ValueError that names an unknown kind or what does not fit it."""
    given = {name: value for name, value in data.items() if name != "event"}
    kind = _TYPES.get(str(data.get("event")))
    if kind is None:
        raise ValueError(f"there is no event {data.get('event')!r}; it is one of {', '.join(_TYPES)}")
    if given.get("mood") is not None:
        given["mood"] = Mood.from_dict(given["mood"])
    if "messages" in given:
        given["messages"] = tuple(given["messages"])
    try:
        return cast(Event, kind(**given))
    except TypeError as error:
        raise ValueError(f"this is no {kind.__name__} ({error})") from None
