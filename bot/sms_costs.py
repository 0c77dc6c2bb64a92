"""What a dialog's texts cost as SMS: how many parts, in which alphabet, and the one character that makes them dear.

Rule: counted over what is really sent, with the choices as the list that SMS needs. What is filled in is not known here
and counts nothing, so a text costs at least this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from channels.capabilities import SMS
from channels.message import Choice
from channels.render import parts
from channels.sms_segments import Segments, segments
from dialogs.phrases import Phrase, phrase
from dialogs.script_steps import Collect, SayStep, Script
from dialogs.script_texts import Texts

#: What a keyboard or a word processor writes, and what GSM-7 has for it.
_PLAIN: Final = {
    "‘": "'", "’": "'", "‚": ",", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‑": "-", "…": "...",
    "•": "*", "·": "-", "\u00a0": " ", "\u2009": " ", "×": "x", "✓": "",
}  # fmt: skip
#: Above this share of characters beyond GSM-7 the text is of another script, and no character of it is to blame.
_ANOTHER_SCRIPT: Final = 0.2


@dataclass(frozen=True, slots=True)
class Cost:
    """One text in one language; it stands at `line`. `plain` is its cost with GSM-7's stand-ins for what it lacks.

    `blamed`: a character alone is at fault, and not the language.
    """

    line: int
    language: str
    sent: Segments
    plain: Segments
    blamed: bool

    @property
    def said(self) -> Phrase:
        """A line for who writes scripts."""
        sent = self.sent
        key = "script.sms_one" if sent.parts == 1 else "script.sms_parts"
        told = phrase(key, language=self.language, parts=sent.parts, units=sent.units, encoding=sent.encoding)
        if not self.blamed:
            return told
        return phrase(
            "script.sms_because", told=told, sign=repr(sent.cause), place=sent.position + 1, fix=self._fix()
        )

    def _fix(self) -> Phrase:
        instead = _PLAIN.get(self.sent.cause)
        if instead:
            fix = phrase("script.sms_write", sign=repr(instead))
        else:
            fix = phrase("script.fix_leave_out" if instead == "" else "script.sms_without")
        if self.plain.encoding != "GSM-7":
            return fix
        return phrase("script.sms_cheaper", fix=fix, parts=self.plain.parts)

    def __str__(self) -> str:
        return str(self.said)


def costs(script: Script) -> Iterator[Cost]:
    """Of every text that goes to customers, in the order of the script, each language apart."""
    for step in script.steps:
        if isinstance(step, SayStep):
            yield from _of(script, step.say, {})
        elif isinstance(step, Collect):
            yield from _of(script, step.ask, _choices(step))


def _choices(step: Collect) -> dict[str, tuple[Choice, ...]]:
    return {
        language: tuple(Choice(button.title, f"{number}") for number, button in enumerate(buttons))
        for language, buttons in step.buttons.items()
    }


def _of(script: Script, texts: Texts, choices: dict[str, tuple[Choice, ...]]) -> Iterator[Cost]:
    for language in script.languages:
        text = texts.pick(language, "sms")
        body = text.render({"language": language})
        sent = "\n".join(part.text for part in parts(body, choices.get(language, ()), language, SMS))
        plain = "".join(_PLAIN.get(char, char) for char in sent)
        counted = segments(sent)
        beyond = sum(1 for char in sent if segments(char).encoding == "UCS-2")
        blamed = 0 < beyond <= _ANOTHER_SCRIPT * len(sent)
        yield Cost(text.line, language, counted, segments(plain), blamed)
