"""Jinja2's sandbox, made smaller: what a script may write in `{{ … }}` and `{% … %}`.

Rule: nothing here can hang, fill the memory or reach an object. Calls, loops in loops, assignments and powers are
refused when the script is loaded; a loop runs over a list's first 50 items; what comes out is cut. Looking up
sees mappings and lists, so no attribute of a Python object can be reached at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from jinja2 import ChainableUndefined, TemplateSyntaxError, nodes
from jinja2.parser import Parser
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dialogs.phrases import Phrase, PhraseError, phrase

#: Characters of a text after filling it in; the longest platform takes 4,096 in one message.
LONGEST_TEXT: Final = 8_000
#: Characters of one thing filled in.
LONGEST_PIECE: Final = 4_000


class Refused(PhraseError):
    """Part of the syntax that scripts do not have; it says what to write instead."""


_EXPRESSIONS: Final = (
    nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.TemplateData, nodes.Compare, nodes.Operand, nodes.And,
    nodes.Or, nodes.Not, nodes.Neg, nodes.Pos, nodes.CondExpr, nodes.List, nodes.Tuple, nodes.Add, nodes.Sub, nodes.Mul,
    nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Concat, nodes.Filter, nodes.Test,
)  # fmt: skip
_STATEMENTS: Final = (nodes.Template, nodes.Output, nodes.If, nodes.For)
_INSTEAD: Final[Mapping[type[nodes.Node], Phrase]] = {
    nodes.Call: phrase("script.no_calls"),
    nodes.Pow: phrase("script.no_powers"),
    nodes.Assign: phrase("script.no_assigning"),
    nodes.Slice: phrase("script.no_slices"),
}


class Missing(ChainableUndefined):
    """What is not there: false, empty, and unequal to everything."""

    __slots__ = ()

    def _never(self, other: object) -> bool:
        return False

    def _nothing(self, *others: object) -> Missing:
        return self

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _never  # type: ignore[assignment]
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = __pos__ = _nothing  # type: ignore[assignment]
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _nothing  # type: ignore[assignment]
    __hash__ = ChainableUndefined.__hash__


def _text(value: object) -> str:
    return shown(value)[:LONGEST_PIECE]


def _items(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | str) else []


def _number(value: object, default: float) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return default


def _whole(value: object, default: int = 0) -> int:
    number = _number(value, default)
    return int(number) if abs(number) < 1e15 else default


def _default(value: object, other: object = "", boolean: bool = False) -> object:
    return other if value is None or isinstance(value, Missing) or (boolean and not value) else value


def _rounded(value: object, digits: object = 0) -> float:
    return round(_number(value, 0.0), max(-15, min(15, _whole(digits))))


def _joined(value: object, separator: object = "") -> str:
    return _text(separator)[:100].join(_text(item)[:200] for item in _items(value)[:100])


def _cut(value: object, length: object = 255) -> str:
    text, most = _text(value), max(1, _whole(length, 255))
    return text if len(text) <= most else text[: most - 1] + "…"


#: Every filter there is: bounded in what it takes and what it gives.
FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "lower": lambda value: _text(value).lower(),
    "upper": lambda value: _text(value).upper(),
    "capitalize": lambda value: _text(value).capitalize(),
    "title": lambda value: _text(value).title(),
    "trim": lambda value: _text(value).strip(),
    "length": lambda value: len(value) if isinstance(value, str | list | tuple | Mapping) else 0,
    "count": lambda value: len(value) if isinstance(value, str | list | tuple | Mapping) else 0,
    "first": lambda value: next(iter(_items(value)), None),
    "last": lambda value: next(iter(_items(value)[-1:]), None),
    "join": _joined,
    "truncate": _cut,
    "default": _default,
    "d": _default,
    "int": _whole,
    "float": lambda value, default=0.0: _number(value, default),
    "round": _rounded,
    "abs": lambda value: abs(_number(value, 0.0)),
}
_MOST_ROUNDS: Final = 50
TESTS: Final = (
    "defined",
    "undefined",
    "none",
    "number",
    "string",
    "odd",
    "even",
    "in",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
)

_LOOP: Final = frozenset({"index", "index0", "first", "last", "length"})


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset(ImmutableSandboxedEnvironment.default_binop_table)

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping) and isinstance(argument, str) and argument in obj:
            return obj[argument]
        if isinstance(obj, list | tuple) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        if isinstance(obj, LoopContext) and argument in _LOOP:
            return getattr(obj, argument)
        return Missing(obj=obj, name=str(argument))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        both_text = operator == "+" and isinstance(left, str) and isinstance(right, str)
        if both_text or (isinstance(left, int | float) and isinstance(right, int | float)):
            return super().call_binop(context, operator, left, right)
        return Missing(name=operator)


def _environment() -> _Environment:
    made = _Environment(undefined=Missing, autoescape=False, trim_blocks=True, lstrip_blocks=True, finalize=_text)
    made.globals.clear()
    made.filters = {
        **FILTERS,
        "_few": lambda value: list(value)[:_MOST_ROUNDS] if isinstance(value, list | tuple) else [],
    }
    made.tests = {name: made.tests[name] for name in TESTS}
    return made


ENVIRONMENT: Final = _environment()


def shown(value: object) -> str:
    """A value as a person reads it: 3.0 is "3", a list is joined, what is missing is nothing."""
    match value:
        case str():
            return value
        case None | Missing():
            return ""
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case list() | tuple():
            return ", ".join(shown(item) for item in value[:100])
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return str(value)
    return ""


def parse_expression(source: str) -> nodes.Expr:
    """Raises TemplateSyntaxError."""
    parser = Parser(ENVIRONMENT, source, state="variable")
    tree = parser.parse_expression()
    if not parser.stream.eos:
        raise TemplateSyntaxError("more follows where it should end", 1)
    return tree


def checked_expression(tree: nodes.Expr) -> nodes.Expr:
    """The same tree. Raises Refused where it holds what scripts do not have."""
    for node in _all(tree):
        _check(node, _EXPRESSIONS)
    return tree


def checked_template(tree: nodes.Template) -> nodes.Template:
    """The same tree. Raises Refused where it holds what scripts do not have."""
    for node in _all(tree):
        _check(node, _EXPRESSIONS + _STATEMENTS)
        if isinstance(node, nodes.For):
            if node.recursive or any(True for _ in node.find_all(nodes.For)):
                raise Refused(phrase("script.no_inner_loops"))
            if not isinstance(node.iter, nodes.Name | nodes.Getattr | nodes.Getitem):
                raise Refused(phrase("script.loop_over"))
    return tree


def _all(tree: nodes.Node) -> Iterator[nodes.Node]:
    yield tree
    for child in tree.iter_child_nodes():
        yield from _all(child)


def _check(node: nodes.Node, allowed: tuple[type[nodes.Node], ...]) -> None:
    if not isinstance(node, allowed):
        named = type(node).__name__.lower()
        raise Refused(_INSTEAD.get(type(node), phrase("script.no_such_syntax", named=named)))
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        raise Refused(phrase("script.no_filter", name=node.name, known=tuple(FILTERS)))
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        raise Refused(phrase("script.no_test", name=node.name, known=TESTS[:7]))


def named_paths(tree: nodes.Node) -> frozenset[tuple[str, ...]]:
    """What a template looks at, as far as it can be told: ("slots", "nps"), ("brand",). Loop variables are left out."""
    inner = {child.name for loop in tree.find_all(nodes.For) for child in loop.target.find_all(nodes.Name)}
    inner |= {loop.target.name for loop in tree.find_all(nodes.For) if isinstance(loop.target, nodes.Name)}
    if inner:
        inner.add("loop")
    return frozenset(path for path in _paths(tree) if path[0] not in inner)


def shown_paths(tree: nodes.Template) -> frozenset[tuple[str, ...]]:
    """The paths that stand alone in `{{ … }}`, outside of any `{% if %}`."""
    shown_here = [node for output in tree.body if isinstance(output, nodes.Output) for node in output.nodes]
    return frozenset(
        path
        for node in shown_here
        if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem)
        for path in _paths(node)
    )


def _paths(node: nodes.Node) -> Iterator[tuple[str, ...]]:
    path: list[str] = []
    inner = node
    while (name := _member_name(inner)) is not None and isinstance(inner, nodes.Getattr | nodes.Getitem):
        path.append(name)
        inner = inner.node
    if isinstance(inner, nodes.Name):
        yield (inner.name, *reversed(path))
        return
    for child in node.iter_child_nodes():
        yield from _paths(child)


def _member_name(node: nodes.Node) -> str | None:
    match node:
        case nodes.Getattr():
            return str(node.attr)
        case nodes.Getitem(arg=nodes.Const(value=str() as name)):
            return name
    return None


def compile_expression(source: str) -> Callable[[Mapping[str, Any]], Any]:
    """The expression in the sandbox; None where it fails or what it names is missing."""
    compiled = ENVIRONMENT.compile_expression(source, undefined_to_none=True)

    def evaluate(scope: Mapping[str, Any]) -> Any:
        try:
            return compiled(dict(scope))
        except Exception:  # Whatever a script's own arithmetic runs into: no answer, never a broken turn.
            return None

    return evaluate


def compile_template(tree: nodes.Template) -> Callable[[Mapping[str, Any]], str]:
    """The text of a checked tree in the sandbox, cut at `LONGEST_TEXT`; "" where it fails.

    Loops run over the first items of a list, whatever they are given: a long text would be gone through by characters.
    """
    for loop in tree.find_all(nodes.For):
        loop.iter = nodes.Filter(loop.iter, "_few", [], [], None, None)
    template = ENVIRONMENT.template_class.from_code(ENVIRONMENT, ENVIRONMENT.compile(tree), {})

    def render(scope: Mapping[str, Any]) -> str:
        try:
            return _bounded(template.generate(dict(scope)))
        except Exception:  # As above.
            return ""

    return render


def _bounded(pieces: Iterable[str]) -> str:
    made: list[str] = []
    left = LONGEST_TEXT
    for piece in pieces:
        made.append(piece[:left])
        left -= len(piece)
        if left <= 0:
            break
    return "".join(made)
