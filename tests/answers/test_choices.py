"""Yes and no, one of several, several of several, and plain numbers."""

import pytest

from dialogs.answers import Option, Question, question, read_answer
from tests.answers.tables import mistakes

UNSURE, NONE, SKIPPED, DECLINED = "<unsure>", "<none>", "<skipped>", "<declined>"
YES_NO = question("yes_no")
TOPIC = question(
    "choice",
    options=(
        Option("delivery", ("Delivery speed", "配送速度")),
        Option("food", ("Food quality", "菜品质量")),
        Option("rider", ("The rider", "骑手态度")),
        Option("other", ("Something else", "其他")),
    ),
)
TOPICS = question("multi_choice", options=TOPIC.options)

YES_NO_TABLE: dict[str, object] = {
    **dict.fromkeys(
        ["yes", "YES", "Yes!", "yes.", "y", "Y", "yep", "yeah", "yup", "yea", "ok", "okay", "sure", "definitely",
        "absolutely", "correct", "true", "1", "yesss", "yeahhh", "aye", "是", "是的", "对", "對", "对的", "好",
        "好的", "嗯", "嗯嗯", "可以", "行", "有", "有的", "会", "會", "要", "能", "当然", "當然", "肯定", "没错",
        "沒錯", "同意", "愿意", "是啊", "对啊", "好啊", "✅", "👍", "👍🏼", "✔️", "☑️", "👌", "Ｙ", "ＹＥＳ", "收到了",
        "已解决", "收到"],
        True,
    ),
    **dict.fromkeys(
        ["no", "NO", "No.", "n", "N", "nope", "nah", "never", "0", "2", "nooo", "noooo", "不", "不是", "不是的",
        "没有", "沒有", "没", "不用", "不用了", "不可以", "不行", "不会", "不能", "不要", "不好", "还没", "還沒",
        "没收到", "还没收到", "没解决", "没送到", "不太好", "不满意", "不对", "❌", "👎", "✖️", "🙅", "未收到", "否"],
        False,
    ),
    "of course": True, "yes please": True, "Yes, of course!": True, "sure thing": True, "why not": True,
    "I did": True, "it was": True, "uh huh": True, "Yes 👍": True,
    "yes, but it was late": True, "yes it was late": True, "Yes I received it yesterday": True,
    "是的，但是很慢": True, "对，收到了": True, "是的很好": True, "嗯 可以": True,
    "not really": False, "no thanks": False, "No, thank you": False, "not at all": False, "of course not": False,
    "definitely not": False, "no way": False,
    "I didn't": False, "I don’t think so": False, "not yet": False, "no it was late": False,
    "no, never arrived": False, "没有，一直没到": False, "不 太慢了": False,
    "不用了谢谢": False, "不用，谢谢": False, "hmm, no": False, "Sorry, no": False, "Hi, yes": True,
    "👍 thanks": True, "yes sir": True,
    **dict.fromkeys(
        ["maybe", "not sure", "yes and no", "idk", "也许", "不确定", "不知道", "不清楚", "不一定", "没问题",
        "no problem", "不错", "还行", "看情况", "可能吧", "yes, no", "👍👎", "yes 👎", "it depends",
         "是也不是", "有点", "随便"],
        UNSURE,
    ),
    **dict.fromkeys(["hello", "the rider was rude", "10 minutes", "什么意思", "?", "你是谁"], NONE),
    "absolutely no": False, "definitely yes": True, "yeah nah": NONE, "yes no": NONE, "ok thanks": True,
    "不需要，谢谢": False, "係": True,
    "暂无": False, "嗯呢": True, "不想说": DECLINED,
    "skip": DECLINED, "跳过": DECLINED, "leave me alone": DECLINED, "别问了": DECLINED,
}  # fmt: skip

