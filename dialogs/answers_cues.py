"""What the words around a number say about it, as patterns over folded text.

Rule: a pattern says one thing, and is bounded: it looks at a window, and repeats only possessively, so that no text can
make it slow. A new way of saying a score belongs here, with a line in the table of `tests/answers/test_scales.py`.
"""

import re
from typing import Final

from dialogs.answers_fold import alternatives
from dialogs.answers_numbers import Mention

BLANK: Final = "\x01"  # Stands for a statement of the scale that has been taken out of the text.
IDENTITY: Final = 10_000  # From here on a number is an order's or a telephone's.
_FLAGS: Final = re.VERBOSE
_NUMBER: Final = r"(?:\d+|zero|one|five|seven|ten|[一二三四五六七八九十]+|一百)"
_EDGE: Final = r"(?:\A\W*|[^\w\s']\s*|\n\s*)"  # Where a clause begins.

_FILLERS: Final = "|".join(
    alternatives(r"""
    i'?d|i'?ll|i|i\swould|i\swill|would|will|let'?s|let\sme|to\sme|for\sme|me|we|we'?d|we\swould
  | say|go|going|with|for|rate|rated|give|giving|gave|get|gets|put|make|call
  | it|you|you\sguys|u|y'?all|them|this|that|us|him|her|as|at|my\sexperience|the\sexperience|everything
  | it'?s|that'?s|this\sis|it\sis|that\sis|is|are|was|be|must|has\sto|would\sbe|gotta|get[s]?
  | probably|prob|prolly|maybe|perhaps|around|about|approximately|approx|roughly|like|definitely|absolutely|easily
  | honestly|tbh|well|u+m+|u+h+|e+r+|hm+|oh|ok|okay|so|and|hi|hello|hey|yes|yeah|yep|sure|solid|strong|perfect|full
  | clear|big|fat|huge|easy|an?\sgood|an?\sdecent|an?\sfair|a|an|the|my\s(?:answer|score|rating|vote|number)|answer
  |score|rating|nps
  |csat
  | mark|grade|overall|total|i\sthink|i\sguess|i\ssuppose|think|guess|just|only|of|from\sme|exactly|actually|sorry|wait
  | still|now|number\sis|no|rather|mean|i\smean|correction|oops|generous|an?\slow|an?\shigh|an?\sweak|an?\svery|flat
  |guys|all|but
""")
)
_GREETINGS: Final = r"(?:hi|hello|hey|yes|yeah|yep|sure|ok|okay|well|hmm+|oh|sorry|wait|no|嗯+|您好|你好|好的|好)"
_HAN_FILLERS: Final = r"""
    个人|觉得|满意度|感觉|认为|大概|差不多|大约|可能|估计|选择|答案|评分|分数|打分|总体|整体|总的来说|总的|综合|你们
    |他们
  | 我们|这次|这家|这个|本次|服务|必须|肯定|绝对|一定|当然|那就|好的|好吧|勉强|应该|可以|还是|就是|改成|改为|更正|推荐
  | [我想会要就给打评选是的你您他她它个了上满那嗯哦好吧先只能最多为出送嘛啊呃唔额]
"""
_HAN_VERBS: Final = r"(?:打|给|评分|打分|评|选择?|评分是|总体|整体|得分|改成|改为|应该是|所以|而是|不对|打?错了|哦不)"
_EN_VERBS: Final = r"""
    say|give|giving|gave|rate|rated|rating|score|scored|scoring|deserves?|worth|vote|nps|go\swith|going\swith|so|overall
  | hence|therefore|recommend|but|instead|sorry|wait|actually|i\smean|make\sit|make\sthat|oops|meant|should\sbe
  |changed?(?:\sit)?\sto
"""

