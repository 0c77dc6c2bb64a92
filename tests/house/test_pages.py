"""The pages in two languages are in step: the same settings, commands, figures and chapters, links that lead somewhere.

Rule: what an English page says in code or in figures, its Chinese page says too; the words between are the writer's.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from dialogs.script import check_script
from tests.house.test_rules import ROOT

PAGES = sorted((*ROOT.glob("README*.md"), *ROOT.glob("docs/**/*.md")))
CHINESE = [page for page in PAGES if page.parent.name == "zh" or page.name == "README.zh-CN.md"]
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
#: What is typed or set, wherever it stands in code.
TYPED = re.compile(r"\bmotline [a-z]+(?: (?:import|export|merge|unmerge|erase|link)\b)?|MOTLINE_\w+|(?<![\w-])--[a-z]+")
#: The name before a value, in YAML, TOML and the text of a span.
NAMED = re.compile(r"^ *(?:- )?\{?(?:\[[a-z]+\] )?([a-z_]+) ?[:=](?!=)", re.MULTILINE)
#: A command that a page types after `$`, and all that stands below it in its block.
SESSION = re.compile(r"^\$ motline (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
#: The file of a beginner: a full-width colon in line 6, a slip in line 8.
SLIPS = """\
dialog: a
purpose: service
languages: [zh]
steps:
  - collect: nps
    type：nps
    ask: 打几分？
    next: reasn
"""
#: What the reader puts in instead, as in `slots.NAME` and `robot:<key>`; every language has its own word for it.
PLACEHOLDER = re.compile(r"<\w+>|\b[A-Z]+\b")
#: A figure of at least two digits; a single one may well be a word in the other language.
FIGURE = re.compile(r"(?<![\w.,-])\d[\d.,]*\d")


def relative(page: Path) -> str:
    return str(page.relative_to(ROOT))


def english(page: Path) -> Path:
    return ROOT / "README.md" if page.parent == ROOT else page.parents[1] / page.name


def prose(text: str) -> str:
    return FENCE.sub("", text)


def code(text: str) -> str:
    """All that stands in code: the blocks, then the spans, a line each."""
    return "\n".join((*(body for _, body in FENCE.findall(text)), *SPAN.findall(prose(text))))


def terms(text: str) -> set[str]:
    """What of the code no language may change: what is typed, the names of settings, spans of one plain word."""
    plain = [span for span in SPAN.findall(prose(text)) if span.isascii() and " " not in span]
    pieces = {piece.strip(".:") for span in plain for piece in PLACEHOLDER.split(span)}
    words = {piece for piece in pieces if re.search("[a-z_]{2}", piece)}
    return words | set(TYPED.findall(code(text))) | set(NAMED.findall(code(text)))


def headings(text: str) -> list[str]:
    return re.findall(r"^#{1,3} .+$", prose(text), re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The names under which GitHub shows a page's headings."""
    shown = (LINK.sub("", line.lstrip("# ")).replace("[", "") for line in headings(page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in shown}


def links(page: Path) -> Iterator[str]:
    for target in LINK.findall(prose(page.read_text("utf-8"))):
        if "://" not in target and not target.startswith("mailto:"):
            yield target


@pytest.mark.parametrize("page", CHINESE, ids=relative)
def test_a_chinese_page_and_its_english_one_name_each_other_at_the_top(page: Path) -> None:
    for one, other in ((page, english(page)), (english(page), page)):
        top = "\n".join(one.read_text("utf-8").splitlines()[:3])
        assert other in {(one.parent / target).resolve() for target in LINK.findall(top)}, relative(one)


@pytest.mark.parametrize("page", CHINESE, ids=relative)
def test_a_chinese_page_has_the_chapters_of_its_english_one(page: Path) -> None:
    depths = [[line.split()[0] for line in headings(one.read_text("utf-8"))] for one in (page, english(page))]
    assert depths[0] == depths[1]


@pytest.mark.parametrize("page", CHINESE, ids=relative)
def test_a_chinese_page_names_every_setting_and_command_of_its_english_one(page: Path) -> None:
    said = code(page.read_text("utf-8"))
    wanted = terms(english(page).read_text("utf-8"))
    assert {term for term in wanted if not re.search(rf"(?<!\w){re.escape(term)}(?!\w)", said, re.ASCII)} == set()


@pytest.mark.parametrize("page", CHINESE, ids=relative)
def test_a_chinese_page_types_nothing_that_its_english_one_does_not(page: Path) -> None:
    typed, known = (set(TYPED.findall(code(one.read_text("utf-8")))) for one in (page, english(page)))
    assert typed - known == set()


@pytest.mark.parametrize("page", CHINESE, ids=relative)
def test_a_chinese_page_has_every_figure_of_its_english_one(page: Path) -> None:
    said, known = (set(FIGURE.findall(prose(one.read_text("utf-8")))) for one in (page, english(page)))
    assert known - said == set()


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    lost = []
    for target in links(page):
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.is_file() or (anchor and anchor not in anchors(found)):
            lost.append(target)
    assert lost == []


@pytest.mark.parametrize("page", [ROOT / "README.md", *CHINESE], ids=relative)
def test_the_dialogs_that_a_page_shows_have_nothing_to_find_fault_with(page: Path) -> None:
    shown = [body for name, body in FENCE.findall(page.read_text("utf-8")) if name == "yaml"]
    assert [problem for source in shown for problem in check_script(source, relative(page))] == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_no_page_loses_what_stands_between_angle_brackets(page: Path) -> None:
    """Outside code `<id>` is taken for HTML and not shown."""
    assert re.findall(r"<[^\W\d]", SPAN.sub("", prose(page.read_text("utf-8")))) == []


def test_there_are_pages_in_chinese() -> None:
    assert {relative(page) for page in CHINESE} >= {"README.zh-CN.md", "docs/zh/quickstart.md"}


@pytest.mark.parametrize("page", [ROOT / "docs" / "unhappy.md", *CHINESE], ids=relative)
def test_what_a_page_shows_of_the_terminal_is_what_the_terminal_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (shown,) = (body for name, body in FENCE.findall((ROOT / "README.zh-CN.md").read_text("utf-8")) if name == "yaml")
    Path("mine.yml").write_text(shown, "utf-8")
    Path("my_dialog.yml").write_text(SLIPS, "utf-8")
    for _, body in FENCE.findall(page.read_text("utf-8")):
        for typed, said in SESSION.findall(body):
            assert CliRunner().invoke(app, shlex.split(typed)).output == said


def test_both_pages_of_settings_hold_the_same_defaults() -> None:
    row = re.compile(r"^(## \[\w+\])$|^\| (`\w+`) \| (`[^|]+`) \|", re.MULTILINE)
    english_rows, chinese_rows = (
        row.findall((ROOT / "docs" / page).read_text("utf-8")) for page in ("configuration.md", "zh/configuration.md")
    )
    assert len(english_rows) > 80
    assert chinese_rows == english_rows


class Wordless(ast.NodeTransformer):
    """A program without what people read."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        read = isinstance(node.value, str) and (" " in node.value or not node.value.isascii() or node.value.istitle())
        return ast.Constant("") if read else node


def test_the_programs_of_both_pages_differ_in_their_texts_alone() -> None:
    english_ones, chinese_ones = (
        [
            ast.unparse(Wordless().visit(ast.parse(body)))
            for name, body in FENCE.findall((ROOT / "docs" / page).read_text("utf-8"))
            if name == "python"
        ]
        for page in ("actions.md", "zh/actions.md")
    )
    assert len(english_ones) == 3
    assert chinese_ones == english_ones