CHOICE_TABLE: dict[str, object] = {
    "1": "delivery", "2": "food", "２": "food", "2.": "food", "2)": "food", "(2)": "food", "#2": "food",
    "No. 2": "food", "no 2": "food", "number two": "food", "option 2": "food", "2️⃣": "food",
    "②": "food", "二": "food", "第二个": "food", "第2个": "food", "選第二個": "food", "选2": "food",
    "选项二": "food", "2号": "food", "第二": "food", "the second one": "food", "second": "food", "2nd": "food",
    "the second": "food", "I choose 2": "food", "my answer is 2": "food", "I'd say 2": "food", "B": "food",
    "b": "food", "b)": "food", "B.": "food", "option b": "food", "选B": "food", "Ｂ": "food", "last one": "other",
    "the last": "other", "最后一个": "other", "最後一個": "other", "the first one": "delivery", "third": "rider",
    "5": UNSURE, "0": UNSURE, "第五个": UNSURE, "99": UNSURE, "e": NONE,
    "Food quality": "food", "food quality": "food", "FOOD QUALITY!": "food", "“Food quality”": "food",
    "food  quality": "food", "菜品质量": "food", "菜品質量": "food", "food": "food", "Food": "food",
    "food qualty": "food", "fod quality": "food", "foood quality": "food", "Delivery speed": "delivery",
    "delivery": "delivery", "speed": "delivery", "delivry speed": "delivery", "delivery sped": "delivery",
    "配送": "delivery", "速度": "delivery", "配送速渡": "delivery", "rider": "rider", "the rider": "rider",
    "骑手": "rider", "騎手": "rider", "其他": "other", "something else": "other", "somthing else": "other",
    "else": "other",
    "the food": "food", "delivery please": "delivery", "mostly the food": "food", "I think the rider": "rider",
    "我觉得是骑手": "rider", "2, it was cold": "food", "2 it was cold": NONE,
    "the rider was rude": "rider", "骑手态度不好": UNSURE, "food quality and delivery speed": UNSURE,
    "1 or 2": UNSURE, "not the rider": UNSURE, "hello": NONE, "": NONE, "skip": DECLINED,
    "delivery was slow": "delivery", "配送太慢了": "delivery", "not food": UNSURE, "rdier": "rider",
    "2. Food quality": "food",
    "菜品质量2": "food", "the food was cold": "food", "the food came late with the rider": UNSURE, "除了骑手": UNSURE,
    "other": "other", "1 and 3": UNSURE, "1,3": UNSURE,
}  # fmt: skip

MULTI_TABLE: dict[str, object] = {
    "1": ("delivery",), "1,3": ("delivery", "rider"), "1, 3": ("delivery", "rider"), "1 3": ("delivery", "rider"),
    "3 1": ("delivery", "rider"), "13": ("delivery", "rider"), "1、3": ("delivery", "rider"),
    "1，3": ("delivery", "rider"), "1和3": ("delivery", "rider"), "1和3。": ("delivery", "rider"),
    "1 and 3": ("delivery", "rider"), "1 & 3": ("delivery", "rider"), "1+3": ("delivery", "rider"),
    "1/3": ("delivery", "rider"),
    "1 3 4": ("delivery", "rider", "other"), "134": ("delivery", "rider", "other"), "一和三": ("delivery", "rider"),
    "一、三": ("delivery", "rider"), "一三": ("delivery", "rider"), "第一和第三": ("delivery", "rider"),
    "the first and the third": ("delivery", "rider"), "first and third": ("delivery", "rider"),
    "A and C": ("delivery", "rider"), "a, c": ("delivery", "rider"), "AC": ("delivery", "rider"),
    "1️⃣ 3️⃣": ("delivery",
    "rider"),
    "１，３": ("delivery", "rider"), "1 to 3": ("delivery", "food", "rider"), "1到3": ("delivery", "food", "rider"),
    "1-3": UNSURE, "11": UNSURE, "15": UNSURE, "1,5": UNSURE, "1,9": UNSURE,
    "all": ("delivery", "food", "rider", "other"), "all of them": ("delivery", "food", "rider", "other"),
    "All of the above": ("delivery", "food", "rider", "other"), "都": ("delivery", "food", "rider", "other"),
    "全部": ("delivery", "food", "rider", "other"), "都选": ("delivery", "food", "rider", "other"),
    "以上都是": ("delivery", "food", "rider", "other"), "everything": ("delivery", "food", "rider", "other"),
    "all except 4": ("delivery", "food", "rider"), "all but the last": ("delivery", "food", "rider"),
    "除了4其他都是": ("delivery", "food", "rider"), "none": (), "none of them": (), "None of the above.": (),
    "都没有": (),
    "都不是": (), "以上都不是": (), "没有": (), "food": ("food",), "Food quality": ("food",),
    "food and rider": ("food", "rider"), "food, the rider": ("food", "rider"), "配送速度和骑手态度": ("delivery",
    "rider"),
    "骑手，菜品": ("food", "rider"), "fod quality and delivry speed": ("delivery", "food"),
    "food & delivery": ("delivery", "food"), "the rider was rude": ("rider",), "hello": NONE,
}  # fmt: skip

