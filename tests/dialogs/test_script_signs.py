"""Signs of a Chinese keyboard in a script are named with their own line and the fix, and hide nothing else."""

from __future__ import annotations

import re

import pytest

from dialogs.script import ScriptError, check_script, load_script, shipped_scripts

HEAD = "dialog: lunch\npurpose: service\nlanguages: [zh]\nsteps:\n"
SAY = "  - {id: b, say: 好}\n"
COLLECT = "  - collect: a\n    type: csat\n    ask: 好吗？\n"
CHOICE = "  - collect: a\n    type: choice\n    ask: 好吗？\n"

# The script, and each finding: its line, words in English, words in Chinese.
FOUND = [
    (HEAD.replace("dialog: ", "dialog：") + SAY, [(1, "full-width '：' after 'dialog'", "“dialog”后面是全角冒号")]),
    (
        HEAD.replace(": service", "：service") + COLLECT.replace("type: ", "type：").replace("ask: ", "ask:　"),
        [(2, "'purpose: …'", "全角冒号"), (6, "the English colon and a space: 'type: …'", "写成“type: …”"),
         (7, "no space after the colon of 'ask'", "少一个空格")],
    ),
    (HEAD.replace("[zh]", "【zh】") + SAY, [(3, "a full-width bracket '【'", "全角括号“【”")]),
    (HEAD.replace("[zh]", "[zh］") + SAY, [(3, "a full-width bracket '］'", "全角括号“］”")]),
    (HEAD + "  - say: {zh：谢谢}\n", [(5, "full-width '：' after 'zh'", "“zh”后面是全角冒号")]),
    (HEAD + "  - say: ｛zh: 谢谢｝\n", [(5, "a full-width bracket '｛'", "请改用英文的“{”")]),
    (
        HEAD.replace("[zh]", "[en，zh]") + "  - say: {en: Thanks，zh: 谢谢}\n",
        [(3, "a full-width '，' between two entries", "两项之间是全角的“，”"), (5, "a full-width '，'", "英文逗号")],
    ),
    (HEAD + COLLECT + "    next:\n      - {if: slots.a <= 2, then：b}\n      - else：b\n" + SAY,
     [(9, "after 'then'", "“then”后面"), (10, "after 'else'", "“else”后面")]),
    (HEAD + CHOICE + "    options:\n      good：好\n      bad: 不好\n", [(9, "'good: …'", "“good”后面是全角冒号")]),
    (HEAD + CHOICE + "    options: {good：好，bad：不好}\n",
     [(8, "a full-width '，'", "两项之间"), (8, "after 'bad'", "“bad”后面"), (8, "after 'good'", "“good”后面")]),
    (HEAD + "　　- say: 谢谢\n", [(5, "full-width spaces at the start", "行首有全角空格")]),
    (HEAD + "  －say: 谢谢\n", [(5, "'－' at the start of a step", "这里写的是“－”")]),
    (HEAD + "  - say: “谢谢: 再见”\n", [(5, "full-width quotes", "中文引号")]),
    (HEAD + "  - say: {{ profile.name }}您好\n", [(5, "begins with '{'; put it into", "文字以“{”开头")]),
    (HEAD + "  - say: {zh: 您好{{ profile.name }}}\n", [(5, "a text that holds '{{ … }}'", "文字里有“{{ … }}”")]),
    ("\ufeff" + HEAD.replace("dialog: ", "dialog：").replace("\n", "\r\n") + SAY, [(1, "'dialog: …'", "全角冒号")]),
    ("session: {remind_after: [20h，44h】, expires_after: 3d}\n" + HEAD + SAY,
     [(1, "a full-width '，'", "全角的“，”"), (1, "a full-width bracket '】'", "请改用英文的“]”")]),
    (HEAD + '  - say: "谢谢”\n', [(5, "full-width quotes", "中文引号")]),
    (HEAD + "  - say: ‘谢谢: 再见’\n", [(5, "full-width quotes", "中文引号")]),
    (HEAD + '  - say: "{{ profile.name ｝｝您好"\n', [(5, "write '{{ profile.name }}'", "用了全角大括号")]),
    (HEAD + "  - say: [提醒] 您好\n", [(5, "begins with '['", "文字以“[”开头")]),
    (HEAD + '  - say: "谢谢{{ desk.promise }"\n', [(5, "ends with one '}' too few", "末尾少了一个“}”")]),
    (HEAD + COLLECT + "    next: [{if: slots.a ＜= 2, then: b}]\n" + SAY,
     [(8, "the full-width ＜; use half-width signs; write it like 'slots.a <= 2'", "全角符号 ＜，请改用半角")]),
    (HEAD + '  - say: "{{ profile.name｜upper }}"\n', [(5, "{{ profile.name|upper }}", "全角符号 ｜")]),
    (HEAD.replace("[zh]", "[中文]") + "  - say: 谢谢\n", [(3, "no language tag; write 'zh'", "请写“zh”")]),
    (HEAD.replace("[zh]", "[中文, EN]") + "  - say: {zh: 谢谢, en: Thanks}\n",
     [(3, "write 'en'", "“EN”不是语言代码"), (3, "write 'zh'", "“中文”不是语言代码")]),
    (HEAD.replace("[zh]", "[火星文]") + "  - say: 谢谢\n", [(3, "write tags such as en, zh", "zh-TW 这样的代码")]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), FOUND, ids=[expected[0][1] for _, expected in FOUND])
