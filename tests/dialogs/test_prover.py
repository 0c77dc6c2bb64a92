"""What the prover says of a script before a customer meets it."""

from __future__ import annotations

from dialogs.script import check_script

HEAD = "dialog: visit\npurpose: service\nlanguages: [en]\nsteps:\n"


def problems(steps: str, **given: frozenset[str]) -> list[str]:
    return [str(problem) for problem in check_script(HEAD + steps, "v.yml", **given)]  # type: ignore[arg-type]


def test_a_step_that_is_never_reached_is_an_error() -> None:
    found = problems("  - {say: Hi, next: end}\n  - {id: lost, say: Hello}\n")
    assert found == ["v.yml:6: step 'lost' is never reached; lead to it with 'next', or remove it"]


def test_a_loop_without_a_question_is_an_error() -> None:
    found = problems("  - {id: a, say: A}\n  - {id: b, say: B, next: a}\n")
    assert found == ["v.yml:5: step 'a' leads back to itself without a question; lead it to 'end' instead"]


def test_a_loop_through_a_question_is_fine() -> None:
    again = "  - {collect: more, type: yes_no, ask: More?, next: [{if: slots.more, then: more}]}\n  - {say: Bye}\n"
    assert problems(again) == []


def test_an_answer_that_is_a_stop_word_is_an_error() -> None:
    steps = "  - {collect: a, type: choice, ask: Well?, options: {go: Go on, stop: Stop}}\n"
    assert problems(steps, stops=frozenset({"stop"})) == [
        "v.yml:5: the answer 'Stop' of 'a' is a stop word and ends the dialog; call it otherwise",
        "v.yml:5: the answer 'stop' of 'a' is a stop word and ends the dialog; call it otherwise",
    ]
    assert problems(steps, stops=frozenset()) == []


def test_the_stop_words_of_sms_count_unless_others_are_given() -> None:
    assert len(problems("  - {collect: a, type: choice, ask: Well?, options: {x: Cancel, y: Keep}}\n")) == 1


def test_a_keyword_that_is_a_stop_word_is_an_error() -> None:
    found = check_script("keyword: QUIT\n" + HEAD + "  - {say: Hi}\n", "v.yml")
    assert [problem.message for problem in found] == ["the keyword 'QUIT' is a stop word; choose another"]


def test_more_than_five_questions_on_one_path_is_a_warning() -> None:
    six = "".join(f"  - {{collect: q{n}, type: text, ask: Why?}}\n" for n in range(6))
    assert [problem for problem in problems(six) if "warning" not in problem] == []
    assert "the longest path asks 6 questions" in problems(six)[0]


def test_branches_are_not_added_up() -> None:
    ask = "  - {collect: first, type: yes_no, ask: A?, next: [{if: slots.first, then: b1, else: c1}]}\n"
    for arm in "bc":
        ask += "".join(f"  - {{collect: {arm}{n}, type: text, ask: Why?}}\n" for n in range(1, 4))
        ask += f"  - {{id: {arm}_end, say: Thanks, next: end}}\n"
    assert problems(ask) == []


def test_showing_a_slot_that_some_path_has_not_filled_is_a_warning() -> None:
    steps = (
        "  - {collect: a, type: yes_no, ask: A?, next: [{if: slots.a, then: bye}]}\n"
        "  - {collect: b, type: text, ask: B?}\n"
        '  - {id: bye, say: "You said {{ slots.b }} and {{ slots.a }}."}\n'
    )
    assert problems(steps) == [
        "v.yml:7: warning: 'say' shows slots.b, which is not filled on every path that leads here; "
        "write {{ slots.b | default('…') }}, or ask first"
    ]


def test_a_default_or_an_if_answers_the_warning() -> None:
    steps = "  - {collect: b, type: text, optional: true, ask: B?}\n"
    assert problems(steps + "  - {say: \"{{ slots.b | default('nothing') }}\"}\n") == []
    assert problems(steps + '  - {say: "{% if slots.b %}{{ slots.b }}{% else %}Thanks{% endif %}"}\n') == []


def test_a_step_that_only_an_action_leads_to_is_named_by_it() -> None:
    steps = "  - {action: action_offer, leads_to: [special], next: end}\n  - {id: special, say: Wow}\n"
    assert problems(steps) == []
    assert "never reached" in problems(steps.replace("leads_to: [special], ", ""))[0]


def test_an_action_says_which_slots_it_fills() -> None:
    steps = '  - {action: action_offer, sets: [code]}\n  - {say: "Your code is {{ slots.code }}"}\n'
    assert problems(steps) == []
    assert len(problems(steps.replace(", sets: [code]", ""))) == 1


def test_a_slip_in_the_name_of_a_profile_s_field_is_a_warning() -> None:
    assert problems('  - {say: "Hi {{ profile.nmae }}"}\n') == [
        "v.yml:5: warning: 'say' names 'profile.nmae', which no dialog sets; did you mean 'profile.name'? "
        "(where you import a field 'nmae', leave it so)"
    ]
    found = check_script("when: profile.tgas\n" + HEAD + "  - {say: Hi}\n", "v.yml")
    assert [(one.line, one.level) for one in found] == [(1, "warning")]
    assert "did you mean 'profile.tags'?" in found[0].message


def test_a_field_that_dialogs_set_is_known_and_a_slip_of_it_is_one() -> None:
    says = '  - {say: "{{ profile.favourite }} {{ profile.favorite }}"}\n'
    assert problems(says) == []
    (found,) = problems("  - {set: {profile.favourite: tea}}\n" + says)
    assert "'profile.favorite', which no dialog sets; did you mean 'profile.favourite'?" in found
    assert len(problems(says, fields=frozenset({"favourite"}))) == 1
    assert problems(says, fields=frozenset({"favourite", "favorite"})) == []


def test_a_field_that_may_have_been_imported_is_no_slip() -> None:
    for field in ("age", "game", "orders", "city", "date", "rate", "name", "tags", "preferred_channel"):
        assert problems(f'  - {{say: "{{{{ profile.{field} }}}}"}}\n') == [], field
