"""Conditions, compiled once: `slots.nps <= 6 and 'food' in slots.reasons`.

Rule: evaluating never raises and costs no template. The syntax is Jinja2's, read by Jinja2's own parser; its simple
part becomes Python closures here, the rest runs in the sandbox of `dialogs.sandbox`. What is missing is None, and a
comparison with what is missing is false, whichever way round it stands. Only mappings and lists are looked into.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from jinja2 import TemplateSyntaxError, nodes

from dialogs.parser_words import said_of
from dialogs.phrases import Phrase, PhraseError, phrase
from dialogs.sandbox import Refused, checked_expression, compile_expression, named_paths, parse_expression

Scope: TypeAlias = Mapping[str, Any]
Evaluate: TypeAlias = Callable[[Scope], Any]
Path: TypeAlias = tuple[str, ...]

_COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
}
_ARITHMETIC: Final[dict[type[nodes.Expr], Callable[[Any, Any], Any]]] = {
    nodes.Add: operator.add,
    nodes.Sub: operator.sub,
    nodes.Mul: operator.mul,
    nodes.Div: operator.truediv,
    nodes.FloorDiv: operator.floordiv,
    nodes.Mod: operator.mod,
}


class ExpressionError(PhraseError):
    """An expression that cannot be used; it names what is wrong in it and the fix."""


class Expression:
    """A compiled expression; `line` is where it stands. `names` are what it looks at: ("slots", "nps"), ("brand",)."""

    __slots__ = ("evaluate", "line", "names", "source")

    def __init__(self, source: str, line: int = 1) -> None:
        """Raises ExpressionError."""
        self.source = source
        self.line = line
        try:
            tree = checked_expression(parse_expression(source))
        except TemplateSyntaxError as error:
            if signs := full_width_in(source):
                fixed = phrase("script.hint_written", word=half_width(source))
                raise ExpressionError(phrase("script.full_width", source=source, signs=signs, hint=fixed)) from None
            said = said_of("template", error.message or "")
            raise ExpressionError(phrase("script.unreadable", source=source, said=said, hint=_hint(source))) from None
        except Refused as refused:
            raise ExpressionError(phrase("script.not_used", source=source, why=refused.phrase)) from None
        except RecursionError:
            raise ExpressionError(phrase("script.too_deep")) from None
        self.names = named_paths(tree)
        self.evaluate: Evaluate = closure(tree) or compile_expression(source)

    def holds(self, scope: Scope) -> bool:
        """Whether the condition is true here."""
        return bool(self.evaluate(scope))


_HALF_WIDTH: Final = {
    "＜": "<", "＞": ">", "＝": "=", "！": "!", "≤": "<=", "≥": ">=", "≠": "!=", "（": "(", "）": ")", "［": "[",
    "］": "]", "【": "[", "】": "]", "，": ",", "“": "'", "”": "'", "‘": "'", "’": "'", "｜": "|", "．": ".", "＋": "+",
    "－": "-", "＊": "*", "／": "/", "％": "%", "＆": "&", "\u3000": " ",
}  # fmt: skip
_WORDS: Final = re.compile(r"'[^']*'|\"[^\"]*\"")


def full_width_in(source: str) -> tuple[str, ...]:
    """The full-width signs of an expression, in their order, but for those in its quoted words."""
    return tuple(dict.fromkeys(sign for sign in _WORDS.sub("", source) if sign in _HALF_WIDTH))


def half_width(source: str) -> str:
    """The expression with English signs; its quoted words stay as they are."""
    pieces, end = [], 0
    for words in _WORDS.finditer(source):
        pieces += [_halved(source[end : words.start()]), words.group()]
        end = words.end()
    return "".join([*pieces, _halved(source[end:])])


def _halved(source: str) -> str:
    return "".join(_HALF_WIDTH.get(sign, sign) for sign in source).replace("< =", "<=").replace("> =", ">=")


def _hint(source: str) -> Phrase:
    if "&&" in source or "||" in source:
        return phrase("script.hint_and_or")
    if "=" in source and not any(sign in source for sign in ("==", "<=", ">=", "!=")):
        return phrase("script.hint_equals")
    return phrase("script.hint_condition")


def closure(node: nodes.Expr) -> Evaluate | None:
    """The node as a Python closure, or None where it needs more than the simple part of the syntax."""
    match node:
        case nodes.Const():
            value = node.value
            return lambda scope: value
        case nodes.Name() | nodes.Getattr() | nodes.Getitem():
            return _lookup(node)
        case nodes.Compare():
            return _comparison(node)
        case nodes.And() | nodes.Or():
            return _logic(node)
        case nodes.Not() | nodes.Neg():
            return _single(node)
        case nodes.CondExpr():
            return _either(node)
        case nodes.List() | nodes.Tuple():
            return _list(node)
    return _arithmetic(node) if isinstance(node, nodes.BinExpr) else None


def _single(node: nodes.Not | nodes.Neg) -> Evaluate | None:
    inner = closure(node.node)
    if inner is None:
        return None
    if isinstance(node, nodes.Not):
        return lambda scope: not inner(scope)
    return lambda scope: calculated(operator.sub, 0, inner(scope))


def _lookup(node: nodes.Expr) -> Evaluate | None:
    path = _path(node)
    if path is None:
        return None
    if len(path) == 1:
        only = path[0]
        return lambda scope: scope.get(only)
    if len(path) == 2:
        root, name = path
        return lambda scope: _member(scope.get(root), name)

    def deep(scope: Scope) -> Any:
        found: Any = scope
        for name in path:
            found = _member(found, name)
        return found

    return deep


def _path(node: nodes.Expr) -> tuple[Any, ...] | None:
    match node:
        case nodes.Name():
            return (node.name,)
        case nodes.Getattr():
            above = _path(node.node)
            return None if above is None else (*above, node.attr)
        case nodes.Getitem(arg=nodes.Const(value=str() | int() as key)):
            above = _path(node.node)
            return None if above is None else (*above, key)
    return None


def _member(found: Any, name: Any) -> Any:
    if isinstance(found, Mapping):
        return found.get(name)
    if isinstance(found, list | tuple) and isinstance(name, int) and -len(found) <= name < len(found):
        return found[name]
    return None


def _comparison(node: nodes.Compare) -> Evaluate | None:
    first = closure(node.expr)
    if first is None:
        return None
    steps: list[tuple[Callable[[Any, Any], bool], Evaluate]] = []
    against_none = _is_none(node.expr) or any(_is_none(operand.expr) for operand in node.ops)
    for operand in node.ops:
        right = closure(operand.expr)
        if right is None:
            return None
        steps.append((_against_none(operand.op) if against_none else _operation(operand.op), right))
    if len(steps) == 1:
        (holds, right) = steps[0]
        return lambda scope: holds(first(scope), right(scope))

    def chained(scope: Scope) -> bool:
        left = first(scope)
        for holds, evaluate in steps:
            value = evaluate(scope)
            if not holds(left, value):
                return False
            left = value
        return True

    return chained


def _is_none(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Const) and node.value is None


def _against_none(name: str) -> Callable[[Any, Any], bool]:
    """`slots.x == none` asks whether it is missing, so it is no comparison with what is missing."""
    compare = _COMPARE.get(name) if name in ("eq", "ne") else None
    return (lambda left, right: False) if compare is None else (lambda left, right: bool(compare(left, right)))


def _operation(name: str) -> Callable[[Any, Any], bool]:
    match name:
        case "in":
            return contains
        case "notin":
            return lambda item, holder: holder is not None and item is not None and not contains(item, holder)
    compare = _COMPARE[name]
    return lambda left, right: compared(compare, left, right)


def compared(compare: Callable[[Any, Any], Any], left: Any, right: Any) -> bool:
    """A comparison that is false where a side is missing or the two cannot be compared.

    A number is compared with a text by the number that the text holds: an imported profile often says "3" for 3.
    """
    if left is None or right is None:
        return False
    if isinstance(left, str) is not isinstance(right, str):
        left, right = _number(left), _number(right)
        if left is None or right is None:
            return compare is operator.ne
    try:
        return bool(compare(left, right))
    except TypeError:
        return False


def _number(value: Any) -> float | None:
    if isinstance(value, int | float):
        return value
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def contains(item: Any, holder: Any) -> bool:
    """`item in holder`: in a list, among a mapping's keys, or as part of a text."""
    if item is None or not isinstance(holder, str | list | tuple | Mapping):
        return False
    if isinstance(holder, str):
        return isinstance(item, str) and item in holder
    try:
        return item in holder
    except TypeError:
        return False