def test_a_sign_is_told_with_its_line_and_the_fix(source: str, expected: list[tuple[int, str, str]]) -> None:
    found = check_script(source, "v.yml")
    assert [one.line for one in found] == [line for line, _, _ in expected], [str(one) for one in found]
    for one, (_, english, chinese) in zip(found, expected, strict=True):
        assert one.level == "error"
        assert english in one.message
        assert chinese in one.told("zh")
        assert "））" not in one.told("zh")


DOUBTFUL = [
    (HEAD + CHOICE + "    options: [好，不好]\n", 8, "'[好，不好]' is a list of one", "只算一项"),
    (HEAD + CHOICE + "    options: [好、不好]\n", 8, "because of the '、'", "因为用了“、”"),
    (HEAD + "  - say: ｛zh：谢谢｝\n", 5, "a full-width bracket '｛'", "全角括号“｛”"),
    (HEAD + "  - say: ｛｛ profile.name ｝｝您好\n", 5, "would see it as it stands", "客户会原样看到它"),
    (HEAD + '  - say: “谢谢"\n', 5, "full-width quotes", "中文引号"),
    ("moment: “order.delivered”\n" + HEAD + SAY, 1, "full-width quotes", "中文引号"),
]


@pytest.mark.parametrize(("source", "line", "english", "chinese"), DOUBTFUL)
def test_what_can_be_read_but_not_as_it_was_meant_is_a_warning(
    source: str, line: int, english: str, chinese: str
) -> None:
    found = check_script(source, "v.yml")
    assert {(one.line, one.level) for one in found} == {(line, "warning")}
    assert any(english in one.message and chinese in one.told("zh") for one in found)
    load_script(source, path="v.yml")


TEXTS = [
    "  - say: |\n      说明：\n      type：好，【zh】\n      　　say：谢谢\n",
    "  - say: 谢谢【全体】：好，再见\n      type：不是键\n",
    '  - say: "type：x\n      say：【y】，zh：z"\n',
    "  - say: {zh: '｛zh：好，en：ok｝'}\n",
    "  - say: 【提醒】您好，say：好\n",
    "  - say: “谢谢”\n",
    "  - say:\n      zh:\n        ask：好\n",
    "  - {collect: a, type: choice, ask: 好吗？, options: [好，很好, '不好，很差']}\n",
    "  - {collect: a, type: choice, ask: 好吗？, options: ['好，很好']}\n",
    "  - tag: 【会员】\n",
    '  - say: "他说“好”\n      谢谢"\n',
    "  - say:\n      type：您好，\n      say：谢谢\n",
    "  - collect: a\n    type: choice\n    ask: 好吗？\n    options:\n      - 好：很好\n      - 差：很差\n",
    "  - say: 您好 # 注：【x】\n    # type：x\n",
]


