"""Dialog scripts: one YAML file per dialog, read, checked and compiled.

Rule: a script that is wrong, or uses what is not built yet, is refused when it is loaded, with file, line and the fix.
What was loaded never changes, so one `Script` serves every conversation of its version.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path as FilePath
from typing import Final, TypeVar

from dialogs import prover
from dialogs.answers import stop_words
from dialogs.expressions import Expression, Path
from dialogs.phrases import phrase
from dialogs.script_names import check_names
from dialogs.script_parse import KINDS, StepReader, step_index
from dialogs.script_problems import Findings, Problem, ScriptError, in_order
from dialogs.script_reader import CHANNELS, Reader, instead
from dialogs.script_signs import mended
from dialogs.script_steps import END, EscalateStep, Script, Session
from dialogs.script_texts import Text
from dialogs.script_yaml import Mapping, Node, Scalar, Sequence, read_yaml

__all__ = ["BUILT", "END", "Problem", "Script", "ScriptError", "check_script", "load_script", "shipped_scripts"]

#: The step kinds there are.
BUILT: Final = frozenset(KINDS)
PURPOSES: Final = ("service", "marketing", "research")
_KEYS: Final = (
    "dialog", "title", "moment", "keyword", "keywords", "purpose", "languages", "when", "session", "steps",
)  # fmt: skip
#: Every key that a script may have anywhere, but for languages and the names that its author chooses.
_EVERY_KEY: Final = frozenset(
    {*_KEYS, *KINDS, *(key for keys in KINDS.values() for key in keys), *CHANNELS, "id", "next", "if", "then", "else"}
    | {"severity", "team", "remind_after", "expires_after", "value", "also"}
)
_TAG: Final = re.compile(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
#: What people call their languages, and codes of countries that they take for languages.
_TAG_OF: Final = {
    **dict.fromkeys(("中文", "汉语", "漢語", "简体中文", "普通话", "简体", "chinese", "cn", "chs"), "zh"),
    **dict.fromkeys(("繁体中文", "繁體中文", "繁体", "繁體", "cht"), "zh-TW"),
    **dict.fromkeys(("英文", "英语", "英語", "english", "eng"), "en"),
    **dict.fromkeys(("日文", "日语", "日本語", "japanese", "jp"), "ja"),
}
_T = TypeVar("_T")
_FOLDER: Final = FilePath(__file__).with_name("scripts")


def load_script(text: str, *, path: str) -> Script:
    """The compiled script. `path` is what messages call the file.

    Raises ScriptError with every error found, in the order of the file.
    """
    read = _read(text, path, BUILT)
    if read.script is None or not read.whole:
        raise ScriptError(read.findings.errors)
    return read.script


def check_script(
    text: str,
    path: str,
    *,
    built: frozenset[str] = BUILT,
    stops: frozenset[str] | None = None,
    fields: frozenset[str] = frozenset(),
) -> list[Problem]:
    """Everything that is wrong or doubtful, errors and warnings, in the order of the file.

    `built` are the step kinds that may be used; `stops` the folded stop words of the channels the script runs on;
    `fields` those of a customer's profile that other dialogs set.
    """
    read = _read(text, path, built)
    stops = stop_words("sms") if stops is None else stops
    if not read.findings.errors:
        for line, said in mended(text, _EVERY_KEY).found:
            if said.key.startswith("script.sign_"):  # It can be read, but hardly as it was meant.
                read.findings.warn(line, said.key, **dict(said.fields))
    if read.script is not None and read.provable:
        prover.prove(read.script, read.findings, stops, fields)
    elif read.script is not None:
        prover.check_stop_words(read.script, read.findings, stops)
    return in_order(read.findings.found)


def shipped_scripts() -> dict[str, str]:
    """The dialogs that ship: name to the text of the file."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(_FOLDER.glob("*.yml"))}


@dataclass(frozen=True, slots=True)
class _Read:
    """A script as far as it could be read, and what is wrong in it.

    `whole`: it can run; `provable`: it could once its signs are mended.
    """

    script: Script | None
    findings: Findings
    whole: bool
    provable: bool


def _read(text: str, path: str, built: frozenset[str]) -> _Read:
    script, findings = _as_written(text, path, built)
    whole = not _stopping(findings)
    if not findings.errors:
        return _Read(script, findings, whole, whole)
    english, told = mended(text, _EVERY_KEY), Findings(path)
    for line, said in english.found:
        told.add(line, said)
    better, others = _as_written(english.text, path, built) if english.found else (script, findings)
    tagged = _tagged(english.text, others)
    if tagged != english.text:
        told.found += [one for one in others.errors if one.said.key == "script.language_tag"]
        better, others = _as_written(tagged, path, built)
    near = {line + after for line, _ in english.found for after in (0, 1)}
    told.found += [one for one in others.found if not (one.line in near and one.said.key.startswith("script.yaml_"))]
    return _Read(script if whole else better, told, whole, not _stopping(others))


def _tagged(text: str, findings: Findings) -> str:
    """The file with `zh` for `中文` among its languages, where its texts do not go by that word."""
    lines = text.split("\n")
    for one in findings.errors:
        word = str(dict(one.said.fields).get("word", ""))
        tag = _tag_of(word) if one.said.key == "script.language_tag" else ""
        if tag and f"{word}:" not in text:
            lines[one.line - 1] = lines[one.line - 1].replace(word, tag, 1)
    return "\n".join(lines)


def _tag_of(word: str) -> str:
    """The tag of a language by what people call it; "" where it is not known."""
    low = word.lower()
    return _TAG_OF.get(low) or (low if _TAG.fullmatch(low) else "")


