"""Emoji, kaomoji, emoticons and the bracket signs of Chinese apps, each alone, repeated and after a neutral word.

What everybody agrees upon stands in `signs.txt`: signs that are unhappy, signs that praise, signs that say nothing of
the kind, and signs that could be either and so never open a ticket.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from dialogs.unhappy import shipped_reader

READER = shipped_reader()
SPACED = (
    "{0}",
    "{0} {0}",
    "{0} {0} {0}",
    "送到了 {0}",
    "It arrived {0}",
    "ok {0}",
    "{0} 送到了",
    "周二送到了，放在门口 {0}",
    "The parcel was left at the door on Tuesday {0}",
)
#: Letters and marks are signs only where they stand apart; pictures and bracket signs stand anywhere.
ATTACHED = (*SPACED, "{0}{0}", "{0}{0}{0}", "送到了{0}", "好的{0}")
TONES = ("", "\U0001f3fb", "\U0001f3fd", "\U0001f3ff")


def groups() -> list[tuple[str, str, list[str]]]:
    """(kind, what they are, signs), as `signs.txt` has them."""
    found: list[tuple[str, str, list[str]]] = []
    for line in (Path(__file__).parent / "signs.txt").read_text(encoding="utf-8").splitlines():
        title = re.fullmatch(r"\[(unhappy|praise|calm|mild)\] (.+)", line)
        if title:
            found.append((title[1], title[2], []))
        elif line and not line.startswith("# "):
            found[-1][2].extend(re.split("  +", line.strip()))
    return found


def frames(what: str) -> tuple[str, ...]:
    if what.startswith("what only looks"):
        return ("{0}",)
    return SPACED if re.search("emoticons|kaomoji|stars|either", what) else ATTACHED


def wrong(kind: str, what: str, sign: str) -> list[str]:
    texts = [frame.format(sign) for frame in frames(what)]
    readings = [(text, READER.read(text).unhappy) for text in texts]
    match kind:
        case "unhappy":
            return [text for text, unhappy in readings if unhappy < 0.5]
        case "mild":
            return [text for text, unhappy in readings if unhappy >= 0.8]
    alone = [sign] if kind == "praise" and READER.read(sign).unhappy > 0.15 else []
    return alone + [text for text, unhappy in readings if unhappy >= 0.5]


@pytest.mark.parametrize(("kind", "what", "signs"), [pytest.param(*row, id=f"{row[0]}-{row[1]}") for row in groups()])
def test_signs_are_read_as_everybody_reads_them(kind: str, what: str, signs: list[str]) -> None:
    assert len(signs) == len(set(signs))
    assert [text for sign in signs for text in wrong(kind, what, sign)] == []


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize(("sign", "unhappy"), [("👎", True), ("🤦", True), ("🖕", True), ("👍", False), ("🙏", False)])
def test_skin_gender_and_variation_change_nothing(sign: str, unhappy: bool, tone: str) -> None:
    for rest in ("", "\ufe0f", "\u200d♀️", "\u200d♂️"):
        assert (READER.read(f"送到了 {sign}{tone}{rest}").unhappy >= 0.5) == unhappy


def test_a_picture_that_the_table_does_not_know_says_nothing() -> None:
    known = set(READER._signs)
    pictures = [chr(code) for first, last in ((0x2600, 0x27BF), (0x1F300, 0x1FAFF)) for code in range(first, last + 1)]
    unknown = [picture for picture in pictures if unicodedata.category(picture) == "So" and picture not in known]
    assert len(unknown) > 1000
    assert [picture for picture in unknown if READER.read(f"送到了 {picture}").unhappy >= 0.5] == []


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("原因：（1）送得快（2）味道好", ":("),
        ("two things:(1) the box, (2) the label", ":("),
        ("备注：[玫瑰]", ":["),
        ("see https://example.com/menu", ":/"),
        ("saved in D:\\photos", ":\\"),
        ("会员等级:C", ":c"),
        ("size:<5", ":<"),
        ("vitamin 'a' cream", "'a'"),
        ("评分4.1⭐", "1⭐"),
        ("11⭐", "1⭐"),
    ],
)
def test_what_only_looks_like_a_sign_is_none(text: str, sign: str) -> None:
    assert sign not in READER.read(text).why


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("味道一般T_T送得也慢", "t_t"),
        ("东西收到了T_T", "t_t"),
        ("收到了:-D谢谢", "+:-d"),
        ("stuck at the gate. :( may miss my bus (line 8)", ":("),
        ("[微笑R][生气R]", "[生气r]"),
        ("[流淚]", "[流泪]"),
        ("送到了[陰險][罵人]", "[骂人]"),
    ],
)
def test_a_sign_is_found_next_to_chinese_and_before_brackets(text: str, sign: str) -> None:
    assert sign in READER.read(text).why


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("服务太慢了(ノಠ益ಠ)ノ彡┻━┻", "zh"),
        ("太慢了ヽ(`Д´)ﾉ", "zh"),
        ("约翰・史密斯送来的", "zh"),
        ("so slow ಥ_ಥ", "en"),
    ],
)
def test_the_letters_of_a_face_do_not_make_a_text_foreign(text: str, language: str) -> None:
    assert READER.read(text).language == language


@pytest.mark.parametrize(
    ("text", "unhappy"),
    [
        ("★☆☆☆☆", True),
        ("★★☆☆☆", True),
        ("★★★☆☆", False),
        ("★★★★☆", False),
        ("⭐⭐", True),
        ("⭐⭐⭐", False),
        ("⭐⭐⭐⭐⭐", False),
        ("1⭐", True),
        ("1 ⭐ 服务", True),
        ("5⭐", False),
        ("⭐", False),
    ],
)
def test_stars_are_counted(text: str, unhappy: bool) -> None:
    assert (READER.read(text).unhappy >= 0.5) == unhappy


@pytest.mark.parametrize("text", ["QAQ", "送到了QAQ", "It arrived QAQ"])
def test_a_face_of_letters_is_a_word(text: str) -> None:
    assert READER.read(text).unhappy >= 0.5
