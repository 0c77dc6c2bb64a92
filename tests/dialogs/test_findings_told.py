"""Whatever is found wrong in a script is told in both languages, with the same values in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialogs.parser_words import said_of
from dialogs.phrases import Phrase, Value
from dialogs.script import ScriptError, check_script, load_script
from dialogs.simulation import simulate
from dialogs.texts import LANGUAGES, keys, text
from dialogs.texts.recognition import told_again
from tests.dialogs.test_script_refused import HEAD, NPS, ONE, WRONG

ROOT = Path(__file__).parents[2]
HAN = re.compile("[\u4e00-\u9fff]")
#: Words that no value of these scripts holds: where one stands in a Chinese sentence, English was left in it.
ENGLISH = re.compile(r"\b(the|is|of|did|you|mean|use|one|needs|must|write|here|stands|names|which|not|but|expected)\b")
DOUBTFUL = [
    ONE + "".join(f"  - {{collect: q{n}, type: text, ask: Why?}}\n" for n in range(6)),
    ONE + '  - {collect: b, type: text, optional: true, ask: B?}\n  - {say: "{{ slots.b }}"}\n',
    ONE + '  - {say: "{{ profile.nmae }}"}\n',
    ONE + "  - {say: Hi, next: end}\n  - {id: lost, say: Hello}\n",
    ONE + "  - {id: a, say: A}\n  - {id: b, say: B, next: a}\n",
    ONE + "  - {collect: a, type: choice, ask: Well?, options: {x: Cancel, y: Keep}}\n",
    "keyword: QUIT\n" + ONE + "  - {say: Hi}\n",
]


def called() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Where a sentence is named in the code, its key and the fields that it is given there."""
    for path in [*ROOT.glob("dialogs/*.py"), *ROOT.glob("bot/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or any(word.arg is None for word in node.keywords):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            at = {"error": 1, "warn": 1, "phrase": 0, "FileError": 0, "_wrong": 0}.get(name)
            if at is None or len(node.args) <= at:
                continue
            fields = frozenset(str(word.arg) for word in node.keywords)
            for key in ast.walk(node.args[at]):
                if isinstance(key, ast.Constant) and re.fullmatch(r"[a-z]+\.[a-z_]+", str(key.value)):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", str(key.value), fields


CALLED = list(called())


@pytest.mark.parametrize(("place", "key", "fields"), CALLED, ids=[f"{place} {key}" for place, key, _ in CALLED])
def test_a_finding_has_its_words_in_both_languages_with_the_fields_it_is_given(
    place: str, key: str, fields: frozenset[str]
) -> None:
    for language in LANGUAGES:
        assert keys(language).get(key) == fields, place


def test_the_findings_were_found() -> None:
    assert {key.partition(".")[0] for _, key, _ in CALLED} >= {"script", "intake"}
    assert len({key for _, key, _ in CALLED}) > 100


def values(told: Phrase) -> Iterator[str]:
    """What is filled in, as it must stand in every language."""
    for _, value in told.fields:
        yield from _plain(value)


def _plain(value: Value) -> Iterator[str]:
    match value:
        case Phrase():
            yield from () if value.key.startswith(("template.", "yaml.", "token.")) else values(value)
        case tuple():
            yield from value
        case _:
            yield str(value)


@pytest.mark.parametrize("source", [*(source for source, _, _ in WRONG), *DOUBTFUL])
def test_a_finding_says_the_same_in_chinese(source: str) -> None:
    found = check_script(source, "visit.yml")
    assert found
    for one in found:
        told = one.told("zh")
        assert told.startswith(f"visit.yml:{one.line}: ")
        assert HAN.search(told), told
        assert [value for value in values(one.said) if value not in told] == [], told
        ours = told.removeprefix("visit.yml:")
        for value in sorted(values(one.said), key=len, reverse=True):
            ours = ours.replace(value, "")
        assert ENGLISH.search(ours) is None, told


def test_chinese_says_file_line_value_and_fix() -> None:
    (found,) = check_script(HEAD + NPS + "  - {id: bye, say: {en: a, zh: b}, next: by}\n", "visit.yml")
    assert found.told("zh") == "visit.yml:6: “next: by”所指的步骤不存在；是不是想写“bye”？"
    assert found.told("zh-TW") == found.told("zh")
    assert found.told("fr") == str(found) == "visit.yml:6: 'next: by' names no step; did you mean 'bye'?"
    assert found.said.key == "script.unknown_step"


def test_a_list_of_words_is_joined_as_each_language_does() -> None:
    (found,) = check_script("purpose: x\n" + HEAD.replace("purpose: service\n", "") + NPS, "visit.yml")
    assert found.message == "'purpose: x' is not known; use one of: service, marketing, research"
    assert found.said.told("zh") == "“purpose: x”不是可用的写法；可以用：service、marketing、research"


@pytest.mark.parametrize("label", ["abc", "inf", "nan", "7"])
def test_a_label_of_no_number_on_the_scale_is_named(label: str) -> None:
    source = ONE + f"  - {{collect: a, type: csat, ask: Well?, labels: {{{label}: Good}}}}\n"
    with pytest.raises(ScriptError) as refused:
        load_script(source, path="visit.yml")
    said = f"options: '{label}' is no number of this csat question; use the number it stands for"
    assert [one.message for one in refused.value.problems] == [said]


SAID = [
    ("template", "expected token 'end of print statement', got 'b'", "这里应是两个右大括号（}}），却写了“b”"),
    ("template", "expected token 'name', got 'name'", "这里应是名称，却写了“name”"),
    ("template", "Expected an expression, got 'end of template'", "这里应写名称或值，却是文字的结尾"),
    ("template", "Encountered unknown tag 'foo'.", "没有“foo”这个标记"),
    (
        "template",
        "Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'endif'. "
        "The innermost block that needs to be closed is 'if'.",
        "没有写完：“if”要用“elif”或“endif”来结束",
    ),
    ("template", "unexpected char \"'\" at 3", "“'”不能用在这里（前面有 3 个字符）"),
    ("yaml", "expected the node content, but found '}'", "这里应写值，却是“}”"),
]


@pytest.mark.parametrize(("parser", "message", "chinese"), SAID)
def test_a_parser_s_words_are_kept_in_english_and_told_in_chinese(parser: str, message: str, chinese: str) -> None:
    said = said_of(parser, message)  # type: ignore[arg-type]
    assert isinstance(said, Phrase)
    assert str(said) == message
    assert said.told("zh") == chinese


def test_a_parser_s_words_that_are_not_known_are_told_as_they_stand() -> None:
    assert said_of("yaml", "no such thing") == "no such thing"


TROUBLES = sorted((key, fields) for key, fields in keys("en").items() if key.startswith("trouble."))


@pytest.mark.parametrize(("key", "fields"), TROUBLES)
def test_what_goes_wrong_in_a_dialog_that_runs_is_told_in_chinese(key: str, fields: frozenset[str]) -> None:
    made = text(key, "en", **dict.fromkeys(fields, "v1"))
    assert told_again(made, "trouble", "zh") == text(key, "zh", **dict.fromkeys(fields, "v1"))
    assert told_again(made, "trouble", "en") == made


def test_the_try_out_tells_in_the_admin_s_language_what_went_wrong() -> None:
    steps = "  - {escalate: {severity: \"{{ 'hot' if true else 'x' }}\"}}\n"
    script = load_script(ONE + steps, path="visit.yml")
    english, chinese = (simulate(script, [], told_in=language) for language in ("en", "zh"))
    assert any("severity 'hot' is not one of normal, high, urgent" in line for line in english), english
    assert any("紧急程度“hot”不可用，可以用：normal, high, urgent" in line for line in chinese), chinese