def _stopping(findings: Findings) -> bool:
    """Whether a script cannot run. One that was published before its languages were looked at goes on."""
    return any(one.said.key != "script.language_tag" for one in findings.errors)


def _as_written(text: str, path: str, built: frozenset[str]) -> tuple[Script | None, Findings]:
    findings = Findings(path)
    root = read_yaml(text, findings)
    if root is None:
        return None, findings
    if not isinstance(root, Mapping):
        findings.error(root.line, "script.file_shape", instead=instead(root))
        return None, findings
    return _Top(findings, root, path, built).script(text), findings


class _Top:
    """Reads what stands at the left edge of the file."""

    def __init__(self, findings: Findings, top: Mapping, path: str, built: frozenset[str]) -> None:
        self.findings, self.top, self.path, self.built = findings, top, path, built
        self.reader = Reader(findings)

    def script(self, text: str) -> Script:
        """What could be read; it is whole where nothing was found wrong."""
        self.reader.known_keys(self.top, _KEYS, phrase("script.in_dialog"))
        for key, example in (("dialog", "after_visit"), ("steps", "[…]")):
            if key not in self.top.items:
                self.findings.error(1, "script.top_missing", key=key, example=example)
        self.reader.languages = languages = self._languages()
        name = self._get("dialog", self.reader.name) or ""
        steps_reader = StepReader(self.reader, name, self.built)
        steps = steps_reader.read(self.top.items["steps"]) if "steps" in self.top.items else ()
        made = Script(
            name=name,
            title=self._title(name),
            moment=self._get("moment", self.reader.word) or "",
            purpose=self._purpose(),
            languages=languages,
            keywords=self._keywords(),
            when=self._get("when", self.reader.condition),
            session=self._session(),
            steps=steps,
            path=self.path,
            source_hash=blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest(),
            index=step_index(steps),
            names=frozenset(),
        )
        check_names(self.top.items.get("steps", self.top), steps_reader.index, self.reader.named, self.findings)
        return _with_names(made)

    def _get(self, key: str, read: Callable[[Node, str], _T | None]) -> _T | None:
        return read(self.top.items[key], key) if key in self.top.items else None

    def _languages(self) -> tuple[str, ...]:
        if "languages" not in self.top.items:
            self.findings.error(1, "script.languages_missing")
            return ("en",)
        found = self.reader.words(self.top.items["languages"], "languages")
        self._check_tags(self.top.items["languages"])
        return tuple(dict.fromkeys(found)) or ("en",)

    def _check_tags(self, node: Node) -> None:
        for item in node.items if isinstance(node, Sequence) else (node,):
            word = item.text.strip() if isinstance(item, Scalar) else ""
            if word and (word in _TAG_OF or not _TAG.fullmatch(word)):
                tag = _tag_of(word)
                fix = phrase("script.fix_tag", tag=tag) if tag else phrase("script.fix_tags")
                self.findings.error(item.line, "script.language_tag", word=word, fix=fix)

    def _title(self, name: str) -> dict[str, str]:
        if "title" not in self.top.items:
            return dict.fromkeys(self.reader.languages, name)
        texts = self.reader.texts(self.top.items["title"], "title")
        return {} if texts is None else {language: text.source for language, text in texts.by_language.items()}

    def _purpose(self) -> str:
        if "purpose" not in self.top.items:
            self.findings.error(1, "script.purpose_missing")
            return "service"
        return self.reader.one_of(self.top.items["purpose"], "purpose", PURPOSES) or "service"

    def _keywords(self) -> tuple[str, ...]:
        nodes = [self.top.items[key] for key in ("keyword", "keywords") if key in self.top.items]
        return tuple(word for node in nodes for word in self.reader.words(node, "keyword"))

    def _session(self) -> Session:
        if "session" not in self.top.items:
            return Session()
        given = self.reader.mapping(self.top.items["session"], "session")
        if given is None:
            return Session()
        self.reader.known_keys(given, ("remind_after", "expires_after"), phrase("script.in_key", key="session"))
        expires: float | None = Session().expires_after
        if "expires_after" in given.items:
            expires = self.reader.seconds(given.items["expires_after"], "expires_after")
        reminders: tuple[float, ...] = ()
        if "remind_after" in given.items:
            reminders = self._reminders(given.items["remind_after"], given.lines["remind_after"], expires)
        return Session(reminders, expires or Session().expires_after)

    def _reminders(self, node: Node, line: int, expires: float | None) -> tuple[float, ...]:
        nodes = node.items if isinstance(node, Sequence) else (node,)
        found = [self.reader.seconds(item, "remind_after") for item in nodes]
        times = [seconds for seconds in found if seconds is not None]
        if times != sorted(set(times)):
            self.findings.error(line, "script.reminders_order")
        if expires is not None and times and max(times) >= expires:
            self.findings.error(line, "script.reminders_late")
        if len(times) > 3:
            self.findings.error(line, "script.reminders_many")
        return tuple(times)


def _team(script: Script) -> Text:
    """The team of all that goes to staff, also of what no `escalate` step sends there."""
    named = {step.team.source: step.team for step in script.steps if isinstance(step, EscalateStep)}
    return next(iter(named.values())) if len(named) == 1 else script.team


def _with_names(script: Script) -> Script:
    names: set[Path] = set()
    if isinstance(script.when, Expression):
        names |= script.when.names
    for step in script.steps:
        names |= {path for _, _, path in prover.looked_at(step)}
    return replace(
        script,
        names=frozenset(names),
        escalates=any(isinstance(step, EscalateStep) for step in script.steps),
        uses_now=any(path[0] == "now" for path in names),
        promises=any(path[0] == "desk" for path in names),
        team=_team(script),
    )