NUMBER_TABLE: dict[str, object] = {
    "9": 9, "0": 0, "-3": -3, "1,200": 1200, "1,234,567": 1234567, "1200.50": 1200.5, "3.5": 3.5, ".5": 0.5,
    "两千": 2000, "兩千": 2000, "3万": 30000, "3萬": 30000, "3.5万": 35000, "一百二十": 120, "一百二": 120,
    "一千零五": 1005, "十二": 12, "二十": 20, "三万五": 35000, "3万5": 35000, "一亿": 100000000, "一百零二": 102,
    "九点五": 9.5, "２０": 20, "２０個": 20, "20 people": 20, "20人": 20, "10 minutes": 10, "10分钟": 10, "2k": 2000,
    "2 thousand": 2000, "two thousand three hundred": 2300, "twenty-five": 25, "a hundred and five": 105,
    "a dozen": 12, "about 20": 20, "大概20个": 20, "we had 3 kids": 3, "我们一共5个人": 5, "$5": 5, "¥1,200": 1200,
    "50%": 50,
    "5-7": UNSURE, "5 or 6": UNSURE, "十几个": UNSURE, "七八个": UNSURE, "二三十": UNSURE, "more than 20": UNSURE,
    "至少20": UNSURE, "half a dozen": UNSURE, "2024-01-02": UNSURE, "20多个": UNSURE, "1, 200": UNSURE,
    "几十": UNSURE,
    "hello": NONE, "many": NONE, "没有": NONE, "none": NONE, "负5": -5, "1e5": UNSURE, "9" * 30: UNSURE,
}  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "table"),
    [(YES_NO, YES_NO_TABLE), (TOPIC, CHOICE_TABLE), (TOPICS, MULTI_TABLE), (question("number"), NUMBER_TABLE)],
    ids=["yes_no", "choice", "multi_choice", "number"],
)
def test_a_reply_is_read_as_a_person_would(asked: Question, table: dict[str, object]) -> None:
    assert mistakes(asked, table) == {}


@pytest.mark.parametrize(
    ("asked", "reply", "value", "rest"),
    [
        (YES_NO, "Yes, but it was late", True, "but it was late"),
        (YES_NO, "no it was late", False, "it was late"),
        (YES_NO, "没有，一直没到", False, "一直没到"),
        (YES_NO, "yes please", True, ""),
        (TOPIC, "2, it was cold", "food", "it was cold"),
        (TOPIC, "the rider was rude", "rider", "the rider was rude"),
        (TOPICS, "1 and 3, it took an hour", ("delivery", "rider"), "it took an hour"),
        (TOPICS, "1,3", ("delivery", "rider"), ""),
        (question("number"), "20 people, all happy", 20, "all happy"),
    ],
)
def test_what_is_written_beside_a_choice_is_kept(asked: Question, reply: str, value: object, rest: str) -> None:
    reading = read_answer(asked, reply)
    assert (reading.value, reading.rest) == (value, rest)


def test_an_options_own_words_win_over_its_place_on_the_list() -> None:
    sizes = question("choice", options=(Option("many", ("2", "B")), Option("few", ("1", "A"))))
    assert mistakes(sizes, {"2": "many", "1": "few", "A": "few", "b": "many"}) == {}


def test_a_number_inside_another_label_is_not_taken_for_a_place() -> None:
    times = question(
        "choice", options=(Option("a", ("1-2 times",)), Option("b", ("3-5 times",)), Option("c", ("more often",)))
    )
    assert mistakes(times, {"3": UNSURE, "2": UNSURE, "1": "a", "3-5 times": "b", "1-2": NONE, "1-3 times": NONE}) == {}


def test_a_slip_never_crosses_into_the_opposite_or_a_near_option() -> None:
    apart = question(
        "choice", options=(Option("s", ("Satisfied", "非常满意")), Option("x", ("Other reasons", "其他原因")))
    )
    near = question("choice", options=(Option("m", ("Marina",)), Option("n", ("Martina",))))
    assert (
        mistakes(
            apart,
            {"satisfed": "s", "unsatisfied": NONE, "dissatisfied": NONE, "非常不满意": UNSURE, "not satisfied": UNSURE},
        )
        == {}
    )
    assert mistakes(near, {"marina": "m", "martina": "n", "martna": UNSURE}) == {}


def test_two_options_with_one_label_are_never_guessed_between() -> None:
    twins = question("choice", options=(Option("a", ("Same", "甲")), Option("b", ("Same", "乙"))))
    assert mistakes(twins, {"Same": UNSURE, "same": UNSURE, "甲": "a", "2": "b"}) == {}


def test_more_than_nine_options_are_chosen_by_whole_numbers() -> None:
    words = ("ant", "bear", "crow", "deer", "eagle", "fox", "goat", "hare", "ibex", "jay", "koala", "lynx")
    dozen = question("multi_choice", options=tuple(Option(f"v{at}", (word,)) for at, word in enumerate(words)))
    assert mistakes(dozen, {"11": ("v10",), "1 2": ("v0", "v1"), "13": UNSURE, "12": ("v11",)}) == {}


def test_none_is_zero_only_where_the_count_begins_at_zero() -> None:
    counted = question("number", minimum=0, maximum=20, whole=True)
    assert mistakes(counted, {"none": 0, "没有": 0, "3": 3, "21": UNSURE, "2.5": UNSURE, "-1": UNSURE}) == {}