def _logic(node: nodes.And | nodes.Or) -> Evaluate | None:
    left, right = closure(node.left), closure(node.right)
    if left is None or right is None:
        return None
    if isinstance(node, nodes.And):
        return lambda scope: left(scope) and right(scope)
    return lambda scope: left(scope) or right(scope)


def _either(node: nodes.CondExpr) -> Evaluate | None:
    test, then = closure(node.test), closure(node.expr1)
    other = closure(node.expr2) if node.expr2 is not None else lambda scope: None
    if test is None or then is None or other is None:
        return None
    return lambda scope: then(scope) if test(scope) else other(scope)


def _list(node: nodes.List | nodes.Tuple) -> Evaluate | None:
    items = [closure(item) for item in node.items]
    known = [item for item in items if item is not None]
    return (lambda scope: [item(scope) for item in known]) if len(known) == len(items) else None


def _arithmetic(node: nodes.BinExpr) -> Evaluate | None:
    calculate = _ARITHMETIC.get(type(node))
    left, right = closure(node.left), closure(node.right)
    if calculate is None or left is None or right is None:
        return None
    return lambda scope: calculated(calculate, left(scope), right(scope))


def calculated(calculate: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """Arithmetic on numbers, and `+` on two texts; None where that is impossible. A text is never multiplied."""
    both_text = isinstance(left, str) and isinstance(right, str)
    if not (both_text and calculate is operator.add) and not (
        isinstance(left, int | float) and isinstance(right, int | float)
    ):
        return None
    try:
        return calculate(left, right)
    except (ArithmeticError, ValueError):
        return None
