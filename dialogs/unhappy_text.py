"""A customer's text made ready to read: folded, bounded, its emoji apart, its language routed.

Rule: everything here is bounded by `LONGEST` characters and never raises, whatever the script of the text.
"""

from __future__ import annotations

import itertools
import operator
import re
import unicodedata

#: Of a long text the first 2,000 and the last 500 characters are read.
HEAD, TAIL = 2000, 500
LONGEST = HEAD + TAIL

# Variation selectors, the joiner, skin tones, gender signs and invisible marks change nothing in what an emoji says.
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\ufe0e\ufe0f\u00ad\u2640\u2642\U0001f3fb-\U0001f3ff]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]+")
_THRICE = re.compile(r"(.)\1\1", re.DOTALL)
# Stars are counted: five of them say another thing than two.
_REPEATED = re.compile(r"([^⭐★☆])\1{2,}", re.DOTALL)
_APOSTROPHE = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "＇": "'", "｀": "'", "′": "'", "‵": "'"})
# What is left of a face of marks once its eyes and mouth are taken out: "(ノ )ノ彡".
_LIMBS = "ノヽヾっづつゝ੭ლ٩۶وว丿彡งฅ凸՞ʕʔ"
_LEFT_OF_A_FACE = re.compile(
    rf"\\?[{_LIMBS}]*\((?:[^\w()]|[{_LIMBS}_ーω๑])*\)[{_LIMBS}]*/?|(?:[^\w()]|[_ー])*\)[{_LIMBS}]+"
)
# "一点异味都没有" says "没有异味", "一句废话没有" says "没有废话": the negator is brought to the front, where the rules
# look for it.
_NOT_BEHIND = re.compile(
    "(?:一点儿?|半点|半句|丝毫|任何|一[个句声根丝处道条粒])([^,.!?;\\s一都也]{1,6}?)(?:都|也)?"
    "(没有|没|不|找不到|找不着|看不到|看不见)(?![\u4e00-\u9fff])"
)
# "快是快，" and a clause that begins with 可 turn round as "但" does.
_CONCEDED = re.compile("是([\u4e00-\u9fff]{1,2}),(?!但|可|就是|不过|只是|却|然而)")
_TURNED = re.compile("可(?<=[,.;!。]可)(?![以能是爱见口选惜怜靠谓行乐观不])")
# "没有一道菜踩雷" says "没有踩雷": what is counted is taken out from between the negator and what it negates.
_NOT_ONE = re.compile(
    "(没有|没)一(?:道菜?|样东西|样菜?|件东西|件|家店|家|口菜?|项服务|项|位老师|位|句话|句|回|天|刻|张|只|双|碗|杯|盘菜?|盘|款|条|处地方|处|次课?)"
    "(?=[^,.!?;\\s的是])"
)
_SPLIT_NOT = re.compile(r"\b(do|did|does|is|was|are|were|wo|ca|could|would|should|have|has|had) n't\b")
_EN_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z]+)*|[^\sa-z0-9]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]")
# Without the marks that Chinese is typed with as well: ・ and ー, and the voicing marks of faces.
_KANA_OR_HANGUL = re.compile("[\u3041-\u3096\u309d-\u30fa\u30fd-\u30ff\uac00-\ud7af\u1100-\u11ff]")
_LATIN = re.compile("[a-z]")
_FOREIGN = re.compile("[\u00c0-\u024f\u0370-\u1fff]")

_TRADITIONAL = (
    "態服務員沒後買賣會來還說話錢貴價點飯麵湯鹹乾淨髒亂慢時間長們個這裡裏兩車錯壞爛質量實惠東"
    "簡單複雜難過電視機開關門窗戶熱涼溫氣聽見覺讓給對應該處聯繫絡責負經師傅騙賠償訴舉報"
    "滿歡喜愛讚謝請問題檢環境衛頭髮蟲臭異嚴習變衝動態訂單號貨運遞達櫃檯臺灣發現"
    "無語氣憤傷險樣當場從頭終於幾乎優雅華麗極強盡獎勵薦絕傳統術藝園團圓親聲響靜衝鬧雞鴨魚飲醬"
    "漲調節線網絡訊響應須預約產業規範區別歲歷練記憶試驗錄換補損破裝紙盒膠帶漏灑潑燙燒焦"
    "遲餓飽輕鬆繼續幫護顧慮煩惱體驗評級樓層廳廚廁轉檔輸贏佔領總統計劃"
    "嗎麼誰為什與並卻雖則離遠進邊標準確認識別許"
    "淚尷驚罵暈嘆歎慘瘋擁勝禮皺澀陰紅鮮臉懶豬慶獻飛嘔煙嚇顫閃憐閉蒼滾恥悶"
)
_SIMPLIFIED = (
    "态服务员没后买卖会来还说话钱贵价点饭面汤咸干净脏乱慢时间长们个这里里两车错坏烂质量实惠东"
    "简单复杂难过电视机开关门窗户热凉温气听见觉让给对应该处联系络责负经师傅骗赔偿诉举报"
    "满欢喜爱赞谢请问题检环境卫头发虫臭异严习变冲动态订单号货运递达柜台台湾发现"
    "无语气愤伤险样当场从头终于几乎优雅华丽极强尽奖励荐绝传统术艺园团圆亲声响静冲闹鸡鸭鱼饮酱"
    "涨调节线网络讯响应须预约产业规范区别岁历练记忆试验录换补损破装纸盒胶带漏洒泼烫烧焦"
    "迟饿饱轻松继续帮护顾虑烦恼体验评级楼层厅厨厕转档输赢占领总统计划"
    "吗么谁为什与并却虽则离远进边标准确认识别许"
    "泪尴惊骂晕叹叹惨疯拥胜礼皱涩阴红鲜脸懒猪庆献飞呕烟吓颤闪怜闭苍滚耻闷"
)
_TO_SIMPLIFIED = {ord(old): new for old, new in zip(_TRADITIONAL, _SIMPLIFIED, strict=True) if old != new}


