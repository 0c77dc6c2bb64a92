"""Scores on nps, csat, ces and rating, as people write them."""

import pytest

from dialogs.answers import Option, question, read_answer
from tests.answers.tables import mistakes

UNSURE, NONE = "<unsure>", "<none>"
NPS = question("nps")
CSAT = question("csat")

PLAIN: dict[str, object] = {
    **{str(score): score for score in range(11)},
    **dict(zip("零一二三四五六七八九十", range(11), strict=True)),
    **dict(zip(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten"], range(11), strict=True)),
    " 9 ": 9, "9\n": 9, "９": 9, "９分": 9, "９．": 9, "10.": 10, "10。": 10, "8!!": 8, "8！": 8, "8~": 8, "9，": 9,
    "09": 9,
    "9.0": 9, "10.00": 10, '"9"': 9, "'7'": 7, "(8)": 8, "（9）": 9, "**9**": 9, "[6]": 6, "7️⃣": 7, "🔟": 10,
    "1️⃣0️⃣": 10,
    "⑨": 9, "⑩": 10, "❾": NONE, "٩": 9, "𝟗": 9, "捌": 8, "玖分": 9, "拾": 10, "両": NONE, "两分": 2, "兩分": 2,
}  # fmt: skip
SAID: dict[str, object] = {
    "10分": 10, "十分": 10, "十分！": 10, "给十分": 10, "打十分": 10, "十分吧": 10, "9分吧": 9, "八分。": 8,
    "8 分": 8, "零分": 0, "0分": 0,
    "满分": 10, "满分！！": 10, "滿分": 10, "给满分": 10, "必须满分": 10, "full marks": 10, "top marks!": 10,
    "perfect score": 10,
    "10/10": 10, "8/10": 8, "8 / 10": 8, "８／１０": 8, "0/10": 0, "10/10!!!": 10, "8 out of 10": 8,
    "nine out of ten": 9,
    "Ten out of ten.": 10, "8 outta 10": 8, "8 of 10": 8, "8分/10分": 8, "9 out of ten": 9, "a 9/10": 9,
    "I'd give it 8/10": 8,
    "a solid 8": 8, "A strong 7": 7, "perfect 10": 10, "definitely a 10": 10, "I'd say 7": 7, "I’d say a 7": 7,
    "I would say 7": 7,
    "id say 7": 7, "maybe 8": 8, "about 8": 8, "8ish": 8, "eight-ish": 8, "8 or so": 8, "around 7": 7, "prob 6": 6,
    "Probably a 6": 6,
    "7 I think": 7, "7 i guess": 7, "7, I guess": 7, "I guess 7": 7, "I think 7": 7, "I rate it 9": 9,
    "give it a 9": 9,
    "I would give you guys a 9": 9, "I give you a 10": 10, "i'd go with 8": 8, "going with 8": 8, "let's say 8": 8,
    "it's a 9": 9,
    "it's a 9 from me": 9, "my answer is 9": 9, "My score: 9": 9, "score: 9": 9, "nps 9": 9, "NPS: 9": 9,
    "rating 8": 8, "Overall 8": 8,
    "overall, 8": 8, "9 points": 9, "9 pts": 9, "9 please": 9, "9 thanks": 9, "9, thanks": 9, "8 thank you": 8,
    "9 lol": 9, "9 mate": 9,
    "Hi, 9": 9, "hello 9": 9, "Hmm... 6": 6, "um 6": 6, "well, 7": 7, "ok 7": 7, "Yes, 9": 9, "ten!": 10, "TEN": 10,
    "Nine.": 9,
    "eigth": 8, "sevn": 7, "A nine": 9, "an eight": 8, "a one": 1, "give it a one": 1, "zero!!": 0, "0!": 0,
    "a big fat zero": 0,
    "我打9分": 9, "我打九分": 9, "打8": 8, "打8分": 8, "打了八分": 8, "打个8分": 8, "给8分": 8, "给你们八分吧": 8,
    "我给10分": 10, "评8分": 8,
    "评分：9": 9, "评分9": 9, "选9": 9, "我选择9": 9, "答案是9": 9, "我觉得8分": 8, "大概7分": 7, "差不多8分吧": 8,
    "8吧": 8, "8啊": 8, "9哦": 9,
    "8分左右": 8, "总体8分": 8, "必须10分": 10, "10分没问题": 10, "给個9分": 9, "應該8分": 8, "勉强6分": 6,
    "那就7分": 7, "9分谢谢": 9, "嗯，9": 9,
    "嗯 9": 9, "9👍": 9, "👍 9": 9, "👍9": 9, "9 👍👍": 9, "10 ❤️": 10, "8🙂": 8,
    "on a scale of 0 to 10, 8": 8, "On a scale of 1-10 I'd say 7": 7, "8 on a scale of 1 to 10": 8,
    "out of 10 I'd say 8": 8,
    "Out of 10, 8": 8, "from 0 to 10: 8": 8, "满分10分，我打8分": 8, "满分十分给八分": 8, "10分制打8分": 8,
    "十分制，8分": 8, "满分10分": 10,
    "8, 10 being the best": 8, "不对，8分": 8, "only 3": 3, "just a 4": 4, "so 3": 3, "0 分": 0,
}  # fmt: skip
CORRECTED: dict[str, object] = {
    "6, no wait, 8": 8, "6 no wait 8": 8, "8 sorry 9": 9, "8, sorry, 9": 9, "7... actually 8": 8, "7 actually 8": 8,
    "7 i mean 8": 8,
    "6 make that 7": 7, "6. Oops, 7": 7, "6分 打错了 8分": 8, "6 不对 8": 8, "6分，不对，8分": 8, "6分，改成7分": 7,
    "8, not 6": 8, "8 not 6": 8,
    "not 7 but 8": 8, "不是7分，是8分": 8, "9 9": UNSURE, "9, 9": 9, "9! I said 9": 9, "10/10, yes 10": 10,
}  # fmt: skip
UNCLEAR: dict[str, object] = dict.fromkeys(("9-10", "9 - 10", "9~10", "8～9", "9 or 10", "8 or 9?", "7、8分",
"7到8分", "七八分", "八九分", "8/9", "between 7 and 8", "7 to 8", "seven eight", "7.5", "7.5分", "8½", "七点五",
"11", "-1", "-5", "负5分", "100", "100分", "100%", "1000", "11/10", "7/8", "4/5", "5 out of 5", "55", "666",
"more than 8", "less than 5", "at least 8", "8+", "8分以上", "不到5分", "超过8分", "almost 9", "扣5分", "1,0",
    "eight point five", "6 ½", "4℃", "six or seven", "I'm a 7 but could be 9", "food 5, delivery 2",
    "the food 9 and the delivery 2", "It would have been a 9 but the food was cold",
"如果快一点我会给10分", "10 if it had been faster", "5 stars", "⭐⭐⭐⭐⭐", "👍", "👎", "good", "very good", "满意",
"不错", "好", "8 7 6", "九十", "3 and 4", "food was a 3, rider a 9", "不是满分", "0-10", "9 magnificent", "十分满意",
"十分不满意"), UNSURE)  # fmt: skip
NOT_A_SCORE: dict[str, object] = dict.fromkeys(("", "   ", "\n\n", "...", "?", "？？", "my order 12345678 is late",
"12345678", "call me on 07700 900123", "+44 7700 900123", "13812345678", "I waited 10 minutes", "waited 10 min",
"10 minutes late", "it took 2 hours", "3 days", "5 days and still no parcel", "2 items were missing",
"2 pizzas were cold", "I ordered 2 pizzas and 1 arrived", "3 times I called", "iPhone 8", "I was there at 9",
"call me at 5", "room 5", "table 9 was dirty", "No.1", "I'm number 1", "give me 5 minutes",
"one thing: the rider was rude", "that's a good one", "no one came", "one of the riders was rude",
"2nd time this happened", "10:30", "at 5pm", "5pm", "2024-01-02", "12/05/2024", "等了10分钟", "等了十分钟",
"我等了10分", "迟到30分", "十分感谢", "第一次用", "第一", "三次了", "2只虾坏了", "3个菜没送", "5天了还没到",
"八点半到的", "一直没到", "一般般服务员", "万分感谢", "百分百会来", "三分熟的牛排", "五星级酒店的服务",
"一分钱一分货", "订单号 1234", "我的订单123456789还没到", "the rider was rude", "骑手态度太差", "hello", "你好",
"https://a.example/9", "a9@b.example", "order A-10", "2 of the items were missing", "$5", "¥8", "我等了一个小时",
"a couple", "v2"), NONE)  # fmt: skip


@pytest.mark.parametrize(
    "table", [PLAIN, SAID, CORRECTED, UNCLEAR, NOT_A_SCORE], ids=["plain", "said", "corrected", "unclear", "no score"]
)
def test_an_nps_reply_is_read_as_a_person_would(table: dict[str, object]) -> None:
    assert mistakes(NPS, table) == {}


@pytest.mark.parametrize(
    ("reply", "value", "rest"),
    [
        ("6, the rider was rude", 6, "the rider was rude"),
        ("The rider was rude, 3", 3, "The rider was rude"),
        ("the rider was rude so 3", 3, "the rider was rude"),
        ("6 because the rider was rude", 6, "because the rider was rude"),
        ("6. The rider was rude!", 6, "The rider was rude!"),
        ("6 - the rider was rude", 6, "the rider was rude"),
        ("6: rude", 6, "rude"),
        ("6\nRude rider\nCold food", 6, "Rude rider\nCold food"),
        ("7(cold food)", 7, "cold food"),
        ("3太慢了", 3, "太慢了"),
        ("3 太慢了", 3, "太慢了"),
        ("３分，骑手态度差", 3, "骑手态度差"),
        ("骑手态度恶劣，3分", 3, "骑手态度恶劣"),
        ("服务很差3分", 3, "服务很差"),
        ("服务差，3分，不会再来", 3, "服务差，不会再来"),
        ("Hello team, 6, the rider was rude", 6, "Hello team, the rider was rude"),
        ("Late again. 2. Never again.", 2, "Late again. Never again."),
        ("2, 3 days late", 2, "3 days late"),
        ("5分钟就到了，9分", 9, "5分钟就到了"),
        ("本来想给10分的，但是太慢，给6分", 6, "本来想给10分的，但是太慢"),
        ("8/10 would have been faster by foot", 8, "would have been faster by foot"),
        ("8 (would be 10 without the wait)", 8, "would be 10 without the wait"),
        ("7/10分，太慢", 7, "太慢"),
        ("7分（满分10分）", 7, ""),
        ("给个7分，配送花了50分钟", 7, "配送花了50分钟"),
        ("9 great service", 9, "great service"),
        ("10/10 would recommend", 10, "would recommend"),
        ("I would give you guys a 9 out of 10 overall", 9, ""),
        ("7️⃣ cold FOOD", 7, "cold FOOD"),
        ("9, thanks", 9, ""),
        ("谢谢，9分", 9, ""),
        ("6, no wait, 8, the food was good", 8, "the food was good"),
        ("𝟗 Ｇｒｅａｔ", 9, "Ｇｒｅａｔ"),
    ],
)
def test_what_is_written_beside_a_score_is_kept_in_the_customers_words(reply: str, value: int, rest: str) -> None:
    reading = read_answer(NPS, reply)
    assert (reading.value, reading.rest) == (value, rest)


CSAT_TABLE: dict[str, object] = {
    "1": 1, "5": 5, "0": UNSURE, "6": UNSURE, "5/5": 5, "4 out of 5": 4, "9/10": UNSURE, "5 stars": 5,
    "five stars": 5, "5-star": 5, "1 star": 1,
    "⭐": 1, "⭐⭐⭐⭐": 4, "⭐️⭐️⭐️⭐️": 4, "⭐ ⭐ ⭐": 3, "🌟🌟🌟🌟🌟": 5, "★★★☆☆": 3, "★★★★★": 5, "★★★☆": UNSURE,
    "☆☆☆": UNSURE, "⭐⭐⭐⭐⭐⭐": UNSURE, "⭐⭐½": UNSURE,
    "4⭐": 4, "4 ⭐": 4, "⭐ 4": 4, "四颗星": 4, "4颗星": 4, "四星": 4, "五星": 5, "五星好评": 5, "给五星": 5,
    "五颗星！": 5, "一星": 1, "满分": 5, "0分": UNSURE,
    "👍": 5, "👍👍👍": 5, "👍🏽": 5, "👎": 1, "👎🏿": 1, "👍👎": UNSURE, "thumbs up": 5, "thumbs down": 1, "👍 4": 4,
    "😡": 1, "😐": 3, "😍": 5, "🙂": NONE,
    "很满意": 5, "满意": 4, "一般": 3, "不满意": 2, "非常不满意": 1, "非常满意": 5, "十分满意": 5, "十分不满意": 1,
    "特別滿意": 5, "很滿意": 5, "比较满意": 4, "还算满意": 4,
    "挺满意的": 4, "满意的": 4, "满意！": 4, "我很满意": 5, "总体满意": 4, "不太满意": 2, "不是很满意": 2,
    "不怎么满意": 2, "不大满意": 2, "一点都不满意": 1, "完全不满意": 1,
    "很不满意": 1, "太不满意了": 1, "有点不满意": 2, "有点失望": 2, "很失望": 1, "失望": 2, "失望透顶": 1, "好": 4,
    "很好": 5, "非常好": 5, "挺好的": 4, "还不错": 4, "不错": 4,
    "蛮好的": 4, "太好了": 5, "好极了": 5, "完美": 5, "太棒了": 5, "棒": 4, "超级棒": 5, "优秀": 5, "还行": 3,
    "还可以": 3, "一般般": 3, "一般吧": 3, "凑合": 3, "马马虎虎": 3,
    "中等": 3, "不好不坏": 3, "差": 2, "很差": 1, "太差了": 1, "非常差": 1, "差劲": 2, "糟糕": 2, "太糟糕了": 1,
    "差评": 1, "好评": 5, "中评": 3, "垃圾": 1, "不好": 2, "很不好": 1,
    "不太好": 2, "不怎么样": 2, "好差": 1, "真差劲": 1, "满意极了": 5, "对你们的服务非常满意": 5, "服务很好": 5,
    "说实话不太满意": 2, "感觉一般": 3,
    "不满": 2, "满意度一般": 3, "满意度4": 4, "还好": 3, "尚可": 3, "excellent 5": 5, "非常满意 5": 5, "4 满意": 4,
    "good 1": UNSURE, "三星半": UNSURE, "👍 good": 4, "very satisfied": 5, "Very Satisfied!": 5, "satisfied": 4,
    "neutral": 3, "dissatisfied": 2,
    "very dissatisfied": 1, "unsatisfied": 2, "somewhat satisfied": 4,
    "quite satisfied": 4, "extremely satisfied": 5, "not satisfied": 2, "not very satisfied": 2,
    "not at all satisfied": 1, "not satisfied at all": 1, "not really satisfied": 2,
    "good": 4, "very good": 5, "really good": 5, "pretty good": 4, "not good": 2, "not good at all": 1, "not bad": 4,
    "not too bad": 4, "great": 4, "excellent": 5,
    "Excellent!!": 5, "excellent service": 5, "perfect": 5, "amazing": 5, "ok": 3, "Okay.": 3, "so so": 3,
    "so-so": 3, "meh": 3, "average": 3, "fair": 3, "poor": 2,
    "very poor": 1, "bad": 2, "very bad": 1, "terrible": 1, "awful": 1, "horrible": 1, "the worst": 1, "happy": 4,
    "very happy": 5, "unhappy": 2, "not happy": 2,
    "I'm very happy": 5, "I was very satisfied with the service": 5, "I'm not happy with the delivery": 2,
    "it was good": 4, "it was great thanks": 4, "good thanks": 4,
    "neither satisfied nor dissatisfied": 3, "couldn't be better": 5, "goood": 4, "disappointed": 2,
    "very disappointed": 1, "extremely disappointed": 1, "it sucks": 1,
    "not terrible": UNSURE, "not perfect": UNSURE, "good, bad": UNSURE, "good service, bad rider": UNSURE,
    "没有不满意": UNSURE, "不是不满意": UNSURE, "满意吗": UNSURE,
    "希望下次能满意": UNSURE, "I can't say I'm satisfied": UNSURE, "I would be satisfied if it came": UNSURE,
    "好的": UNSURE, "好吧": UNSURE, "3-4": UNSURE,
    "the rider was rude": NONE, "OK, the food was cold": NONE, "hello": NONE, "4分": 4, "4 分，还行": 4,
    "I'd say 4": 4, "四分": 4, "10": UNSURE,
}  # fmt: skip


def test_a_csat_reply_is_read_in_numbers_stars_thumbs_and_words() -> None:
    assert mistakes(CSAT, CSAT_TABLE) == {}


CES_TABLE: dict[str, object] = {
    "7": 7, "8": UNSURE, "7/7": 7, "very easy": 7, "easy": 6, "quite easy": 5, "neutral": 4, "difficult": 2,
    "very difficult": 1, "not easy": 2, "not very easy": 3,
    "strongly agree": 7, "agree": 6, "somewhat agree": 5, "somewhat disagree": 3, "disagree": 2,
    "strongly disagree": 1, "neither agree nor disagree": 4, "effortless": 7,
    "非常同意": 7, "同意": 6, "有点同意": 5, "中立": 4, "一般": 4, "有点不同意": 3, "不同意": 2, "非常不同意": 1,
    "完全不同意": 1, "很容易": 7, "容易": 6, "比较容易": 5, "不太容易": 3,
    "很麻烦": 1, "麻烦": 2, "很方便": 7, "不難": 6, "超级简单": 7, "it was very easy": 7, "super easy": 7,
    "really hard": 1, "👍": UNSURE, "⭐⭐⭐": UNSURE,
}  # fmt: skip


def test_a_ces_reply_is_read_as_agreement_that_it_was_easy() -> None:
    assert mistakes(question("ces"), CES_TABLE) == {}


LABELLED = question(
    "rating",
    minimum=1,
    maximum=3,
    options=(Option("1", ("Cold", "凉的")), Option("2", ("Lukewarm", "温的")), Option("3", ("Piping hot", "滚烫"))),
)


def test_a_labelled_rating_is_read_by_its_labels_and_numbers() -> None:
    table: dict[str, object] = {
        "Cold": 1, "cold!": 1, "凉的": 1, "涼的": 1, "piping hot": 3, "PIPING HOT": 3, "pipping hot": 3,
        "lukewarm": 2, "luke warm": 2, "2": 2, "三": 3, "4": UNSURE,
        "very good": UNSURE,
    }  # fmt: skip
    assert mistakes(LABELLED, table) == {}


def test_a_word_that_opens_an_answer_is_no_answer_by_itself() -> None:
    assert read_answer(CSAT, "OK, the rider never came").value is None


def test_a_satisfied_customer_with_a_complaint_keeps_both() -> None:
    reading = read_answer(CSAT, "很满意，但是骑手太慢")
    assert (reading.value, reading.rest) == (5, "但是骑手太慢")


def test_a_bare_number_is_exact_and_anything_else_was_read() -> None:
    assert [read_answer(NPS, reply).how for reply in ("9", " 9 ", "9分")] == ["exact", "exact", "read"]


def test_a_rating_of_its_own_range_takes_its_own_numbers() -> None:
    stars = question("rating", minimum=1, maximum=10)
    assert (
        mistakes(stars, {"10": 10, "8/10": 8, "8 stars": 8, "5 stars": UNSURE, "满分": 10, "0": UNSURE, "11": UNSURE})
        == {}
    )
