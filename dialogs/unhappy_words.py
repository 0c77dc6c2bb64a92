"""The words the rule layer reads by: shipped lists, and the business's own over them.

Rule: a list is data. What a line means is decided here once, when it is loaded, and a line that cannot be read is
refused with its file and number, so that a typing mistake never silently switches a phrase off.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dialogs.unhappy_text import fold_emoji, fold_phrase

LANGUAGES = ("zh", "en", "any")
FOLDER = Path(__file__).with_name("mood")
#: What `*` at the end of an English word stands for.
ENDINGS = (
    "",
    "s",
    "es",
    "e",
    "ed",
    "d",
    "ing",
    "er",
    "ers",
    "ion",
    "ions",
    "ory",
    "ment",
    "ments",
    "r",
    "rs",
    "ful",
    "y",
)
SECTIONS = (
    "always",
    "not always",
    "waivers",
    "short",
    "negators",
    "but",
    "polarity",
    "neutral",
    "fillers",
    "asks",
    "wishes",
    "mends",
    "facts",
    "past",
    "now",
    "emoji",
)
#: Sections that give their phrases one part to play, and what an `Entry` calls it.
_PARTS = {
    "negators": "negator",
    "fillers": "filler",
    "waivers": "waives",
    "wishes": "wishes",
    "mends": "mends",
    "but": "but",
    "past": "past",
    "now": "now",
    "not": "blocks",
}
_ESCALATING = {"safety": -2.0, "refund": -2.0, "legal": -2.0}


class WordsError(ValueError):
    """A word list that cannot be used: names file, line and the fix."""


@dataclass(slots=True)
class Entry:
    """All that one phrase means. `value` runs from -3 (furious) to +3 (delighted).

    `always` names the reason why the phrase always escalates, unless a phrase that `waives` stands before it ("no need
    for a refund") or one that `blocks` covers it ("refund policy"). A `filler` may stand between a negator and what it
    negates; `denies` marks praise that holds a complaint's words, as "no complaints" does. `asks` is +1 where a
    question or a request begins, -1 where it only looks like one ("how dare you"); `wishes` marks a mild wish, `mends`
    that something was put right. A `fact` ("two hours") complains only beside a complaint or behind a "but". `past`
    says that its clause tells of what was or was feared, `now` that what follows does not. `acts` (it says
    something of the mood) and `plays` (it has one of the other parts) are drawn from the rest when all is loaded.
    """

    phrase: str
    value: float | None = None
    negator: bool = False
    but: bool = False
    always: str = ""
    blocks: bool = False
    waives: bool = False
    filler: bool = False
    denies: bool = False
    topics: tuple[str, ...] = ()
    asks: int = 0
    wishes: bool = False
    mends: bool = False
    fact: bool = False
    past: bool = False
    now: bool = False
    acts: bool = False
    plays: bool = False


@dataclass(slots=True)
class WordList:
    """One language's phrases. `lookup` maps a first token to its phrases, longest first."""

    language: str
    entries: dict[str, Entry] = field(default_factory=dict)
    short: dict[str, float] = field(default_factory=dict)
    emoji: dict[str, float] = field(default_factory=dict)
    topics: list[str] = field(default_factory=list)

    def entry(self, phrase: str) -> Entry:
        return self.entries.setdefault(phrase, Entry(phrase))


@dataclass(frozen=True, slots=True)
class Words:
    """The lists of every language; pass it to `Reader`. Not changed after loading."""

    zh: WordList
    en: WordList
    any: WordList

    def topic_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.zh.topics + self.en.topics))


@functools.cache
def shipped_words() -> Words:
    """The lists in the package, read once: everybody shares them, nobody may change them."""
    return load_words()


def load_words(*own: Path) -> Words:
    """The shipped lists with the business's `own` files over them, in order.

    An own file begins its parts with `language zh`, `language en` or `language any`; its lines add phrases, change
    values, and with a leading `-` take a phrase out. Raises `WordsError` naming file and line.
    """
    lists = {language: WordList(language) for language in LANGUAGES}
    for language in LANGUAGES:
        path = FOLDER / f"words.{language}.txt"
        _read(path.read_text(encoding="utf-8"), str(path.name), lists, language)
    for path in own:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise WordsError(f"{path}: cannot be read as UTF-8 text ({error}); save it as UTF-8") from error
        _read(text, str(path), lists, "")
    for words in lists.values():
        _value_escalations(words)
        _mark_denials(words)
        _mark_roles(words)
    return Words(lists["zh"], lists["en"], lists["any"])


def _value_escalations(words: WordList) -> None:
    """A danger, a refund or the law is a complaint as well, where no list says how strong."""
    for entry in words.entries.values():
        if entry.value is None:
            entry.value = _ESCALATING.get(entry.always)


def _mark_denials(words: WordList) -> None:
    join = " " if words.language == "en" else ""
    complaints = {entry.phrase for entry in words.entries.values() if (entry.value or 0) < 0}
    longest = max((len(_parts(phrase, join)) for phrase in complaints), default=0)
    for entry in words.entries.values():
        if (entry.value or 0) > 0:
            parts = _parts(entry.phrase, join)
            entry.denies = any(
                join.join(parts[first : first + length]) in complaints
                for first in range(len(parts))
                for length in range(1, min(longest, len(parts) - first) + 1)
            )


