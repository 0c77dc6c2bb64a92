"""A script that is wrong is refused with file, line and the fix."""

from __future__ import annotations

import pytest

from dialogs.script import BUILT, ScriptError, check_script, load_script

HEAD = "dialog: visit\npurpose: service\nlanguages: [en, zh]\nsteps:\n"
ONE = "dialog: visit\npurpose: service\nlanguages: [en]\nsteps:\n"
NPS = "  - {collect: nps, type: nps, ask: {en: How?, zh: 如何？}}\n"
SAY = "  - {id: bye, say: {en: Bye, zh: 再见}}\n"

# The script, the line, and words of the message.
WRONG = [
    ("", 1, "the file is empty"),
    ("- a\n", 1, "'the file' must hold"),
    ("dialog: a\n\tpurpose: b\n", 2, "a tab"),
    ("dialog: a\ndialog: b\n", 2, "'dialog' stands twice (first in line 1)"),
    ("dialog: [a\n", 1, "a list '[…'"),
    ("dialog: 'a\nsteps: []\n", 1, "a quote that is never closed"),
    ("dialog: a: b\n", 1, "a second ': '"),
    ("dialog: !!python/object:os.system x\n", 1, "the tag"),
    ("dialog: &a [*a]\n", 1, "nested too deeply"),
    ("dialog: a\n<<: {x: 1}\n", 2, "merging"),
    ("x: 1\n---\ny: 2\n", 2, "a second document"),
    ("steps: []\n", 1, "the file needs 'dialog: after_visit'"),
    ("dialog: visit\n", 1, "the file needs 'steps"),
    ("dialog: visit\nlanguages: [en]\nsteps:\n  - say: Hi\n", 1, "needs a 'purpose'"),
    ("dialog: visit\npurpose: servise\nlanguages: [en]\nsteps:\n  - say: Hi\n", 2, "did you mean 'service'"),
    ("dialog: visit\npurpose: service\nsteps:\n  - say: Hi\n", 1, "needs 'languages"),
    ("dialog: My Visit\n", 1, "write it like 'my_visit'"),
    ("titel: x\n" + ONE + "  - say: Hi\n", 1, "did you mean 'title'?"),
    (HEAD + "  - say: {en: Hi}\n", 5, "'say' has no text in 'zh'"),
    (HEAD + "  - say: {en: Hi, zh: 你好, fr: Salut}\n", 5, "'fr', which is not one of the script's languages"),
    (HEAD + "  - say: Hi\n", 5, "needs a text in each language"),
    (HEAD + "  - say: {en: '', zh: 你好}\n", 5, "is empty"),
    (HEAD + "  - say: {en: [a], zh: 你好}\n", 5, "here stands a list"),
    (HEAD + NPS + "    nxt: bye\n" + SAY, 6, "indented differently"),
    (HEAD + "  - {collect: nps, type: nps, ask: {en: a, zh: b}, nxt: bye}\n" + SAY, 5, "did you mean 'next'?"),
    (HEAD + "  - {collect: nps, type: npss, ask: {en: a, zh: b}}\n", 5, "did you mean 'nps'?"),
    (HEAD + "  - {collect: nps, ask: {en: a, zh: b}}\n", 5, "needs a 'type'"),
    (HEAD + "  - {collect: nps, type: nps}\n", 5, "under 'ask'"),
    (HEAD + "  - {collect: when, type: date, ask: {en: a, zh: b}}\n", 5, "'type: date' is not built yet; use 'text'"),
    (HEAD + "  - {collect: ok, type: consent, ask: {en: a, zh: b}}\n", 5, "not built yet; use 'yes_no'"),
    (HEAD + "  - {collect: nps, type: nps, min: 1, ask: {en: a, zh: b}}\n", 5, "use 'rating' for your own"),
    (HEAD + "  - {collect: r, type: rating, ask: {en: a, zh: b}}\n", 5, "needs both ends of its scale"),
    (HEAD + "  - {collect: r, type: rating, min: 5, max: 1, ask: {en: a, zh: b}}\n", 5, "is not below"),
    (HEAD + "  - {collect: r, type: rating, min: one, max: 5, ask: {en: a, zh: b}}\n", 5, "'min' needs a number"),
    (HEAD + "  - {collect: c, type: choice, ask: {en: a, zh: b}}\n", 5, "needs options"),
    (HEAD + "  - {collect: c, type: choice, options: {a: {en: A}}, ask: {en: a, zh: b}}\n", 5, "has no text in 'zh'"),
    (HEAD + "  - {collect: c, type: choice, options: [{en: A, zh: 甲}], ask: {en: a, zh: b}}\n", 5, "needs a 'value'"),
    (HEAD + "  - {collect: t, type: text, options: {a: {en: A, zh: 甲}}, ask: {en: a, zh: b}}\n", 5, "does not belong"),
    (HEAD + "  - {collect: nps, type: nps, max_tries: 9, ask: {en: a, zh: b}}\n", 5, "from 1 to 5"),
    (HEAD + "  - {collect: nps, type: nps, optional: perhaps, ask: {en: a, zh: b}}\n", 5, "true or false"),
    (HEAD + "  - {collect: nps, type: nps, takes_rest_of: nsp, ask: {en: a, zh: b}}\n", 5, "names no other question"),
    (HEAD + "  - {collect: N P S, type: nps, ask: {en: a, zh: b}}\n", 5, "write it like 'n_p_s'"),
    (HEAD + NPS + "  - {id: nps, say: {en: a, zh: b}}\n", 6, "two steps are called 'nps'"),
    (HEAD + "  - {id: end, say: {en: a, zh: b}}\n", 5, "cannot be called 'end'"),
    (HEAD + "  - {say: {en: a, zh: b}, tag: x}\n", 5, "make it two steps"),
    (HEAD + "  - {saay: {en: a, zh: b}}\n", 5, "did you mean 'say'?"),
    (HEAD + "  - say\n", 5, "must hold 'key: value' lines"),
    (HEAD + "  - {call: other}\n", 5, "'call' is not built yet; write the other dialog's steps here"),
    (HEAD + "  - {say: {en: a, zh: b}, next: reasn}\n  - {id: reason, say: {en: a, zh: b}}\n", 5, "mean 'reason'?"),
    (HEAD + "  - {say: {en: a, zh: b}, next: [{if: slots.x, then: bye}]}\n" + SAY, 5, "no step fills a slot"),
    (HEAD + NPS + "  - {say: {en: a, zh: b}, next: [{if: slots.nps <= 6}]}\n", 6, "'if' and 'then' belong together"),
    (HEAD + NPS + "  - {say: {en: a, zh: b}, next: [{if: slots.nps = 6, then: bye}]}\n" + SAY, 6, "write '=='"),
    (HEAD + NPS + "  - {say: {en: a, zh: b}, next: [{else: bye}, {if: slots.nps, then: bye}]}\n" + SAY, 6, "last line"),
    (HEAD + NPS + "  - {say: {en: a, zh: b}, next: [{}]}\n", 6, "needs a step's id"),
    (HEAD + NPS + '  - {say: {en: "{{ slots.nsp }}", zh: b}}\n', 6, "did you mean 'nps'?"),
    (HEAD + NPS + '  - {say: {en: "{{ nps }}", zh: b}}\n', 6, "did you mean 'slots.nps'?"),
    (HEAD + NPS + '  - {say: {en: "{{ profil.name }}", zh: b}}\n', 6, "did you mean 'profile'?"),
    (HEAD + NPS + '  - {say: {en: "{{ desk.promis }}", zh: b}}\n', 6, "did you mean 'promise'?"),
    (HEAD + NPS + '  - {say: {en: "{{ brand.name }}", zh: b}}\n', 6, "write only 'brand'"),
    (HEAD + NPS + '  - {say: {en: "{{ slots.nps", zh: b}}\n', 6, "{{ profile.name }}"),
    (HEAD + NPS + '  - {say: {en: "{% for a in range(9) %}{% endfor %}", zh: b}}\n', 6, "a loop runs over a name"),
    (HEAD + NPS + '  - {say: {en: "{{ range(10**9) | join }}", zh: b}}\n', 6, "nothing can be called here"),
    (HEAD + NPS + '  - {say: {en: "{{ slots.nps | shout }}", zh: b}}\n', 6, "there is no filter 'shout'"),
    (HEAD + NPS + "  - say:\n      en: Hi\n      zh: '{{ slots.nsp }}'\n", 8, "did you mean 'nps'?"),
    (HEAD + NPS + "  - say: {en: a, zh: b}\n    next:\n      - {if: nps > 1, then: end}\n", 8, "mean 'slots.nps'?"),
    (HEAD + "  - say: {en: " + "a" * 5000 + ", zh: b}\n", 5, "has 5000 characters"),
    (HEAD + NPS + "when: " + "profile.x and " * 100 + "true\n", 6, "keep to 1000"),
    (HEAD + "  - {escalate: {severity: urgnt}}\n", 5, "did you mean 'urgent'?"),
    (HEAD + "  - {escalate: {seveity: urgent}}\n", 5, "did you mean 'severity'?"),
    (HEAD + "  - {set: {nowhere.x: 1}}\n", 5, "'set' fills slots.NAME or profile.NAME"),
    (HEAD + "  - {wait: soon}\n", 5, "write it like 30m, 20h or 3d"),
    (HEAD + "  - {wait: 0h}\n", 5, "more than 0"),
    (HEAD + "  - {random: [bye]}\n" + SAY, 5, "two steps or more"),
    (HEAD + "  - {action: Action Offer}\n", 5, "write it like 'action_offer'"),
    (HEAD + NPS + "session: {remind_after: [3d], expires_after: 2d}\n", 6, "shorter than 'expires_after'"),
    (HEAD + NPS + "session: {remind_after: [2h, 1h]}\n", 6, "must rise"),
    (HEAD + NPS + "session: {remind: 2h}\n", 6, "did you mean 'remind_after'?"),
    (HEAD + NPS + "when: profile.orders >\n", 6, "cannot be read"),
    (HEAD + NPS + "when: slots.nps > 1\n", 6, "there are only profile.… and moment.…"),
    (HEAD + "  - {say: {en: a, zh: b}, say_on: {smss: {en: a, zh: b}}}\n", 5, "did you mean 'sms'?"),
    (HEAD + "  - say: {en: 你好: 再见, zh: b}\n", 5, "a '{…'"),
]


