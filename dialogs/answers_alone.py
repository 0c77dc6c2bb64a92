"""Wishes to be left alone by whoever writes here, as people put them; English and Chinese.

Rule: whole replies only, and only such as can hardly be an answer to an open question. So a wish names its writer or
us, or that it is enough ("again", 再, 了); what asks for less of a thing in general ("no more emails", 取消订阅) does
not count. The patterns are for short replies: the caller bounds them.
"""

import re
from typing import Final

_WORDS_ZH: Final = r"(?:垃圾)?(?:短信|短讯|短訊|简讯|简訊|消息|信息|讯息|訊息|微信|邮件|郵件|通知|推送|提醒|问卷)"
_LEAD_ZH: Final = (
    r"(?:请|麻烦|拜托|烦请|求求|求|你们?|您们?|贵公司|能不能|可不可以|能否|可以|能|从今以后|以后|今后|从现在起|都|就|那)"
    r"{0,6}"
)
_NOT_ZH: Final = r"(?P<not>别|不要|不用|不必|无需|请勿|勿|停止|不准|不许)(?P<again>再|继续)?来?"
_TAIL_ZH: Final = r"(?:行吗|好吗|可以吗|行不行|好不好|谢谢|[吧啊啦呀哦嘛吗]){0,4}"
_OURS_ZH: Final = r"(?:(?:你们?|您们?|贵公司)(?:公司)?(?:发来|发)?的?)?(?:这些|这种|这类|任何)?"

_SENDING_ZH: Final = re.compile(
    rf"(?P<lead>{_LEAD_ZH}){_NOT_ZH}(?P<me>[给向对]我)?(?:发送|推送|发)(?P<what>{_WORDS_ZH})?(?P<after>给我)?"
    rf"(?P<over>[了啦])?{_TAIL_ZH}"
)
_DISTURBING_ZH: Final = re.compile(
    rf"{_LEAD_ZH}{_NOT_ZH}(?:(?P<sure>打扰|骚扰)|(?P<mild>联系|联络|提醒)|烦)(?P<me>我们?)?(?P<over>[了啦])?{_TAIL_ZH}"
)
_PLAIN_ZH: Final = re.compile(
    rf"{_LEAD_ZH}我?(?:"
    rf"(?:真的)?(?:不想|不愿意|不愿|不希望|不要|不需要)(?:再|继续)?(?:收到|接收|看到){_OURS_ZH}{_WORDS_ZH}了?"
    rf"|(?:拒收|拒绝接收){_OURS_ZH}{_WORDS_ZH}"
    rf"|(?:停止|取消|关闭|关掉)(?:给我)?(?:{_WORDS_ZH})?(?:发送|推送|提醒|通知)(?:{_WORDS_ZH})?"
    r"|(?:再发)?我?(?:就|已经|已|要|直接)?(?:把你们?)?拉黑(?:你们?|您)?了?"
    r"|(?:不需要|不用|不要|不必|无需|谢绝|拒绝)(?:再|你们?的?|任何)?回访我?了?"
    rf"){_TAIL_ZH}"
)

_WORDS_EN: Final = r"(?:(?:text |sms )?messages?|texts?|e[ -]?mails?|sms|notifications?|reminders?|surveys?|spam)"
_LEAD_EN: Final = (
    r"(?:(?:please|pls|plz|kindly|just|ok|can you|could you|will you|would you|you guys|i said|i told you to) ){0,4}"
)
_AGAIN_EN: Final = r"(?: (?:again|anymore|any more|ever again|ever|from now on))"
_TAIL_EN: Final = r"(?: (?:please|pls|plz|thanks|thank you|now|ok|already)){0,3}"

_FORBIDDING_EN: Final = re.compile(
    rf"{_LEAD_EN}(?:don't|dont|do not|never) (?:ever )?(?:(?P<sure>message|text|contact|bother|spam|pester|harass"
    rf"|disturb|annoy)|e[ -]?mail|write to|write|send) (?:me|us)(?: any)?(?P<more> more)?(?: {_WORDS_EN})?"
    rf"(?P<again>{_AGAIN_EN}{{0,3}}){_TAIL_EN}"
)
_PLAIN_EN: Final = re.compile(
    r"(?:(?:please|pls|plz|kindly|just) ){1,3}stop(?: now)?(?: (?:please|pls|plz))?"
    r"|stop(?: now| already)?(?: (?:please|pls|plz|thanks|thank you)){1,2}|stop(?: stop)+"
    rf"|{_LEAD_EN}(?:(?:stop|quit) (?:(?:messaging|texting|e[ -]?mailing|contacting|bothering|spamming|pestering"
    r"|harassing|disturbing|annoying|writing to) (?:me|us)"
    rf"|sending (?:me|us)(?: any| your)?(?: more)? {_WORDS_EN})"
    rf"|leave (?:me|us) (?:alone|be|in peace)){_AGAIN_EN}{{0,3}}{_TAIL_EN}"
    rf"|i (?:don't|dont|do not) (?:want|wish)(?: to (?:receive|get))?(?: any)?(?: more)?"
    rf" (?:your {_WORDS_EN}|{_WORDS_EN} from you){_AGAIN_EN}?{_TAIL_EN}"
    rf"|i (?:don't|dont|do not) (?:want|wish) to (?:hear from you|be contacted){_AGAIN_EN}?{_TAIL_EN}"
    r"|i(?:'m| am|'ll| will)?(?: going to)? block(?:ed|ing)? you|blocking you|blocked you"
)
#: What every wish has; nearly all replies are told from one by this alone.
HINT: Final = re.compile(
    r"stop|quit|don'?t|do not|never|leave|block|[别勿停拒消关黑]|不[要用想必愿希需准许]|无需|谢绝"
)
_BREAKS: Final = re.compile(r"[^\w']+")
_BESIDE_CHINESE: Final = re.compile(r"(?<=[一-鿿]) | (?=[一-鿿])")


def is_wish(folded: str) -> bool:
    """Whether a short folded reply says as a whole, whatever was asked, that we are to leave its writer alone."""
    if HINT.search(folded) is None:
        return False
    words = _BESIDE_CHINESE.sub("", _BREAKS.sub(" ", folded).strip())
    if words.isascii():
        return _PLAIN_EN.fullmatch(words) is not None or _forbids_in_english(words)
    return _PLAIN_ZH.fullmatch(words) is not None or _forbids_sending(words) or _forbids_disturbing(words)


def _forbids_in_english(words: str) -> bool:
    """ "Don't email me" may say which way is liked better; "don't email me again" does not."""
    found = _FORBIDDING_EN.fullmatch(words)
    return found is not None and bool(found["sure"] or found["again"] or found["more"])


def _forbids_sending(words: str) -> bool:
    """不要发短信 may say which way is liked better, and 不用再发了 answer an offer.

    别再发短信 and 不用给我发了 do neither.
    """
    found = _SENDING_ZH.fullmatch(words)
    if found is None:
        return False
    if found["me"] or found["after"]:
        return True
    enough = found["again"] or found["over"] or "后" in found["lead"] or "从" in found["lead"]
    if found["not"] in ("不用", "不必", "无需"):
        return bool(enough and found["what"])
    return bool(enough) or found["not"] == "停止"


def _forbids_disturbing(words: str) -> bool:
    """不用联系了 may answer an offer, and 别烦了 comfort somebody; 别再联系 and 不用联系我 do neither."""
    found = _DISTURBING_ZH.fullmatch(words)
    if found is None:
        return False
    if found["sure"] or found["me"]:
        return True
    return bool(found["mild"] and (found["again"] or found["over"])) and found["not"] not in ("不用", "不必", "无需")