# Almost every text is made of ASCII, simplified Chinese, common marks and emoji, which stay as they are (`_OTHER` finds
# the rest), and of a few signs that each fold to one thing wherever they stand (`_EACH`): no need to normalise those.
_EACH = {chr(wide): chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)} | {"\u3000": " ", "…": "...", "\ufe0f": ""}
_EACH |= {chr(old): new for old, new in (_APOSTROPHE | _TO_SIMPLIFIED).items() if old > 0x7F}
_KEPT_HAN = "".join(sorted({chr(han) for han in range(0x4E00, 0xA000)} - _EACH.keys()))
_OTHER = re.compile(
    f"[^\\x00-_a-\\x7f、。《》「」“”—{_KEPT_HAN}"
    "\u2600-\u263f\u2643-\u27bf⭐\U0001f300-\U0001f3fa\U0001f400-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001faff]"
)


def bound(text: str) -> str:
    """The part of a text that is read: all of it, or its first 2,000 and last 500 characters."""
    return text if len(text) <= LONGEST else text[:HEAD] + "\n" + text[-TAIL:]


def fold(text: str) -> str:
    """Lower case, half-width, simplified, at most two of one character but a star in a row, at most `LONGEST` long."""
    text = bound(text)
    if not text.isascii():
        text = _narrowed(text)
    text = text.lower()
    if not text.isprintable():
        text = _CONTROL.sub(" ", text)
    return _REPEATED.sub(r"\1\1", text) if _THRICE.search(text) else text


def _narrowed(text: str) -> str:
    """Half-width and simplified, without invisible marks."""
    others = set(_OTHER.findall(text))
    if _EACH.keys() >= others:
        for other in others:
            text = text.replace(other, _EACH[other])
        return text[: LONGEST + 1]
    text = _INVISIBLE.sub("", text.translate(_APOSTROPHE))
    return unicodedata.normalize("NFKC", text)[: LONGEST + 1].translate(_TO_SIMPLIFIED)


def fold_emoji(sign: str) -> str:
    """A sign as it stands in a folded text."""
    return fold(sign).strip()


def signs_apart(folded: str, pattern: re.Pattern[str]) -> tuple[str, list[str]]:
    """A folded text without its signs and without what is left of faces of marks, and the signs."""
    signs = pattern.findall(folded)
    return (_LEFT_OF_A_FACE.sub(" ", pattern.sub(" ", folded)) if signs else folded), signs


def fold_phrase(phrase: str, language: str) -> str:
    """A phrase of a word list as it stands in a folded text: words spaced in English, as written otherwise."""
    folded = fold(phrase).strip()
    return " ".join(words_of(folded)) if language == "en" else folded


def stream_of(folded: str, language: str) -> str | list[str]:
    """What is scanned: the words and marks of English; of other languages the characters, with single spaces."""
    if language == "en":
        return words_of(folded)
    if len(folded.split(maxsplit=1)) > 1 or folded[:1].isspace() or folded[-1:].isspace():
        folded = "\n".join([" ".join(line.split()) for line in folded.split("\n")]).strip()
    if "一" in folded or "任何" in folded:
        folded = _NOT_ONE.sub(r"\1", _NOT_BEHIND.sub(_brought_forward, folded))
    if "可" in folded:
        folded = _TURNED.sub("可是", folded)
    return _CONCEDED.sub(_conceded, folded) if "是" in folded else folded


def _brought_forward(found: re.Match[str]) -> str:
    return (found[2] if len(found[2]) < 3 else "没有") + found[1]


def _conceded(found: re.Match[str]) -> str:
    return found[0] + "但" if found.string.endswith(found[1], 0, found.start()) else found[0]


def pairs_of(stream: str | list[str]) -> list[str]:
    """Each token with the one after it, as phrases are written: "慢了" of characters, "too slow" of words."""
    if isinstance(stream, str):
        return list(map(operator.add, stream, stream[1:]))
    return list(map(" ".join, itertools.pairwise(stream)))


def words_of(folded: str) -> list[str]:
    """Words and marks of a folded English text."""
    if "n't" in folded:
        folded = _SPLIT_NOT.sub(r"\1n't", folded)
    return _EN_TOKEN.findall(folded)


def language_of(folded: str) -> str:
    """`zh`, `en`, or `und`: routed by script. Latin text is `en` here; the reader looks at its words as well."""
    if folded.isascii():
        return "en" if _LATIN.search(folded) else "und"
    if _KANA_OR_HANGUL.search(folded):
        return "und"
    if _HAN.search(folded):
        if not _LATIN.search(folded):
            return "zh"
        return "zh" if 4 * len(_HAN.findall(folded)) >= len(_LATIN.findall(folded)) else "en"
    if not _LATIN.search(folded):
        return "und"
    return "und" if len(_FOREIGN.findall(folded)) > 1 + len(folded) // 40 else "en"