LEFT: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (
        "negated",
        re.compile(
            r"(?:\bnot(?:\san?|\sreally\san?)?|\bisn't\san?|\binstead\sof(?:\san?)?|不是|没有|没到|不给|不值"
            r"|而不是)\s*(?:打|给)?\s*\Z"
        ),
    ),
    (
        "compared",
        re.compile(
            r"""(?:\b(?:more|less|higher|lower|better|worse)\sthan|\bover|\bunder|\babove|\bbelow|\bat\s(?:least
            |most)|\bup\sto
            |\balmost|\bnearly|\bnot\squite|\bbetween|\bfrom|\bminus|\bnot\seven|[<>≤≥]|不到|超过|至少|最多|最多给
            |高于|低于|少于|多于|接近|将近
            |除了|扣|(?<![很太好真最较])[加差少低高]|如果是|不止|不足|(?:[\d一二三四五六七八九十]分?|\b(?:two|three
            |four|five|six|seven|eight|nine)\s)\s*(?:到|至|to|or
            |或者?))\s*(?:an?\s)?\s*\Z""",
            _FLAGS,
        ),
    ),
    ("time", re.compile(r"(?:等了?|迟到了?|晚了?|晚到了?|超时了?|迟了?|点|用了|花了|过了)\s*\Z")),
    (
        "excluded",
        re.compile(
            r"""(?:\b(?:at|in|by|on|until|till|after|before|since|table|room|number|order|gate|line|bus|flight|iphone
            |page
            |floor|unit|apt|apartment|house|street|level|version|part|step|chapter|class|grade|size|type|usd|rmb
            |rs\.?|no\.
            |past|next|last|every|ps|xbox|windows|the\stop|top|day|week|season|store|shop|branch)|[$¥€£#@第每]
            |订单号?|单号|电话|尾号)
            \s*:?\s*\Z""",
            _FLAGS,
        ),
    ),
    (
        "clause",
        re.compile(
            rf"{_EDGE}(?P<from>)(?:{_GREETINGS}[\s,!.]+|(?:{_FILLERS})(?:\s+|:\s*|(?=[^\w\s']))"
            rf"|(?:{_HAN_FILLERS})\s*)*+[\"'(:=]*\s*\Z",
            _FLAGS,
        ),
    ),
    (
        "verb",
        re.compile(
            rf"""(?P<from>(?:\b(?:{_EN_VERBS})(?:\s+(?:it|you|this|that|them|him|her|my|is|of|as|was|at|with|about
            |around
            |maybe|only|just|be|to|a|an|the|solid|strong|full|perfect|definite))*[\s:=]+
            |{_HAN_VERBS}[他她它你您们个了上出满是为:给]*\s*))\Z""",
            _FLAGS,
        ),
    ),
)

RIGHT: Final = re.compile(
    r"""(?:\s*(?:(?:-?ish|points?|pts?|marks?|please|pl[sz]|thanks|thank\syou|thanks\sa\slot|thx|ty|cheers|i\sthink
    |i\sguess
    |i\ssuppose|i'?d\ssay|i\swould\ssay|from\sme|from\sus|for\sme|for\syou|to\sme|overall|in\stotal|of\scourse
    |definitely
    |for\ssure|lol|ha(?:ha)+|tho|though|really|or\sso|maybe|probably|honestly|tbh|mate|man|bro|sir|madam|dear|then|today
    |this\stime|is\smy\s(?:answer|score|rating)|out\sof\s10|exactly|solid|all\sround|stars?)(?![a-z'])
    |[吧哦噢喔啦了呢呀啊嘛咯哈哟滴的]|好了|左右|谢谢|谢了|感谢|就行|给你们?|没问题|好评|嘻嘻))*+\s*(?=\Z|[^\w\s']
    |'(?!\w)|\n
    |(?:no|wait|sorry|actually|i\smean|make\s(?:it|that)|oops|not|rather|but|because|although|however|though|不对
    |不是|错了|打错了?|应该是)(?![a-z]))""",
    _FLAGS,
)

SCORE_UNIT: Final = re.compile(
    r"""\s*(?:
        分(?![钟之钱店公司享别手批开配量拣部类期析拨号熟货价为割散居明外子辨心歧裂解工])
      | -?(?:points?|pts?|marks?)\b
      | (?P<star>-?stars?\b | 颗星 | 个星 | 颗小星 | 星(?![期级座辰光巴]) | x?\s?[⭐★🌟]+)
    )(?:\s?(?:吧|哦|噢|啦|了|呢|呀|啊|嘛|好评))?""",
    _FLAGS,
)

OPINION: Final = re.compile(
    r"""(?:\s+(?:because|cause|cos|cuz|coz|bc|as|since|but|although|though|however|except|due|just|with|it|it'?s|i'?m
    |i|i've
    |we|we're|they|they're|you|your|he|she|this|that|the|my|our|his|her|there|not|no|never|very|really|so|too|super
    |great
    |good|excellent|amazing|awesome|perfect|nice|loved?|lovely|fantastic|wonderful|brilliant|best|happy|satisfied|bad
    |poor
    |terrible|awful|horrible|worst|rude|slow|disappoint\w+|unhappy|thanks|thank|thx|keep|could|should|can|didn't
    |don't|won't
    |wasn't|isn't|service|delivery|everything|nothing|always|quick|fast|friendly|ok|okay|fine|decent|cold|highly
    |would\s(?:rec|not|def)\w*)
    (?![a-z'])
    |\s*[太很满超非因但不没还服送骑骚态速东味质挺就有感谢包客外商餐菜物配快慢差好可希真我你他她它这那比其整都价吧原主])""",
    _FLAGS,
)

COUNTED: Final = re.compile(
    r"""\s*-?(?:minutes?|mins?|hours?|hrs?|h|seconds?|secs?|days?|weeks?|months?|years?|yrs?|times?|x|items?|people
    |persons?
    |kids|o'?clock|miles?|km|kgs?|g|lbs?|percent|dollars?|bucks|usd|quid|pounds?|euros?|rmb|yuan|of|more|other|different
    |were|are|is|was|separate|missing|late|out|phone|[a-z]{2,}[^s\W]s)(?![a-z])
    |\s*[%°个次天小分时钟点块元单份件号月年日人位楼层星周公里米盒杯瓶只条张岁倍折遍回家种样斤克度秒刻毛角万千百台部辆间路环级期页行后前几多]""",
    _FLAGS,
)

