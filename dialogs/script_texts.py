"""Texts of a script, compiled once: by channel, by language, with what is filled in.

Rule: a text without `{{` or `{%` never goes through a template; one with plain names becomes segments; the rest runs
in the sandbox. What is filled in is data and is never read as a template, and what comes out is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import TemplateSyntaxError, nodes

from dialogs.expressions import Evaluate, ExpressionError, Path, Scope, closure, full_width_in, half_width
from dialogs.parser_words import said_of
from dialogs.phrases import Phrase, phrase
from dialogs.sandbox import (
    ENVIRONMENT,
    LONGEST_PIECE,
    LONGEST_TEXT,
    Refused,
    checked_template,
    compile_template,
    named_paths,
    shown,
    shown_paths,
)
from dialogs.texts import text

_MARK: Final = re.compile(r"\{[{%#]")
_SINGLE: Final = re.compile(r"\{\{[^{}]{0,200}\}(?!\})")
_BRACES: Final = re.compile(r"[｛{]{2}[^{}｛｝]{1,100}[｝}]{2}")
_INSIDE: Final = re.compile(r"\{([{%])(.{0,400}?)[%}]\}")


class Text:
    """One text; `line` is where it stands. `fixed` is the text itself where nothing is filled in.

    `names` are the paths it looks at, `shows` those of them that it puts before people as they are, whatever they hold.
    """

    __slots__ = ("_pieces", "_render", "fixed", "line", "names", "shows", "source")

    def __init__(self, source: str, line: int = 1) -> None:
        """Raises ExpressionError."""
        self.source = source
        self.line = line
        self.names: frozenset[Path] = frozenset()
        self.shows: frozenset[Path] = frozenset()
        self.fixed: str | None = None
        self._pieces: tuple[str | Evaluate, ...] = ()
        self._render: Callable[[Scope], str] | None = None
        if _MARK.search(source) is None:
            self.fixed = source
        else:
            self._compile(source)

    def _compile(self, source: str) -> None:
        try:
            tree = checked_template(ENVIRONMENT.parse(source))
        except TemplateSyntaxError as error:
            wrong = _one_sign(source)
            if wrong is not None:
                raise ExpressionError(wrong) from None
            said = said_of("template", error.message or "")
            raise ExpressionError(phrase("script.template_wrong", said=said, example="{{ profile.name }}")) from None
        except Refused as refused:
            raise ExpressionError(refused.phrase) from None
        except RecursionError:
            raise ExpressionError(phrase("script.too_deep")) from None
        self.names = named_paths(tree)
        self.shows = shown_paths(tree)
        pieces = _pieces(tree.body)
        if pieces is None:
            self._render = compile_template(tree)
        else:
            self._pieces = pieces

    def render(self, scope: Scope) -> str:
        """The text for a customer, at most `LONGEST_TEXT` characters; never raises."""
        if self.fixed is not None:
            return self.fixed
        if self._render is not None:
            return self._render(scope)
        return _joined(self._pieces, scope)[:LONGEST_TEXT]

    def value(self, scope: Scope) -> Any:
        """What a `set` step stores: the thing itself where the text is one `{{ … }}` and nothing else."""
        if len(self._pieces) == 1 and not isinstance(self._pieces[0], str):
            return self._pieces[0](scope)
        return self.render(scope)


def full_width_braces(source: str) -> Phrase | None:
    """`｛｛ profile.name ｝｝`, which a customer would be shown as it stands."""
    for found in _BRACES.finditer(source):
        written = found.group()
        english = written.replace("｛", "{").replace("｝", "}")
        if english != written:
            return phrase("script.full_braces", written=written, shape=english)
    return None


def _one_sign(source: str) -> Phrase | None:
    """What is wrong between `{{` and `}}` where one sign is at fault: a brace that is missing, or one full-width."""
    shown = full_width_braces(source)
    if shown is not None:
        return shown
    single = _SINGLE.search(source)
    if single is not None:
        return phrase("script.brace_missing", written=single.group(), sign="}", shape=f"{single.group()}}}")
    for inside in _INSIDE.finditer(source):
        signs = full_width_in(inside.group(2))
        if signs:
            fixed = phrase("script.hint_written", word=half_width(inside.group()))
            return phrase("script.full_width", source=inside.group(), signs=signs, hint=fixed)
    return None


def _filled(value: Any, scope: Scope) -> str:
    match value:
        case str():
            return value[:LONGEST_PIECE]
        case bool():
            return text("dialog.yes" if value else "dialog.no", str(scope.get("language", "")))
        case list() | tuple():
            comma = "、" if str(scope.get("language", "")).startswith("zh") else ", "
            return comma.join(shown(item) for item in value[:100])[:LONGEST_PIECE]
    return shown(value)


def _pieces(body: Sequence[nodes.Node]) -> tuple[str | Evaluate, ...] | None:
    """Fixed text and closures, or None where the sandbox is needed."""
    pieces: list[str | Evaluate] = []
    for node in body:
        match node:
            case nodes.TemplateData():
                pieces.append(node.data)
                continue
            case nodes.Output():
                inner = _pieces(node.nodes)
                if inner is None:
                    return None
                pieces += inner
                continue
            case nodes.If():
                compiled = _choice(node)
            case nodes.Expr():
                compiled = closure(node)
            case _:
                compiled = None
        if compiled is None:
            return None
        pieces.append(compiled)
    return tuple(pieces)


def _choice(node: nodes.If) -> Evaluate | None:
    """`{% if %}`, `{% elif %}`, `{% else %}` as one closure that gives the text."""
    branches: list[tuple[Evaluate, tuple[str | Evaluate, ...]]] = []
    for branch in (node, *node.elif_):
        test = closure(branch.test) if isinstance(branch.test, nodes.Expr) else None
        inner = _pieces(branch.body)
        if test is None or inner is None:
            return None
        branches.append((test, inner))
    otherwise = _pieces(node.else_)
    if otherwise is None:
        return None

    def choose(scope: Scope) -> str:
        for test, inner in branches:
            if test(scope):
                return _joined(inner, scope)
        return _joined(otherwise, scope)

    return choose


def _joined(pieces: tuple[str | Evaluate, ...], scope: Scope) -> str:
    return "".join([piece if isinstance(piece, str) else _filled(piece(scope), scope) for piece in pieces])


@dataclass(frozen=True, slots=True)
class Texts:
    """One sentence in every language of the script. `on` holds a channel's own words by (channel, language)."""

    line: int
    by_language: Mapping[str, Text]
    on: Mapping[tuple[str, str], Text]

    def pick(self, language: str, channel: str) -> Text:
        """The words for this customer here. The language is one of the script's."""
        if self.on:
            own = self.on.get((channel, language))
            if own is not None:
                return own
        return self.by_language[language]

    def every(self) -> tuple[Text, ...]:
        return (*self.by_language.values(), *self.on.values())
