"""Fitting a message to a channel loses nothing, harms no character, and always gives the same parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.capabilities import SMS, TELEGRAM, WEBCHAT, WECHAT
from channels.channel import Capabilities
from channels.message import Address, Choice, Outbound
from channels.render import fit, part_id, parts
from channels.text_split import Unit, clipped, measured, split

ID = "0123456789abcdef0123456789abcdef"
UNITS: tuple[Unit, ...] = ("characters", "utf16", "bytes")


def message(text: str, *titles: str, language: str = "en", **fields: str) -> Outbound:
    choices = tuple(Choice(title, f"pick:{number}") for number, title in enumerate(titles))
    return Outbound(ID, Address("wechat", "o1"), text, choices, language, **fields)  # type: ignore[arg-type]


def test_a_short_text_is_passed_on_as_it_is() -> None:
    outbound = message("Thank you!")
    assert fit(outbound, WECHAT)[0] is outbound


def test_buttons_that_fit_stay_buttons() -> None:
    outbound = message("Choose", "Good", "Bad")
    assert fit(outbound, TELEGRAM) == (outbound,)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Which?\n1. Price\n2. Service\nReply with a number."),
        ("zh", "Which?\n1. Price\n2. Service\n请回复数字。"),
        ("zh-CN", "Which?\n1. Price\n2. Service\n请回复数字。"),
        ("fr", "Which?\n1. Price\n2. Service\nReply with a number."),
    ],
)
def test_choices_without_buttons_become_a_numbered_list(language: str, expected: str) -> None:
    (only,) = fit(message("Which?", "Price", "Service", language=language), WECHAT)
    assert only.text == expected
    assert only.choices == ()
    assert only.id == ID


def test_one_choice_too_many_lists_them_all() -> None:
    few = Capabilities(max_text=500, max_choices=2)
    (only,) = fit(message("Which?", "A", "B", "C"), few)
    assert only.choices == ()
    assert "1. A\n2. B\n3. C" in only.text


@pytest.mark.parametrize(
    ("language", "line"), [("en", "Reply with a number from 0 to 10."), ("zh", "请回复 0–10 的数字。")]
)
def test_a_scale_is_named_and_not_numbered_again(language: str, line: str) -> None:
    (only,) = fit(message("How likely?", *map(str, range(11)), language=language), WECHAT)
    assert only.text == f"How likely?\n{line}"


def test_a_falling_scale_is_named_from_its_least() -> None:
    (only,) = fit(message("Rate us", "5", "4", "3", "2", "1"), WECHAT)
    assert only.text.endswith("from 1 to 5.")


def test_choices_with_numbers_of_their_own_are_not_numbered_again() -> None:
    (only,) = fit(message("Rate us", "5 – very good", "3 – fair", "1 – bad"), SMS)
    assert only.text == "Rate us\n5 – very good\n3 – fair\n1 – bad\nReply with a number."


def test_numbers_with_gaps_are_listed() -> None:
    (only,) = fit(message("How many?", "1", "3", "5"), SMS)
    assert only.text == "How many?\n1\n3\n5\nReply with a number."


def test_links_are_written_out_and_ask_for_no_number() -> None:
    links = (Choice("Your order", "o", "https://a.example/1"), Choice("Help", "h", "https://a.example/2"))
    outbound = Outbound(ID, Address("sms", "+1"), "See", links)
    assert fit(outbound, SMS)[0].text == "See\nYour order: https://a.example/1\nHelp: https://a.example/2"


def test_choices_alone_make_a_text() -> None:
    assert parts("", [Choice("Yes", "y"), Choice("No", "n")], "en", SMS)[0].text.startswith("1. Yes")


def test_a_long_title_is_cut_with_an_ellipsis() -> None:
    (only,) = fit(message("Which?", "x" * 70, "short"), TELEGRAM)
    assert [choice.title for choice in only.choices] == ["x" * 63 + "…", "short"]
    assert only.choices[0].payload == "pick:0"


def test_titles_that_would_look_the_same_become_a_list() -> None:
    (only,) = fit(message("Which?", "x" * 70 + "a", "x" * 70 + "b"), TELEGRAM)
    assert only.choices == ()
    assert "x" * 70 + "b" in only.text


def test_a_long_text_is_split_and_the_last_part_keeps_id_and_choices() -> None:
    text = "\n\n".join(f"Paragraph {number}. " + "word " * 200 for number in range(8))
    fitted = fit(message(text, "Yes", "No", reply_to="77", edit_of="78"), TELEGRAM)
    assert len(fitted) > 1
    assert [part.id for part in fitted] == [part_id(ID, n) for n in range(len(fitted) - 1)] + [ID]
    assert [bool(part.choices) for part in fitted] == [False] * (len(fitted) - 1) + [True]
    assert [part.reply_to for part in fitted] == ["77"] + [""] * (len(fitted) - 1)
    assert [part.edit_of for part in fitted] == ["78"] + [""] * (len(fitted) - 1)
    assert all(part.text.startswith("Paragraph") for part in fitted)
    assert fitted == fit(message(text, "Yes", "No", reply_to="77", edit_of="78"), TELEGRAM)


def test_part_ids_are_public_ids() -> None:
    assert len({part_id(ID, 0), part_id(ID, 1), ID}) == 3
    assert all(len(part_id(ID, n)) == 32 and int(part_id(ID, n), 16) for n in range(3))


def test_a_list_stays_whole_when_the_text_before_it_is_long() -> None:
    fitted = fit(message("好" * 680, "价格", "服务", "质量", language="zh"), WECHAT)
    assert fitted[-1].text.endswith("1. 价格\n2. 服务\n3. 质量\n请回复数字。")
    assert all(measured(part.text, "bytes") <= 2048 for part in fitted)


def test_a_list_too_long_for_one_message_goes_on_in_the_next() -> None:
    fitted = fit(message("Which?", *(f"option {n} " + "x" * 200 for n in range(20))), WECHAT)
    assert len(fitted) > 1
    assert fitted[-1].text.endswith("Reply with a number.")


def test_a_template_is_never_changed() -> None:
    outbound = message("x" * 9000, template="template:abc")
    assert fit(outbound, WECHAT) == (outbound,)


def test_an_empty_text_stays_one_message() -> None:
    assert fit(message(""), SMS)[0].text == ""


def test_a_blank_text_over_the_limit_stays_one_message() -> None:
    assert len(fit(message(" " * 5000), SMS)) == 1


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("One two. Three four. Five", 22, ["One two. Three four.", "Five"]),
        ("It costs 3.50 in all now", 13, ["It costs 3.50", "in all now"]),
        ("你好。今天怎么样？我很好", 9, ["你好。今天怎么样？", "我很好"]),
        ("他说“好！”然后走了", 7, ["他说“好！”", "然后走了"]),
        ("first one\n\nsecond one is longer", 20, ["first one", "second one is longer"]),
        ("alpha beta gamma", 11, ["alpha beta", "gamma"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("我们的服务，非常好", 7, ["我们的服务，", "非常好"]),
        ("感谢您选择我们的店铺，", 10, ["感谢您选择我们的店", "铺，"]),
    ],
)
def test_a_text_is_cut_at_the_kindest_place(text: str, limit: int, expected: list[str]) -> None:
    assert split(text, limit, "characters") == expected


@pytest.mark.parametrize(
    "cluster",
    [
        "e\u0301",
        "👩\u200d👩\u200d👧\u200d👦",
        "🇨🇳",
        "👍🏽",
        "1\ufe0f\u20e3",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "각",
        "\u1100\u1161\u11a8",
        "नि",
        "😀",
    ],
)
@pytest.mark.parametrize("unit", UNITS)
def test_no_character_is_cut_in_two(cluster: str, unit: Unit) -> None:
    limit = measured(cluster, unit) * 2 + 1
    pieces = split(cluster * 9, limit, unit)
    assert "".join(pieces) == cluster * 9
    assert all(len(piece) % len(cluster) == 0 for piece in pieces)


def test_a_character_longer_than_a_message_is_cut_all_the_same() -> None:
    pieces = split("e" + "\u0301" * 500, 100, "characters")
    assert "".join(pieces) == "e" + "\u0301" * 500
    assert max(map(len, pieces)) == 100


def test_a_title_is_not_cut_inside_an_emoji() -> None:
    assert clipped("ab👩\u200d👧cd", 5) == "ab…"


@given(st.text(max_size=400), st.integers(16, 90), st.sampled_from(UNITS))
def test_only_white_space_is_lost_and_every_part_fits(text: str, limit: int, unit: Unit) -> None:
    pieces = split(text, limit, unit)
    assert all(piece and measured(piece, unit) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(st.text(max_size=300), st.lists(st.text(min_size=1, max_size=100), max_size=30), st.sampled_from(["en", "zh"]))
def test_whatever_fits_is_within_the_channels_limits(text: str, titles: list[str], language: str) -> None:
    for capabilities in (TELEGRAM, SMS, WECHAT, WEBCHAT, Capabilities(max_text=64, max_choices=3, max_label=5)):
        for part in fit(message(text, *titles, language=language), capabilities):
            assert measured(part.text, capabilities.text_unit) <= max(capabilities.max_text, 0) or not part.text.strip()
            assert len(part.choices) <= capabilities.max_choices
            assert all(len(choice.title) <= capabilities.max_label for choice in part.choices)


def test_a_lone_surrogate_is_carried_and_does_not_raise() -> None:
    text = "a\ud800b " * 400
    assert "".join("".join(split(text, 64, "utf16")).split()) == "a\ud800b" * 400