COMPARED_AFTER: Final = re.compile(
    r"\s*(?:\+(?!\s?\d)|(?:or\s)?(?:more|less|higher|lower|above|below)\b|minus\b|plus\b|%|percent|分?以[上下内]"
    r"|分?多(?:点|$)|\s?if\b|分?不到)"
)
HALF_AFTER: Final = re.compile(r"\s?(?:[颗个]?星|分)?半|\s\.\d|\s?°")
HYPOTHETICAL: Final = re.compile(
    r"""(?:would(?:'ve|\shave)|could(?:'ve|\shave|\sbe)|should\s(?:have|be)|\bif\b|\bwish|\bhope|next\stime
    |last\stime|used\sto
    |usually|normally|原本|本来|如果|要是|假如|原来|上次|以前|希望|下次|争取|想给|平时|难道|凭什么)""",
    _FLAGS,
)
TURN: Final = re.compile(r"[.!?。\n;]|\bbut\b|\bnow\b|\bso\b|但|不过|可是|现在|所以|只能|这次")
CORRECTION: Final = re.compile(
    r"""\b(?:no|nope|wait|sorry|actually|i\smean|make\sit|make\sthat|oops|correction|rather|edit|typo|meant
    |changed?\smy\smind
    |on\ssecond\sthought|scratch\sthat|let'?s\ssay|should\sbe)\b|\*|不对|不是|错了|打错|应该是|改成|改为|等等|更正
    |还是给?|算了|哦不|啊不""",
    _FLAGS,
)

OVER: Final = re.compile(r"\s*分?\s*(?:/|out\s?of|outta)\s*(?:an?\s|the\s)?\s*")
OF: Final = re.compile(r"\s*(?:of|from|over|on|in)\s(?:an?\s)?\s*|\s*分\s*[,:(]?\s*(?:满分|总分)\s*")
NUMBER_BEFORE: Final = re.compile(rf"(?:{_NUMBER}|[a-z]*(?:two|three|four|six|eight|nine))\s*分?\s*\(?\Z")

STATEMENT: Final = re.compile(
    rf"""(?:\b(?:on|from|in)\s)?(?:\b(?:an?|the)\s)?\bscale\s?(?:of|from)?\s?{_NUMBER}\s?(?:-|to|~|/|and)\s?{_NUMBER}
    |\bfrom\s{_NUMBER}\s?(?:to|-)\s?{_NUMBER} | \b0\s?-\s?10\s?(?=:)
    |(?P<best>\b{_NUMBER}\s(?:being|is|=|means)\s(?:the\s)?(?:best|worst|highest|lowest|max\w*|min\w*|top|perfect)\b)
    |(?P<out>\bout\sof\s(?:an?\s)?{_NUMBER}(?![\w.]))
    |(?P<full>满分(?:是|为)?{_NUMBER}分?) | {_NUMBER}分(?:制|满分|为满分|是满分)""",
    _FLAGS,
)
_FULL_MARKS: Final = re.compile(
    r"""(?P<negated>不是|没有|没到|不到|差点|不给|接近|离|差一点|不能给?|不会|如果|本来|not\s|almost\s
    |nearly\s)?\s{0,3}(?:打|给)?[了你们个]{0,4}
    (?:满分|最高分|\bfull\s(?:marks|score|points)\b|\btop\s(?:marks|score)\b|\bperfect\sscore\b
    |\bmax(?:imum)?(?:\sscore|\spoints)?\b
    |\bhighest\s(?:score|mark|possible)\b|\ball\sthe\sstars\b)(?!\d|[一二三四五六七八九十])""",
    _FLAGS,
)


def full_marks(folded: str) -> tuple[int, int] | None:
    """Where the text gives full marks in words, or None."""
    match = _FULL_MARKS.search(folded)
    return None if match is None or match["negated"] else match.span()


def denies_full_marks(folded: str) -> bool:
    """Whether full marks are spoken of, but not given: 不是满分, "almost full marks"."""
    match = _FULL_MARKS.search(folded)
    return match is not None and match["negated"] is not None


_ADVERB: Final = re.compile(r"[十万]分(?=(?!没问题|左右|好评)[^\W吧哦噢喔啦了呢呀啊嘛咯哈])|十分[,!]?感谢")


def is_adverb(folded: str, mention: Mention) -> bool:
    """十分 and 万分, which also mean "very"."""
    return mention.kind == "han" and _ADVERB.match(folded, mention.start) is not None


_NO_NUMBER_ONE: Final = re.compile(r"\b(?:the|that|this|no|which|good|bad|great|only|easy|big|any|every|each)\s\Z")


def not_the_number(folded: str, mention: Mention) -> bool:
    """The "one" of "a good one"."""
    return mention.value == 1 and _NO_NUMBER_ONE.search(folded, 0, mention.start) is not None
