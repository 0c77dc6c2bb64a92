"""Whatever happens, in whatever order, with whatever text."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.effects import Effect, Finish, RunAction, Say, WaitUntil
from dialogs.engine import advance
from dialogs.event_json import from_dict, to_dict
from dialogs.events import (
    ActionFinished,
    DeliveryFailed,
    Event,
    OptedOut,
    Paused,
    Replied,
    Resumed,
    Started,
    TimedOut,
)
from dialogs.script import Script, load_script, shipped_scripts
from dialogs.state import State
from dialogs.unhappy import Mood

EVERYTHING = """
dialog: everything
purpose: service
languages: [en, zh]
session: {remind_after: [1h, 2h], expires_after: 1d}
steps:
  - collect: nps
    type: nps
    ask: {en: "{{ profile.name }} 0-10?", zh: 几分？}
    on_timeout: bye
    next: [{if: slots.nps <= 6, then: why}]
  - collect: many
    type: multi_choice
    validate: true
    options: {a: {en: A, zh: 甲}, b: {en: B, zh: 乙}}
    ask: {en: Which?, zh: 哪些？}
  - {collect: count, type: number, optional: true, ask: {en: How many?, zh: 几个？}}
  - {collect: why, type: text, takes_rest_of: nps, ask: {en: Why?, zh: 为什么？}}
  - {escalate: {severity: "{{ slots.why }}"}}
  - {set: {profile.last: "{{ slots.why }}", total: "{{ slots.nps + slots.count }}"}}
  - {tag: "{{ slots.many }}"}
  - {id: pause, wait: 1h}
  - {action: action_x, next: [{if: slots.again, then: nps}]}
  - id: bye
    say: {en: "Bye {{ slots.why }} {{ slots.total }} {{ desk.promise }} {{ now.time }}", zh: "再见 {{ slots.many }}"}
