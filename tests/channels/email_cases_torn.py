"""Replies whose lines some program broke, joined or drew; and what people write that looks so."""

# ruff: noqa: E501 (a mail's line is as long as its writer made it)

from __future__ import annotations

from tests.channels.email_mails import OURS, QUESTION, QUESTION_ZH, Case, html, plain

_FROM = f"Jade Hotel <{OURS}>"
_Q = f"> {QUESTION}\n>\n> Unsubscribe: https://jade.example/u/9\n"
_UNDERSCORES = "_" * 47

ATTRIBUTIONS = [
    Case("gmail of old, broken after the sign", plain(f"Nice\n\n2026-10-05 10:00 GMT+02:00 Jade Hotel Guest Relations <\n{OURS}>:\n\n{_Q}"), "Nice"),
    Case("gmail русский, broken after the sign", plain(f'Да.\n\n5 окт. 2026 г. 10:00 пользователь "Jade Hotel" <\n{OURS}> написал:\n\n{_Q}'), "Да."),
    Case("gmail until 2013, above its quote", plain(f"Nice\n2026/10/5 {_FROM}\n\n{_Q}"), "Nice"),
    Case("gmail until 2013, above bars", plain(f"Nice\n\n2026/10/5 Jade via Desk <{OURS}>\n\n| {QUESTION}\n|\n| Unsubscribe\n"), "Nice"),
    Case("newton", plain(f"Nice\n\nOn Mon, 5 Oct 2026 at 10:00 Jade Hotel\n\n<\nmailto:Jade Hotel <{OURS}>\n> wrote:\n\n\n{QUESTION}\n"), "Nice"),
    Case("the day, the time and the name on a line each", plain(f"Nice\n\nOn Oct 5, 2026,\nat 10:00,\n{_FROM} wrote:\n{_Q}"), "Nice"),
    Case("gmail suomi, broken in its name", plain(f"Hyvä\n\nma 5. lokak. 2026 klo 10.00 Jade Hotel\n<{OURS}> kirjoitti:\n\n{QUESTION}\n"), "Hyvä"),
    Case("gmail 中文, broken before the date", plain(f"九分\n\n{_FROM} 於\n2026年10月5日 週一 上午10:00寫道：\n\n{QUESTION_ZH}\n"), "九分"),
    Case("gmail 中文, a name and no address", plain(f"九分\n\n翠湖酒店上海外滩店客户关系部\n于2026年10月5日周一 10:00写道：\n\n{QUESTION_ZH}\n"), "九分"),
    Case("web.de's phones, broken before the date", plain(f"Gut\n\n{_FROM} schrieb am Mo.\n5. Okt. 2026 um 10:00:\n\n{QUESTION}\n"), "Gut"),
    Case("web.de's phones, without an address", plain(f"Gut\n\nJade Hotel  schrieb am Mo. 5. Oktober 2026 um 10:00:\n\n{QUESTION}\n"), "Gut"),
    Case("android's first mail program", plain(f"Nice\n\n---- Jade Hotel wrote ----\n\n{QUESTION}\n"), "Nice"),
    Case("an address alone, and the old mail in the same line", plain(f"Nice\n\nOn Mon, Oct 5, 2026 10:00 AM, {OURS} wrote:> {QUESTION}\nUnsubscribe\n"), "Nice"),
    Case("behind the words", plain(f"Quiet and clean.On Mon, Oct 5, 2026 at 10:00 AM {_FROM} wrote:\n{QUESTION}\n"), "Quiet and clean."),
    Case("behind the words, over two lines", plain(f"Quiet and clean. On Mon, Oct 5, 2026 at 10:00 AM Jade Hotel\n<{OURS}> wrote:\n{_Q}"), "Quiet and clean."),
    Case("behind the words, without an address", plain(f"Laut. Am 05.10.26 um 10:00 schrieb Jade Hotel:\n{_Q}"), "Laut."),
    Case("behind the words, in Chinese", plain(f"很安静，9分。在 2026年10月5日 10:00，{_FROM} 写道：\n{QUESTION_ZH}\n"), "很安静，9分。"),
    Case("an address alone below a phone's line", plain(f"Nice\n\nSent from my iPhone\n\n{OURS} wrote:\n\n{QUESTION}\n"), "Nice"),
    Case("an address alone below words", plain(f"Nice\n\n{OURS} wrote:\n\nno rooms\n"), f"Nice\n\n{OURS} wrote:\n\nno rooms"),
    Case("an address alone on top below a phone's line", plain(f"Sent from my iPhone\n\n{OURS} wrote:\nno rooms. 2\n"), f"{OURS} wrote:\nno rooms. 2"),
    Case("gmail of old, the address taken out", plain(f"Nice\n\n2026-10-05 10:00 GMT+02:00 Jade Hotel\n\n{QUESTION}\n"), "Nice"),
    Case("a link of the quote in two lines", plain("Nice\n\n> See (https://jade.example/a?b=1&\nc=2)\n>\n> 0-10?\n"), "Nice"),
    Case("a sentence above stays", plain(f"Was it 2026? Yes!\nOn Mon, Oct 5, 2026 at 10:00 AM {_FROM} wrote:\n{_Q}"), "Was it 2026? Yes!"),
    Case("a word above stays", plain(f"Thanks,\nOn Mon, Oct 5, 2026 at 10:00 AM {_FROM} wrote:\n{_Q}"), "Thanks,"),
    Case("what somebody tells in a line stays", plain(f"On Monday I asked again and {OURS} wrote: we are full.\n2 points\n"), f"On Monday I asked again and {OURS} wrote: we are full.\n2 points"),
    Case("what somebody sent stays", plain("This is the photo I sent:\n- the lift\nOn time it was not\n"), "This is the photo I sent:\n- the lift\nOn time it was not"),
]  # fmt: skip