def _parts(phrase: str, join: str) -> Sequence[str]:
    return phrase.split(join) if join else phrase


def _mark_roles(words: WordList) -> None:
    for entry in words.entries.values():
        entry.acts = entry.value is not None or entry.but or entry.negator or entry.filler
        escalates = bool(entry.always) or entry.blocks or entry.waives
        told = entry.wishes or entry.mends or entry.past or entry.now
        entry.plays = escalates or bool(entry.asks) or told


def _read(text: str, name: str, lists: dict[str, WordList], language: str) -> None:
    section = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("# ") or line == "#":
            continue
        where = f"{name}:{number}"
        if line.startswith("language "):
            language, section = _language(line.removeprefix("language ").strip(), where), ""
        elif line.startswith("[") and line.endswith("]") and "=" not in line:
            section = _section(line[1:-1].strip().lower(), where)
        elif not language or not section:
            raise WordsError(f"{where}: '{line}' stands before any section; begin with 'language en' and '[polarity]'")
        else:
            _line(line, section, lists[language], where)


def _language(name: str, where: str) -> str:
    if name not in LANGUAGES:
        raise WordsError(f"{where}: no language '{name}'; write one of {', '.join(LANGUAGES)}")
    return name


def _section(name: str, where: str) -> str:
    kind = name.split(" ")[0]
    if name in SECTIONS or (kind in ("always", "topic") and " " in name):
        return name
    raise WordsError(f"{where}: no section '[{name}]'; write one of {', '.join(SECTIONS)}, [always NAME], [topic NAME]")


def _line(line: str, section: str, words: WordList, where: str) -> None:
    takes_out = line.startswith("-") and section != "emoji" and len(line) > 1
    phrase, _, figure = (line[1:] if takes_out else line).rpartition(" = ")
    if not phrase:
        phrase, figure = figure, ""
    for form in _forms(phrase, words.language, section):
        if not form:
            raise WordsError(f"{where}: nothing of '{phrase}' is left to be found in a text; write the sign or phrase")
        if takes_out:
            _take_out(form, section, words, where)
        else:
            _put(form, section, _value(figure, section, where), words)


def _forms(phrase: str, language: str, section: str) -> list[str]:
    if section == "emoji":
        return _bracketed(fold_emoji(phrase))
    if phrase.endswith("*"):
        stem = fold_phrase(phrase[:-1], language)
        return [stem + ending for ending in ENDINGS]
    return [fold_phrase(phrase, language)]


def _bracketed(sign: str) -> list[str]:
    """A sign; one in brackets also as Xiaohongshu writes it, [微笑R]."""
    chinese = sign.startswith("[") and sign.endswith("]") and not sign[-2:-1].isascii()
    return [sign, f"{sign[:-1]}r]"] if chinese else [sign]


def _value(figure: str, section: str, where: str) -> float:
    if section not in ("short", "polarity", "neutral", "facts", "asks", "emoji"):
        if figure:
            raise WordsError(f"{where}: '[{section}]' takes phrases alone; remove '= {figure}'")
        return 0.0
    if section == "asks" and not figure:
        return 1.0
    try:
        value = float(figure)
    except ValueError:
        raise WordsError(f"{where}: '{figure}' is no value; write 'phrase = number' from -3 to 3") from None
    if not -3 <= value <= 3:
        raise WordsError(f"{where}: {figure} is outside -3 to 3")
    return value


def _put(phrase: str, section: str, value: float, words: WordList) -> None:
    kind, _, name = section.partition(" ")
    match kind:
        case "short":
            words.short[phrase] = value
        case "emoji":
            words.emoji[phrase] = value
        case "asks":
            words.entry(phrase).asks = -1 if value < 0 else 1
        case "always":
            words.entry(phrase).always = name or "always"
        case "topic":
            _put_topic(words, phrase, name)
        case _ if kind in _PARTS:
            setattr(words.entry(phrase), _PARTS[kind], True)
        case _:
            entry = words.entry(phrase)
            entry.value, entry.fact = value, kind == "facts"


def _put_topic(words: WordList, phrase: str, name: str) -> None:
    entry = words.entry(phrase)
    if name not in words.topics:
        words.topics.append(name)
    if name not in entry.topics:
        entry.topics = (*entry.topics, name)


def _take_out(phrase: str, section: str, words: WordList, where: str) -> None:
    kind, _, name = section.partition(" ")
    table: dict[str, float] | None = {"short": words.short, "emoji": words.emoji}.get(kind)
    if table is not None:
        if table.pop(phrase, None) is None:
            raise WordsError(f"{where}: '{phrase}' is not in [{section}]; nothing to take out")
        return
    entry = words.entries.get(phrase)
    if entry is None:
        raise WordsError(f"{where}: '{phrase}' is not in [{section}]; nothing to take out")
    match kind:
        case "asks":
            entry.asks = 0
        case "always":
            entry.always = ""
        case "topic":
            entry.topics = tuple(topic for topic in entry.topics if topic != name)
        case _ if kind in _PARTS:
            setattr(entry, _PARTS[kind], False)
        case _:
            entry.value, entry.fact = None, False