"""
SCRIPTS = [load_script(EVERYTHING.replace("slots.again", "slots.count"), path="everything.yml")]
SCRIPTS += [load_script(source, path=name) for name, source in shipped_scripts().items()]

TEXTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "9",
            "0",
            "yes",
            "不",
            "1,2",
            "skip",
            "leave me alone",
            "",
            "  ",
            "{{ slots }}",
            "{% for %}",
            "9" * 400,
            "好" * 5000,
            "STOP",
            "1e999",
            "\x00",
            "٣",
        ]
    ),
)
MOODS = st.sampled_from([None, Mood(0.99, 0.9, "en", ("a",), ("b",), False), Mood(0.01, 0.0, "zh", (), ("+好",), True)])
AT = st.floats(min_value=-1e12, max_value=1e12)
SMALL = st.integers(min_value=-2, max_value=14)
ANY_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
REPLIES = st.builds(
    Replied,
    AT,
    TEXTS,
    st.sampled_from(["webchat", "sms", ""]),
    message=st.sampled_from(["", "m1", "m2"]),
    step=st.none() | SMALL,
    choice=st.none() | SMALL,
    media=st.sampled_from(["", "photo", "voice", "??"]),
    mood=MOODS,
    verdict=st.sampled_from(["fine", "watch", "unhappy"]),
    edited=st.booleans(),
    of=st.sampled_from(["", "m1", "m2"]),
    answers=SMALL,
    last_here=SMALL,
)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    REPLIES,
    REPLIES,
    st.builds(TimedOut, AT, st.sampled_from(["reminder", "expiry", "wait"]), SMALL),
    st.builds(OptedOut, AT),
    st.builds(
        ActionFinished,
        AT,
        SMALL,
        SMALL,
        st.dictionaries(st.sampled_from(["many", "nps", "why", "x"]), ANY_VALUE, max_size=3),
        st.lists(st.dictionaries(st.sampled_from(["text", "response"]), ANY_VALUE, max_size=2), max_size=7).map(tuple),
        st.sampled_from(["", "nps", "bye", "nowhere"]),
        st.sampled_from(["", "", "boom"]),
    ),
    st.builds(DeliveryFailed, AT, SMALL, st.booleans()),
    st.builds(Paused, AT),
    st.builds(Resumed, AT, st.sampled_from(["", "sms"])),
)
STARTED = st.builds(
    Started,
    AT,
    seed=st.text(max_size=5),
    language=st.sampled_from(["en", "zh", "fr"]),
    channel=st.sampled_from(["webchat", "sms"]),
    timezone=st.sampled_from(["UTC", "Asia/Shanghai", "", "../etc/passwd"]),
    profile=st.fixed_dictionaries({"name": st.text(max_size=9)}),
)


def awaited(state: State) -> Event | None:
    """The result that the dialog waits for, so that a random walk gets past actions."""
    if state.action and state.status != "paused":
        return ActionFinished(0.0, state.open_step, state.action)
    return TimedOut(0.0, "wait", state.wait) if state.wait else None


def walk(script: Script, started: Started, events: list[Event]) -> list[tuple[State, tuple[Effect, ...]]]:
    state, effects = advance(script, None, started)
    walked = [(state, effects)]
    for event in events:
        for one in (event, awaited(state)):
            if one is not None:
                state, effects = advance(script, State.from_json(state.to_json()), one)
                walked.append((state, effects))
    return walked


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(SCRIPTS), STARTED, st.lists(EVENTS, max_size=14))
def test_any_events_keep_the_promises(script: Script, started: Started, events: list[Event]) -> None:
    walked = walk(script, started, events)
    sequences = [say.sequence for _, effects in walked for say in effects if isinstance(say, Say)]
    assert sequences == list(range(1, len(sequences) + 1)), "Says are numbered from 1 without a gap"
    ticks = [
        effect.sequence for _, effects in walked for effect in effects if isinstance(effect, WaitUntil | RunAction)
    ]
    assert len(ticks) == len(set(ticks)), "no timer and no action share a number"
    for before, (state, _) in zip([state for state, _ in walked], walked[1:], strict=False):
        assert (state.sequence, state.ticks) >= (before.sequence, before.ticks)
        assert before.status != "finished" or state.status == "finished"
    finishes = [effect for _, effects in walked for effect in effects if isinstance(effect, Finish)]
    assert len(finishes) == (walked[-1][0].status == "finished")
    for _, effects in walked:
        questions = [one for one in effects if isinstance(one, Say) and one.kind in ("question", "reminder")]
        assert len(questions) <= 1, "several questions at once"
        assert all(one.text.strip() and len(one.text) < 20_000 for one in effects if isinstance(one, Say))


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(SCRIPTS), STARTED, st.lists(EVENTS, max_size=10))
def test_the_same_events_give_the_same_dialog_through_json_or_not(
    script: Script, started: Started, events: list[Event]
) -> None:
    through_json = walk(script, started, events)
    state, effects = advance(script, None, started)
    plain = [(state, effects)]
    for event in events:
        for one in (event, awaited(state)):
            if one is not None:
                state, effects = advance(script, state, one)
                plain.append((state, effects))
    assert [(state.to_json(), effects) for state, effects in plain] == [
        (state.to_json(), effects) for state, effects in through_json
    ]


@settings(max_examples=150, deadline=None)
@given(EVENTS)
def test_an_event_survives_its_log(event: Event) -> None:
    written = orjson.dumps(_finite(to_dict(event)), option=orjson.OPT_PASSTHROUGH_SUBCLASS)
    assert to_dict(from_dict(orjson.loads(written))) == orjson.loads(written)


def _finite(value: Any) -> Any:
    """What an event cannot hold in JSON anyway: huge integers, NaN."""
    match value:
        case dict():
            return {name: _finite(item) for name, item in value.items()}
        case list():
            return [_finite(item) for item in value]
        case bool() | None | str():
            return value
        case int() | float() if abs(value) < 2**53:
            return value
    return None


def test_an_event_of_an_unknown_kind_is_named() -> None:
    for wrong in ({"event": "Exploded"}, {}, {"event": "Paused", "at": 1.0, "x": 2}):
        try:
            from_dict(wrong)
        except ValueError as error:
            said = str(error)
        assert "no event" in said or "no Paused" in said


def test_a_state_that_is_none_is_named() -> None:
    for wrong in (b"", b"[]", b'{"nonsense": 1}', b"1"):
        try:
            State.from_json(wrong)
        except ValueError as error:
            said = str(error)
        assert "no state of a dialog" in said