HEADERS = [
    Case("samsung, all headers in one line", plain(f'Gut\n\n-------- Ursprüngliche Nachricht --------Von: "Jade Hotel" <{OURS}> Datum: 05.10.26  10:00  (GMT+01:00) An: Ann Betreff: Aufenthalt\n\n{QUESTION}\n'), "Gut"),
    Case("samsung 中文, all headers in one line", plain(f"很好\n\n-------- 原始信息 --------发件人： 翠湖 <{OURS}> 日期： 2026/10/5 10:00 (GMT+08:00) 收件人： 张三 主题： 体验\n\n{QUESTION_ZH}\n"), "很好"),
    Case("t-online", plain(f"Gut\n-----Original-Nachricht-----\nVon: Jade Hotel\nBetreff: Aufenthalt\nDatum: 05.10.2026, 10:00 Uhr\nAn: Ann\n\n{QUESTION}\n"), "Gut"),
    Case("all headers in one line, 中文", plain(f"很好\n\n发件人：翠湖 发送时间：2026-10-05 10:00 收件人：张三 主题：体验\n\n{QUESTION_ZH}\n"), "很好"),
    Case("all headers in one line", plain(f"Good\n\nFrom: Jade <{OURS}> Sent: Monday, October 5, 2026 10:00 AM To: Ann Subject: Stay\n{QUESTION}\n"), "Good"),
    Case("a way in one line", plain("From: Paris To: Lyon Date: 5 May\nlate by an hour\n"), "From: Paris To: Lyon Date: 5 May\nlate by an hour"),
    Case("david", plain(f"Gut\n\nOriginal Message processed by david®\nAufenthalt 5. Oktober 2026, 10:00 Uhr\nVon Jade Hotel\nAn Ann\n\n{QUESTION}\n"), "Gut"),
    Case(
        "windows mail, its line alone",
        html(
            '<div>Quiet</div><div style="padding-top: 5px; border-top-color: rgb(229, 229, 229); border-top-width: 1px; border-top-style: solid;">'
            f"<b>Von:</b> Jade<br><b>Gesendet:</b> Montag<br></div><div>{QUESTION}</div>"
        ),
        "Quiet",
    ),
    Case(
        "outlook, its line as proton writes it",
        html(f'<p>Quiet</p><div style="border:none;border-block-start:solid #E1E1E1 1.0pt"><b>Von:</b> Jade</div><div>{QUESTION}</div>'),
        "Quiet",
    ),
]  # fmt: skip

