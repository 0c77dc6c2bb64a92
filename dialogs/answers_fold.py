"""One spelling for every way of writing: what customers type, folded so that tables can look it up.

Rule: folding looks at one character at a time. So any place in a folded text can be found again in the text as it was
written (`origin`), and what is kept of an answer is always the customer's own words.
"""

import re
import unicodedata
from typing import Final

LIMIT: Final = 2_000  # Characters of an answer that are read; whatever follows is comment.

# Traditional characters of the words that answers are made of, each above its simplified form.
_TRADITIONAL: Final = (
    "滿意還錯對沒個幾兩萬億貳參陸點鐘無問題開關後會請謝這樣為極糟糕爛說給選項評"
    "顆級從來過覺認應該確實當絕準難單簡輕鬆煩費時間種買賣東車員務態質價錢貴壞遲"
    "慢聯繫電話訂購貨運達裝髒換體驗廳飯餐湯溫熱涼鹹鮮魚雞雙總額淨頭長師傅嗎喲囉"
    "別擾發聽見讓與較樂歡氣親愛帥腦機網絡頁號碼幫終於變傳贊讚順暢啟動優異"
    "將護產專業諮詢遞寄掛斷複雜處傷負責壓據數據護顧導購備靜吵廁乾條約線維修"
    "舊歲廠園場縣鄉鎮灣臺國語詞紅綠藍黃銀閉門們誰麼麽甚邊遠進閱續"
    "騎裡裏現願嚴張塊隻僅夠罷頗隨棄緊標稱離強係鴨蝦禮敗寫讀討厭煩氣"
)
_SIMPLIFIED: Final = (
    "满意还错对没个几两万亿贰叁陆点钟无问题开关后会请谢这样为极糟糕烂说给选项评"
    "颗级从来过觉认应该确实当绝准难单简轻松烦费时间种买卖东车员务态质价钱贵坏迟"
    "慢联系电话订购货运达装脏换体验厅饭餐汤温热凉咸鲜鱼鸡双总额净头长师傅吗哟啰"
    "别扰发听见让与较乐欢气亲爱帅脑机网络页号码帮终于变传赞赞顺畅启动优异"
    "将护产专业咨询递寄挂断复杂处伤负责压据数据护顾导购备静吵厕干条约线维修"
    "旧岁厂园场县乡镇湾台国语词红绿蓝黄银闭门们谁么么什边远进阅续"
    "骑里里现愿严张块只仅够罢颇随弃紧标称离强系鸭虾礼败写读讨厌烦气"
)

_SPECIAL: Final[dict[str, str]] = {
    **dict(zip(_TRADITIONAL, _SIMPLIFIED, strict=True)),
    **dict.fromkeys("’‘ʼ`´ʹ′", "'"),
    **dict.fromkeys("–—−―‐‑‒－", "-"),
    **dict.fromkeys("〜∼～", "~"),
    **dict.fromkeys("∕⁄÷", "/"),
    # NFKC would make 8½ an 81/2, 8² an 82 and № a "no".
    **dict.fromkeys("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", " "),
    "½": ".5",
    "¼": ".25",
    "¾": ".75",
    "№": "#",
    "×": "x",
    "\N{KEYCAP TEN}": "10",
    "\n": "\n",
    "\N{LINE SEPARATOR}": "\n",
    "\N{PARAGRAPH SEPARATOR}": "\n",
}
_MARKS: Final = frozenset({"Cf", "Mn", "Me"})
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)


class _Folding(dict[int, str]):
    """The table of `str.translate`, filled as characters are met; beyond the basic plane nothing is kept."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if code < 0x10000:
            self[code] = folded
        return folded


def _fold_character(character: str) -> str:
    special = _SPECIAL.get(character)
    if special is not None:
        return special
    category = unicodedata.category(character)
    if category in _MARKS or ord(character) in _SKIN_TONES:
        return ""  # Joiners, accents typed apart, variation selectors and the frame of a keycap.
    if category in {"Cc", "Zs"}:
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(character))
    plain = unicodedata.normalize("NFKD", character)[0]
    if plain.isascii() and plain.isalpha() and category in {"Ll", "Lu"}:
        return plain.lower()
    folded = unicodedata.normalize("NFKC", character).casefold()
    kept = (part for part in folded if unicodedata.category(part) not in _MARKS)
    return "".join(_SPECIAL.get(part, part) for part in kept)


_FOLDING: Final = _Folding()


def fold(text: str) -> str:
    """The text in lower case, half width, simplified characters, ASCII digits and plain quotes."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)


def origin(text: str, place: int) -> int:
    """Where in `text` stands what `fold(text)` has at `place`."""
    if text.isascii():
        return place
    folded = 0
    for at, character in enumerate(text):
        if folded >= place:
            # What folds to nothing belongs to the character before it: the frame of a keycap, a skin tone.
            return at + _vanishing(text, at)
        folded += len(_FOLDING[ord(character)])
    return len(text)


def _vanishing(text: str, start: int) -> int:
    length = 0
    while start + length < len(text) and length < LIMIT and not _FOLDING[ord(text[start + length])]:
        length += 1
    return length


_WITHIN: Final = re.compile(r"[^\W_](?:.*[^\W_])?", re.DOTALL)
_SPACES: Final = re.compile(r"\s+")


def trim(folded: str) -> str:
    """A folded text without the punctuation around it, single-spaced; one made of symbols alone stays as it is."""
    within = _WITHIN.search(folded)
    return _SPACES.sub(" ", within[0] if within else folded.strip())


def bare(text: str) -> str:
    """The folded text without the punctuation around it."""
    return trim(fold(text[:LIMIT]))


def alternatives(pattern: str) -> list[str]:
    """The alternatives of a regular expression written over several lines, longest first, each once."""
    parts = [""]
    depth = 0
    for character in "".join(pattern.split()):
        depth += (character == "(") - (character == ")")
        if character == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return sorted(set(parts), key=lambda part: (-len(part), part))


_BEFORE_EDGE: Final = " \t\r\n,;:-–—=~，；：、～("
_AFTER_EDGE: Final = _BEFORE_EDGE + ".!?。！？…)*\"'”"
_LETTERS: Final = re.compile(r"[^\W\d_]")
_COURTESY: Final = re.compile(
    r"(?:(?:hi|hello|hey|dear|thanks|thank you|thx|ty|cheers|please|ok|okay|sorry|lol|ha(?:ha)+|oh|well|um+|hmm+"
    r"|best|regards"
    r"|谢谢|谢了|感谢|多谢|你好|您好|嗨|嗯+|哦+|好的?|哈+|你们?|您|啊|了|呵+)[\W_]*)*"
)


def rest_of(text: str, start: int, end: int) -> str:
    """What `text` says beside the answer that stands from `start` to `end` of its folded form."""
    before = text[: origin(text, start)].strip().rstrip(_BEFORE_EDGE)
    after = text[origin(text, end) :].lstrip(_AFTER_EDGE).rstrip()
    if after.endswith((")", "）")) and "(" not in after and "（" not in after:
        after = after[:-1]
    kept = [part for part in (before, after) if _LETTERS.search(part) and not _is_courtesy(part)]
    if len(kept) == 2:
        glue = " " if before[-1] in ".!?。！？…" else "，" if not before[-1].isascii() else ", "
        return glue.join(kept)
    return kept[0] if kept else ""


def _is_courtesy(part: str) -> bool:
    return len(part) <= 40 and _COURTESY.fullmatch(fold(part)) is not None