@pytest.mark.parametrize(
    ("source", "line", "words"), WRONG, ids=[words[:40] or str(n) for n, (_, _, words) in enumerate(WRONG)]
)
def test_a_wrong_script_is_refused_with_its_line_and_the_fix(source: str, line: int, words: str) -> None:
    with pytest.raises(ScriptError) as refused:
        load_script(source, path="visit.yml")
    assert any(problem.line == line and words in problem.message for problem in refused.value.problems), str(
        refused.value
    )
    assert all(str(problem).startswith("visit.yml:") for problem in refused.value.problems)


def test_every_mistake_is_named_at_once() -> None:
    source = HEAD + "  - {collect: a, type: npss, ask: {en: x}}\n  - {say: {en: a, zh: b}, next: nowhere}\n"
    with pytest.raises(ScriptError) as refused:
        load_script(source, path="visit.yml")
    assert [problem.line for problem in refused.value.problems] == [5, 5, 6]


def test_no_is_a_word_and_not_false() -> None:
    script = load_script(
        ONE + "  - {collect: a, type: choice, options: {no: No, yes: Yes}, ask: Sure?}\n", path="visit.yml"
    )
    assert script.questions[0].values == ("no", "yes")


def test_a_kind_that_is_not_built_is_refused() -> None:
    problems = check_script(ONE + "  - {wait: 2h}\n", "visit.yml", built=BUILT - {"wait"})
    assert [str(problem) for problem in problems] == ["visit.yml:5: 'wait' is not built yet; leave it out"]


def test_a_script_too_large_is_refused() -> None:
    with pytest.raises(ScriptError, match="Split it into several"):
        load_script("dialog: a\n" + "# x\n" * 100_000, path="visit.yml")


def test_a_script_with_too_many_steps_is_refused() -> None:
    with pytest.raises(ScriptError, match="at most 200 steps"):
        load_script(ONE + "  - {say: Hi}\n" * 201, path="visit.yml")


def test_aliases_cannot_unfold_without_end() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
    with pytest.raises(ScriptError, match="unfolds to too much"):
        load_script(bomb, path="visit.yml")
