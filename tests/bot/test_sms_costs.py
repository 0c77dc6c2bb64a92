"""What a dialog's texts cost as SMS."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.sms_costs import Cost, costs
from dialogs.script import load_script, shipped_scripts

SCRIPT = """
dialog: visit
purpose: service
languages: [en, zh]
steps:
  - say:
      en: "WORDS"
      zh: "谢谢您今天光临我们的餐厅"
  - collect: score
    type: rating
    min: 1
    max: 3
    labels:
      1: {en: Bad, zh: 不好}
      3: {en: Good, zh: 好}
    ask:
      en: "How was it, {{ profile.name }}?"
      zh: "今天怎么样？"
    ask_on:
      sms: {en: "Food?", zh: "菜？"}
"""


def counted(words: str) -> list[Cost]:
    return list(costs(load_script(SCRIPT.replace("WORDS", words), path="x.yml")))


def test_a_text_is_counted_in_each_language_at_its_line() -> None:
    thanks, chinese, asked, asked_chinese = counted("Thank you!")
    assert str(thanks) == "en: 1 part, 10 units of GSM-7"
    assert str(chinese) == "zh: 1 part, 12 units of UCS-2"
    assert [cost.line for cost in (thanks, chinese)] == [7, 8]
    # The choices stand in the text, and SMS has words of its own.
    assert asked.sent.units == len("Food?\n1 - Bad\n2\n3 - Good\nReply with a number.")
    assert asked_chinese.sent.encoding == "UCS-2"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("We’re glad" + " you came." * 9, "en: 2 parts, 100 units of UCS-2, because of '’' at character 3; "
         "write \"'\" for 1 of GSM-7"),
        ("Thanks 😀 a lot", "en: 1 part, 15 units of UCS-2, because of '😀' at character 8; do without it"),
    ],
)  # fmt: skip
def test_the_character_that_makes_a_text_dear_is_named_with_what_to_write_instead(words: str, told: str) -> None:
    assert str(counted(words)[0]) == told


def test_no_shipped_dialog_pays_for_a_character_that_english_can_do_without() -> None:
    for name, text in shipped_scripts().items():
        blamed = [str(cost) for cost in costs(load_script(text, path=name)) if cost.blamed]
        assert blamed == [], name


def test_the_command_shows_the_costs_when_asked() -> None:
    runner = CliRunner()
    plain, shown = runner.invoke(app, ["check"]), runner.invoke(app, ["check", "--sms"])
    assert (plain.exit_code, shown.exit_code) == (0, 0)
    assert "GSM-7" not in plain.stdout
    assert "en: 1 part, 107 units of GSM-7" in shown.stdout
