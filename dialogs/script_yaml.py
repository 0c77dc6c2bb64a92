"""YAML as a tree in which everything knows its line.

Rule: only plain data is read. YAML 1.2, so `no` is a word; no tags, no merging, no key twice; size, depth and what
aliases may unfold to are bounded. Whatever else a file holds becomes a problem with a line and a fix, never an object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError, YAMLStreamError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from dialogs.parser_words import said_of
from dialogs.phrases import Phrase, phrase
from dialogs.script_problems import Findings

LARGEST: Final = 256 * 1024  # Characters of a script; the longest shipped one has some 4,000.
_MOST_NODES: Final = 20_000
_DEEPEST: Final = 20

_PREFIX = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value. `text` is as written; `value` is what YAML makes of it: str, int, float, bool or None."""

    line: int
    text: str
    value: Any


@dataclass(frozen=True, slots=True)
class Sequence:
    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """`lines` holds the line of each key."""

    line: int
    items: dict[str, Node]
    lines: dict[str, int] = field(default_factory=dict)


Node: TypeAlias = Scalar | Sequence | Mapping

# What the parser says, and what a person should do; the first that is found in its message counts.
_ADVICE: Final = (
    ("'\\t'", phrase("script.yaml_tab")),
    ("mapping values are not allowed", phrase("script.yaml_colon")),
    ("undefined alias", phrase("script.yaml_star")),
    ("found character '@'", phrase("script.yaml_begins", sign="@")),
    ("found character '`'", phrase("script.yaml_begins", sign="`")),
    ("found character '%'", phrase("script.yaml_begins", sign="%")),
    ("unexpected end of stream", phrase("script.yaml_quote")),
    ("expected ',' or ']'", phrase("script.yaml_list")),
    ("expected ',' or '}'", phrase("script.yaml_braces", opened="{…")),
    ("expected <block end>", phrase("script.yaml_indent")),
    ("found another document", phrase("script.yaml_second")),
    ("could not find expected ':'", phrase("script.yaml_no_colon")),
    ("special characters are not allowed", phrase("script.yaml_invisible")),
)


def read_yaml(text: str, findings: Findings) -> Node | None:
    """The tree of one document; None where there is none, the reason being in `findings`."""
    if len(text) > LARGEST:
        findings.error(1, "script.file_large", count=len(text), most=LARGEST)
        return None
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except (YAMLError, YAMLStreamError, ValueError, RecursionError) as error:
        findings.add(*_explained(error, text))
        return None
    if root is None:
        findings.error(1, "script.file_empty")
        return None
    return _Walk(findings).node(root, 0)


def _explained(error: Exception, text: str) -> tuple[int, Phrase]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if str(getattr(error, "context", "")).endswith(("flow sequence", "flow mapping", "quoted scalar")):
        mark = getattr(error, "context_mark", mark)  # Where it was opened says more than where the file ran out.
    line = mark.line + 1 if mark is not None else 1
    said = str(getattr(error, "problem", None) or getattr(error, "context", None) or error).splitlines()[0]
    if isinstance(error, RecursionError):
        return 1, phrase("script.yaml_deep")
    for sign, advice in _ADVICE:
        if sign in said:
            return min(line, text.count("\n") + 1), advice
    return line, phrase("script.yaml_unread", said=said_of("yaml", said))


class _Walk:
    """Turns the parser's nodes into ours, counting what it meets: an alias is walked each time it is used."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.left = _MOST_NODES

    def node(self, node: Any, depth: int) -> Node | None:
        line = node.start_mark.line + 1
        self.left -= 1
        if depth > _DEEPEST or self.left < 0:
            if self.left != -2:
                self.left = -2
                self.findings.error(line, "script.yaml_unfolds")
            return None
        match node:
            case ScalarNode():
                return self._scalar(node, line)
            case SequenceNode():
                found = [self.node(item, depth + 1) for item in node.value]
                self._one_entry(node)
                return Sequence(line, tuple(item for item in found if item is not None))
            case MappingNode():
                return self._mapping(node, line, depth)
        return None

    def _one_entry(self, node: Any) -> None:
        """`[好，不好]` is one entry to YAML, and two to who wrote it."""
        only = node.value[0] if node.flow_style and len(node.value) == 1 else None
        if not isinstance(only, ScalarNode) or only.style in ("'", '"'):
            return
        sign = next((one for one in str(only.value) if one in "，、；;"), "")
        if sign:
            line = only.start_mark.line + 1
            self.findings.warn(line, "script.one_entry", word=str(only.value)[:60], sign=sign)

    def _mapping(self, node: Any, line: int, depth: int) -> Mapping:
        made = Mapping(line, {})
        for key, value in node.value:
            at = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                self.findings.error(at, "script.key_not_word", opened="{")
            elif key.value == "<<":
                self.findings.error(at, "script.key_merging")
            elif key.value in made.items:
                self.findings.error(at, "script.key_twice", key=key.value, first=made.lines[key.value])
            else:
                found = self.node(value, depth + 1)
                if found is not None:
                    made.items[key.value] = found
                    made.lines[key.value] = at
        return made

    def _scalar(self, node: Any, line: int) -> Scalar | None:
        kind = node.tag.removeprefix(_PREFIX) if node.tag else "str"
        text = str(node.value)
        try:
            match kind:
                case "str" | "timestamp":
                    return Scalar(line, text, text)
                case "int":
                    return Scalar(line, text, int(text.replace("_", ""), 0))
                case "float":
                    number = float(text.replace("_", ""))
                    return Scalar(line, text, number if isfinite(number) else text)
                case "bool":
                    return Scalar(line, text, text.lower() == "true")
                case "null":
                    return Scalar(line, text, None)
        except ValueError:  # 0755, 1e999999: numbers to YAML, but nothing a script means as one.
            return Scalar(line, text, text)
        self.findings.error(line, "script.yaml_tag", tag=str(node.tag))
        return None
