"""Plays for the goldens: a script, who the customer is, and what they do, read from `goldens/*.yml`.

Rule: a reply is a text, or `{press: [step, choice]}`, or an event by its name; times are a minute apart unless given.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from dialogs.event_json import from_dict
from dialogs.events import Replied, Verdict
from dialogs.script import Script, load_script, shipped_scripts
from dialogs.simulation import START, Reply, simulate
from dialogs.unhappy import Mood

FOLDER = Path(__file__).with_name("goldens")
_SAD = ("rude", "cold", "terrible", "never", "脏", "太差", "冷的")
_GLAD = ("great", "wonderful", "太好了")
_ALWAYS = ("refund", "退款")


@dataclass(frozen=True, slots=True)
class Play:
    """One conversation of a golden file."""

    name: str
    script: Script
    replies: tuple[Reply, ...]
    customer: dict[str, Any]


def reading(text: str) -> tuple[Mood, Verdict]:
    """A reading that depends on a few plain words, so that goldens do not move with the trained model."""
    sad = tuple(word for word in _SAD + _ALWAYS if word in text)
    glad = tuple(f"+{word}" for word in _GLAD if word in text)
    unhappy = 0.93 if sad else 0.03 if glad else 0.3
    always = any(word in text for word in _ALWAYS)
    return Mood(unhappy, unhappy, "en", (), sad + glad, always), "unhappy" if sad else "fine"


def golden_files() -> list[Path]:
    return sorted(FOLDER.glob("*.yml"))


def plays(path: Path) -> list[Play]:
    """The plays of one file: of its own `script`, or of the shipped one called like the file."""
    loaded = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    source = loaded.get("script") or shipped_scripts()[path.stem]
    script = load_script(source, path=path.name)
    return [_play(name, script, given) for name, given in loaded["plays"].items()]


def _play(name: str, script: Script, given: dict[str, Any]) -> Play:
    replies = tuple(_reply(reply, START + 60 * count) for count, reply in enumerate(given.get("replies", ()), 1))
    customer = {key: value for key, value in given.items() if key not in ("replies", "desk")}
    desk = str(given.get("desk", ""))
    return Play(name, script, replies, {**customer, "promise": lambda _language, _escalations: desk})


def _reply(given: Any, at: float) -> Reply:
    if not isinstance(given, dict):
        return str(given)
    if "press" in given:
        step, choice = given["press"]
        return Replied(at, "", "webchat", f"p{at:.0f}", step, choice)
    words = given.get("text", "")
    if given.get("event") == "Replied" and words:
        mood, verdict = reading(words)
        given = {**given, "mood": mood.to_dict(), "verdict": verdict}
    return from_dict({"at": at, **given})


def transcript(play: Play) -> str:
    """The play as it goes, under its name."""
    lines = simulate(play.script, play.replies, read=reading, **play.customer)
    return "\n".join([f"== {play.name}", *lines])