CARDS = [
    Case("a card below a drawn line", plain(f"Quiet.\n\nKind regards,\nAnn\n\n{_UNDERSCORES}\nAnn Lee\nTel. +49 30 1234567\nann@firma.example\n"), "Quiet.\n\nKind regards,\nAnn"),
    Case("a card below a drawn line, 中文", plain("很安静\n\n—————\n张三\n📧 zhang@gongsi.example\n📱 +86 138 0013 8000\n"), "很安静"),
    Case("a list's footer below the quote", plain(f"Quiet\n\nOn Mon, Oct 5, 2026 at 10:00 AM {_FROM} wrote:\n{_Q}{_UNDERSCORES}\nguests mailing list\nguests@lists.example\nhttps://lists.example/guests\n"), "Quiet"),
    Case("a phone's line with its link below", plain("很安静\n\n获取 Outlook for iOS \n<https://nam11.safelinks.protection.outlook.com/?url=https%3A%2F%2Faka.ms%2Fo0ukef&data=04%7C01>\n"), "很安静"),
    Case("a phone's line with dashes above", plain("とても静かでした\n\n---\nドコモのスマホから送信\n"), "とても静かでした"),
    Case("dashes of the writer's", plain("Quiet\n---\nClean\n\nSent from my iPhone\n"), "Quiet\n---\nClean"),
    Case("gmx, a signature by its class", html('<div>Quiet</div><div class="signature">Ann</div><div name="quote">0-10?</div>'), "Quiet"),
    Case("a link of the writer's", plain("See\n<https://jade.example/a>\n"), "See\n<https://jade.example/a>"),
    Case("a drawn line with nothing below", plain("Quiet\n\n----------\n"), "Quiet"),
    Case("a bank's disclaimer", plain("Quiet\n\n----------\nThis message w/attachments (message) is intended solely for the use of the recipient.\n"), "Quiet"),
    Case("stars", plain("Quiet\n\n*****\n"), "Quiet\n\n*****"),
    Case("a drawn line and an order's number", plain("订单\n------\n20261005123456\n杯子碎了\n"), "订单\n------\n20261005123456\n杯子碎了"),
    Case("a drawn line and a day", plain("Stay\n-----\n2026-10-05\nroom 12\n"), "Stay\n-----\n2026-10-05\nroom 12"),
    Case("a drawn line and pages", plain("See\n=====\nhttps://a.example/1\nhttps://a.example/2\nwrong colour\n"), "See\n=====\nhttps://a.example/1\nhttps://a.example/2\nwrong colour"),
    Case("a drawn line and where to reach whom", plain("Write to both:\n-----\nBob\nbob@a.example\neve@a.example\n"), "Write to both:\n-----\nBob\nbob@a.example\neve@a.example"),
    Case("sentences below a drawn line", plain("One\n-----\nI wrote to\nbob@a.example\neve@a.example\nand nobody came.\n"), "One\n-----\nI wrote to\nbob@a.example\neve@a.example\nand nobody came."),
    Case("only drawn lines", plain("------\n======\n"), "------\n======"),
]  # fmt: skip

_OURS = f"{QUESTION}\n\n0  1  2  3  4  5  6  7  8  9  10\n\nTo answer, simply reply to this email.\n\n"
_END = "You received this email because you are a customer of Jade Hotel."

AT_THE_END = [
    Case("outlook, below the old mail", plain(f"From: {_FROM}\nSent: Monday, October 5, 2026 10:00 AM\nTo: Ann\nSubject: Stay\n\n{_OURS}{_END} Unsubscribe<https://jade.example/u/9>\n\n9, very quiet\nAnn\n"), "9, very quiet\nAnn"),
    Case("no signs of a quote, below the old mail", plain(f"On Mon, Oct 5, 2026 at 10:00 AM {_FROM} wrote:\n{_OURS}-- \n{_END}\nUnsubscribe: https://jade.example/u/9\n\n9\n\nSent from my iPhone\n"), "9"),
    Case("no signs of a quote, below the old mail, 中文", plain(f"------------------ 原始邮件 ------------------\n发件人: {_FROM}\n主题: 体验\n\n{QUESTION_ZH}\n\n-- \n您是翠湖酒店的顾客，因此收到这封邮件。\n退订：https://jade.example/u/9\n\n九分，很安静\n"), "九分，很安静"),
    Case("nothing below the old mail", plain(f"From: {_FROM}\nSent: Monday\nTo: Ann\nSubject: Stay\n\n{_OURS}{_END} Unsubscribe<https://jade.example/u/9>\n\n"), ""),
    Case("nothing but another's mail", plain(f"From: {_FROM}\nSent: Monday\nTo: Ann\nSubject: Stay\n\nDear Ann,\nwe are sorry.\n"), ""),
    Case("words above go before a card below", plain(f"9\n\nFrom: {_FROM}\nSent: Monday\nTo: Ann\nSubject: Stay\n\n{_OURS}{_END}\nUnsubscribe: https://jade.example/u/9\n\nScanned by Example Gateway\n"), "9"),
]  # fmt: skip

SIGNS = [
    Case("more than", plain(">250k miles on your airline. Bad seats.\n"), ">250k miles on your airline. Bad seats."),
    Case("more than, and more words", plain(">三星级的大堂\n零星级的房间\n"), ">三星级的大堂\n零星级的房间"),
    Case("a quote of a line by hand", plain("> How was it?\n9\n"), "9"),
    Case("quotes without a space", plain(">How was it?\n>0-10\n9\n"), "9"),
    Case("a name with a sign in it", plain("包装不好\n\n还不如一先生@调味瓶\n"), "包装不好\n\n还不如一先生@调味瓶"),
]  # fmt: skip

CASES = [*ATTRIBUTIONS, *HEADERS, *CARDS, *AT_THE_END, *SIGNS]
