"""The reply cutter gives what the person wrote and nothing of the old mail, client by client."""

from __future__ import annotations

import pytest

from tests.channels import email_cases_html, email_cases_plain, email_cases_rare, email_cases_torn
from tests.channels import email_lines as lines
from tests.channels.email_mails import Case, only, plain

CASES = [*email_cases_plain.CASES, *email_cases_html.CASES, *email_cases_rare.CASES, *email_cases_torn.CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_reply_alone_is_read(case: Case) -> None:
    event = only(case.raw)
    assert event.kind == case.kind
    assert event.text == case.text


@pytest.mark.parametrize("attribution", lines.ATTRIBUTIONS)
def test_an_attribution_ends_the_reply_or_goes_before_it(attribution: str) -> None:
    quoted = "> 0-10?\n>\n> 退订\n"
    assert only(plain(f"8分，不错\n\n{attribution}\n\n{quoted}")).text == "8分，不错"
    assert only(plain(f"8分，不错\n\n{attribution}\n\n0-10?\n退订\n")).text == "8分，不错"
    assert only(plain(f"{attribution}\n{quoted}\n8分，不错\n")).text == "8分，不错"


@pytest.mark.parametrize("attribution", lines.ATTRIBUTIONS)
def test_an_attribution_may_be_broken_behind_its_beginning(attribution: str) -> None:
    spaces = [at for at, letter in enumerate(attribution) if letter == " "]
    for at in spaces[4:]:
        broken = f"{attribution[:at]}\n{attribution[at + 1 :]}".replace("Jade\nHotel", "Jade Hotel")
        assert only(plain(f"8分，不错\n\n{broken}\n\n0-10?\n退订\n")).text == "8分，不错"
        assert only(plain(f"8分，不错\n\n{broken}\n\n> 0-10?\n")).text == "8分，不错"


@pytest.mark.parametrize("attribution", lines.SHOWN_BY_THE_QUOTE)
def test_an_unknown_attribution_counts_above_a_quote(attribution: str) -> None:
    assert only(plain(f"8\n\n{attribution}\n\n> 0-10?\n")).text == "8"
    assert only(plain(f"8\n\n{attribution}\n\n0-10?\n")).text != "8"


@pytest.mark.parametrize("attribution", lines.UNMARKED)
def test_a_sender_and_a_whole_date_alone_in_a_paragraph_begin_the_old_mail(attribution: str) -> None:
    assert only(plain(f"8\n\n{attribution}\n\n0-10?\n退订\n")).text == "8"
    assert only(plain(f"8\n\n{attribution}\n> 0-10?\n> 退订\n")).text == "8"
    assert only(plain(f"You asked who and when:\n\n{attribution}\n")).text.endswith(attribution)
    assert only(plain(f"{attribution}\n\nwas who served me, 2\n")).text.startswith(attribution)
    assert only(plain(f"8\n\n{attribution} was late\n\n2\n")).text.endswith("2")


@pytest.mark.parametrize("mark", "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
def test_marks_that_nobody_sees_are_left_out(mark: str) -> None:
    assert only(plain(f"{mark}9{mark} ok 👨‍👩‍👧\n")).text == "9 ok 👨‍👩‍👧"
    assert only(plain(f"8\n\n{mark}On Mon, 5 Oct 2026 at 10:00, Jade <a@b.example> wrote:{mark}\n0-10\n")).text == "8"


def test_a_line_that_a_mail_store_escaped_is_the_writers() -> None:
    assert only(plain("9\n>From now on I trust you\nbye\n")).text == "9\nFrom now on I trust you\nbye"
    assert only(plain("9\n\n>How was it?\n>From 0 to 10\n")).text == "9"


@pytest.mark.parametrize("above", ["\n\n", "\n"])
@pytest.mark.parametrize("block", lines.HEADER_BLOCKS)
def test_a_block_of_headers_ends_the_reply(block: str, above: str) -> None:
    assert only(plain(f"8分，不错{above}{block}\n\n0-10?\n退订\n")).text == "8分，不错"


@pytest.mark.parametrize("separator", lines.SEPARATORS)
def test_a_separator_ends_the_reply(separator: str) -> None:
    assert only(plain(f"8分，不错\n\n{separator}\n\n0-10?\n退订\n")).text == "8分，不错"


@pytest.mark.parametrize("signature", lines.SIGNATURES)
@pytest.mark.parametrize("between", ["\n", "\n\n", "\n\n-- \n"])
def test_what_a_program_signs_with_is_left_out(signature: str, between: str) -> None:
    assert only(plain(f"8分{between}{signature}\n")).text == "8分"


@pytest.mark.parametrize("disclaimer", lines.DISCLAIMERS)
def test_a_companys_disclaimer_is_left_out(disclaimer: str) -> None:
    assert only(plain(f"8分\n\n{disclaimer}\nMore of it.\n\n在 2026/10/5 10:00, Jade 写道:\n> 0-10\n")).text == "8分"


@pytest.mark.parametrize(
    "words",
    [
        "Disclaimer: I know the owner. Still a 9 from me.",
        "8\n\nConfidential note: your agent yelled at my wife.",
        "The content of this email was confusing. 3",
        "Virus-free rooms, I hope? 8",
        "请考虑环境，少用塑料包装。7分",
        "法律声明看不懂，希望简化。6",
        "本邮件保密吗？9",
        "Sent from mail to spam folder? I nearly missed it. 6",
        "来自腾讯的朋友推荐",
        "来自联通企业客户的建议：5分",
        "下载附件还要装outlook，太麻烦",
        "Sent from my phone the whole morning trying to reach you",
        "Sent via mail three times, no reply. 2",
        "Warning: outside noise all night. 2",
        "Notice: external door broken, mail me.",
        "提示：外部包装破损\n\n给4分",
        "我在2026年6月2日 10:15给客服写道：\n\n门坏了\n\n没人回。2分",
        "从手机上看不清链接",
        "从邮件点进去打不开",
        "从微信上订的房间",
        "来自微信朋友的推荐",
        "来自华为的同事推荐",
        "由移动公司开票",
        "Von meinem Zimmer aus war es laut.",
        "Get free wifi for Mac users too",
        "Your link fails in Outlook for Android",
        "Sent from my phone while the reception ignored me",
        "Sent from a mobile shop in Rome, the box was broken",
        "使用邮箱发送失败，扣分",
        "来自微信",
        "Gesendet mit DHL, kam beschädigt an.",
        "Gesendet mit DHL",
        "Verzonden via PostNL zonder tracking",
        "Enviado desde Madrid con retraso",
        "Enviado desde el móvil porque la web no funciona",
        "Inviato dal magazzino sbagliato",
        "Отправлено с опозданием",
        "Skickat från fel lager",
        "Sendt fra feil lager",
        "Lähetetty väärään osoitteeseen",
        "Wysłane z Gdańska, doszło rozbite",
        "違う住所から送信されました",
        "Message original perdu",
        "From: Beijing\nTo: Shanghai\nDate: 2026-10-05 10:00",
        "Original-Nachricht war nicht lesbar",
        'On 2 June 2025 the manager wrote:\n"we have no rooms". That is rude.',
        "6月2日我在前台写道：\n需要加床，没人理。",
        "My times:\n2025: good, 2026: bad",
    ],
)
def test_words_of_a_person_that_begin_like_a_programs_stay(words: str) -> None:
    assert only(plain(f"{words}\n")).text == words