@pytest.mark.parametrize("steps", TEXTS)
def test_words_for_people_keep_their_signs(steps: str) -> None:
    assert check_script(HEAD + steps, "v.yml") == []
    # Nor are they told of where something else is wrong.
    (found,) = check_script(HEAD.replace("dialog: lunch", "dialog: Lunch") + steps, "v.yml")
    assert found.said.key == "script.not_name"


def test_what_else_is_wrong_is_found_in_the_same_round() -> None:
    steps = "  - collect：a\n    type：csatt\n    ask：好吗？{{ desk.promis }}\n    next：reson\n"
    steps += "  - {id: reason, say: 好}\n"
    found = [(one.line, one.said.key) for one in check_script(HEAD + steps, "v.yml")]
    others = [(line, key) for line, key in found if key != "script.sign_colon"]
    assert others == [(6, "script.unknown_word"), (7, "script.unknown_name"), (8, "script.unknown_step")]
    assert [line for line, key in found if key == "script.sign_colon"] == [5, 6, 7, 8]


def test_wrong_names_are_told_together_with_other_mistakes() -> None:
    steps = (
        "  - {say: '谢谢 {{ desk.promis }}', nxt: end}\n"
        "  - {collect: score, type: csatt, ask: 几分？}\n"
        "  - {collect: a, type: text, ask: 为什么？, takes_rest_of: scor, next: [{if: slots.cast, then: reson}]}\n"
        "  - {colect: b, next: nowhere}\n"
        "  - {id: reason, say: '{{ slots.score }}{{ slots.b }}'}\n"
    )
    found = [(one.line, one.said.key.removeprefix("script.")) for one in check_script(HEAD + steps, "v.yml")]
    assert found == [
        (5, "unknown_name"), (5, "unknown_key"), (6, "unknown_word"), (7, "unknown_slot"), (7, "rest_of"),
        (7, "unknown_step"), (8, "no_kind"), (8, "unknown_step"),
    ]  # fmt: skip


def test_the_question_that_is_not_there_is_told_on_the_line_that_names_it() -> None:
    found = check_script(HEAD + COLLECT + "    takes_rest_of: score\n", "v.yml")
    assert [(one.line, one.said.key) for one in found] == [(8, "script.rest_of")]


def test_an_answer_that_is_a_stop_word_is_told_on_its_own_line_and_beside_other_mistakes() -> None:
    steps = CHOICE + "    options:\n      good: 好\n      out: 退订\n"
    assert [(one.line, one.said.key) for one in check_script(HEAD + steps, "v.yml")] == [(10, "script.stop_answer")]
    beside = check_script(HEAD + steps + "  - {say: 好, next: nowhere}\n", "v.yml")
    assert [one.said.key for one in beside] == ["script.stop_answer", "script.unknown_step"]


def test_a_version_that_was_published_before_its_languages_were_looked_at_still_runs() -> None:
    source = HEAD.replace("[zh]", "[中文]") + "  - say: 谢谢\n"
    assert load_script(source, path="v.yml").languages == ("中文",)
    with pytest.raises(ScriptError, match="no language tag"):
        load_script(source + "  - {say: 好, next: nowhere}\n", path="v.yml")


@pytest.mark.parametrize("name", sorted(shipped_scripts()))
def test_every_colon_of_a_shipped_dialog_can_be_full_width_and_is_named_on_its_line(name: str) -> None:
    lines = shipped_scripts()[name].splitlines()
    for at, line in enumerate(lines):
        key = re.match(r"( *(?:- )?)([a-z_]+): (?=[\w\[{\"])", line)
        if key is None:
            continue
        slip = [*lines[:at], f"{key.group(1)}{key.group(2)}：{line[key.end() :]}", *lines[at + 1 :]]
        found = check_script("\n".join(slip) + "\n", f"{name}.yml")
        assert [(one.line, one.said.key) for one in found] == [(at + 1, "script.sign_colon")], line
