"""Replies from clients that are met less often, and words of people that only look like a client's."""

# ruff: noqa: E501 (a mail's line is as long as its writer made it)

from __future__ import annotations

from tests.channels.email_mails import OURS, QUESTION, QUESTION_ZH, Case, both, html, multipart, part, plain

_FROM = f"Jade Hotel <{OURS}>"
_Q = f"> {QUESTION}\n>\n> Unsubscribe: https://jade.example/u/9\n"
_QZ = f"> {QUESTION_ZH}\n>\n> 退订：https://jade.example/u/9\n"

ATTRIBUTIONS = [
    Case(
        "gmail 中文, the name on a line of its own",
        plain(f"前台态度很差。\n\n翠湖酒店上海外滩店客户关系部 <{OURS}>\n于2026年10月5日周一 10:00写道：\n\n{_QZ}"),
        "前台态度很差。",
    ),
    Case(
        "gmail 中文, name, address and date on a line each",
        plain(
            f"太吵\n\n翠湖酒店上海外滩店客户关系部满意度调查小组\n<{OURS}>\n于2026年10月5日周一 10:00写道：\n\n{_QZ}"
        ),
        "太吵",
    ),
    Case(
        "gmail 中文, broken before its time",
        plain(f"太吵\n\n翠湖酒店上海外滩店客户关系部（满意度） <{OURS}> 于2026年10月5日周一\n10:00写道：\n\n{_QZ}"),
        "太吵",
    ),
    Case(
        "roundcube, below the quote",
        html(
            f'<p id="reply-intro">On 2026-10-05 10:00, Jade wrote:</p><blockquote type="cite">{QUESTION}</blockquote>'
            "<p>Below: 7</p>"
        ),
        "Below: 7",
    ),
    Case(
        "yahoo's app, all in one line",
        plain(
            f"5\n\nSent from Yahoo Mail on Android \n \n  On Mon, Oct 5, 2026 at 10:00 AM, Jade Hotel<{OURS}> wrote:   {QUESTION}\n  "
        ),
        "5",
    ),
    Case("groupwise", plain(f"8 of 10\n\n>>> {_FROM} 10/5/2026 10:00 AM >>>\n{QUESTION}\n"), "8 of 10"),
    Case("lotus notes", plain(f"9\n\n{_FROM} wrote on 10/05/2026 10:00:00 AM:\n\n{_Q}"), "9"),
    Case(
        "lotus notes, headers",
        plain(
            f"9\n\n\n\nFrom:\t{_FROM}\nTo:\tann@example.net\nDate:\t10/05/2026 10:00 AM\nSubject:\tHow was your stay?\n\n\n\n{QUESTION}\n"
        ),
        "9",
    ),
    Case(
        "em client, labels without colons",
        plain(
            f'7\n\n------ Original Message ------\nFrom "Jade" <{OURS}>\nTo "Ann" <ann@example.net>\nDate 10/5/2026 10:00:00 AM\nSubject How was it?\n\n{_Q}'
        ),
        "7",
    ),
    Case(
        "mutt, between the lines",
        plain(
            "On Mon, Oct 05, 2026 at 10:00:00AM +0800, Jade wrote:\n> 0-10?\n\n7\n\n> Anything else?\n\nFix the lift.\n"
        ),
        "7\n\nFix the lift.",
    ),
    Case("gnus", plain(f"{_FROM} writes:\n\n{_Q}\nSix.\n"), "Six."),
    Case("K-9 中文", plain(f"九分\n\n于 2026年10月5日 GMT+08:00 上午10:00:00，{_FROM} 写到：\n{_QZ}"), "九分"),
    Case(
        "superhuman",
        plain(
            f"Nice!\n\nSent via Superhuman ( https://sprh.mn/?vip=a )\n\nOn Mon, Oct 05, 2026 at 10:00 AM, Jade < {OURS} > wrote:\n\n{_Q}"
        ),
        "Nice!",
    ),
    Case("yandex", plain(f'8\n\n05.10.2026, 10:00, "Jade" <{OURS}>:\n{_Q}'), "8"),
    Case(
        "gmail türkçe, the verb alone on the last line",
        plain(f"Güzel\n\n{_FROM}, 5 Eki 2026 Pzt, 10:00 tarihinde şunu\nyazdı:\n\n{_Q}"),
        "Güzel",
    ),
    Case("gmail ไทย", plain(f"ดีมาก\n\nในวันที่ จ. 5 ต.ค. 2026 เวลา 10:00 {_FROM}\nเขียนว่า:\n\n{_Q}"), "ดีมาก"),
    Case(
        "企业微信",
        plain(
            f"收到\n\n  ----------回复的邮件信息----------\n  翠湖<{OURS}> 在 2026年10月5日 周一 10:00 写道：\n\n{QUESTION_ZH}\n"
        ),
        "收到",
    ),
    Case("horde", plain(f"Quoting {_FROM}:\n\n{_Q}\n8\n"), "8"),
    Case(
        "coremail, its marks as entities",
        plain(f'很吵\n\n&gt; -----原始邮件-----\n&gt; 发件人: "翠湖" &lt;{OURS}&gt;\n&gt; \n&gt; {QUESTION_ZH}\n'),
        "很吵",
    ),
    Case(
        "gmail's reaction",
        plain(
            "👍\n\nAnn Lee reacted via Gmail\n<https://www.google.com/gmail/about/?utm_source=gmail-in-product#app>\n\n"
            f"On Mon, Oct 5, 2026 at 10:00 AM {_FROM}\nwrote:\n\n{_Q}"
        ),
        "👍",
    ),
]

HEADERS = [
    Case(
        "old hotmail, the date first",
        plain(
            f"not great\n\nDate: Mon, 5 Oct 2026 10:00:00 +0800\nFrom: {OURS}\nTo: ann@example.net\nSubject: Stay\n\n{QUESTION}\n"
        ),
        "not great",
    ),
    Case(
        "outlook, on behalf of",
        plain(
            f"Thanks!\n\nFrom: crm@jade.example <crm@jade.example> On Behalf Of Jade Hotel\nSent: Monday, October 5, 2026 10:00 AM\n"
            f"To: Ann <ann@example.net>\nCc: Bob <bob@example.net>\nSubject: Stay\nImportance: High\n\n{QUESTION}\n"
        ),
        "Thanks!",
    ),
    Case(
        "outlook mobile deutsch",
        plain(
            f"Laut\n\nOutlook für iOS<https://aka.ms/o0ukef> beziehen\n{'_' * 32}\nVon: {_FROM}\nGesendet: Montag, Oktober 5, 2026 10:00 AM\nAn: Ann\nBetreff: Stay\n\n{QUESTION}\n"
        ),
        "Laut",
    ),
    Case(
        "naver",
        plain(
            f'좋아요\n\n-----Original Message-----\nFrom: "Jade" <{OURS}>\nTo: <ann@example.net>;\nCc:\nSent: 2026-10-05 (월) 10:00:00 (GMT+09:00)\nSubject: Stay\n\n{QUESTION}\n'
        ),
        "좋아요",
    ),
    Case(
        "飞书邮箱",
        plain(
            f'很棒\n\n发自飞书邮箱\n\n发件人: "翠湖酒店"<{OURS}>\n时间: 2026年10月5日(周一) 10:00\n主题: 您的入住体验如何？\n收件人: "张三"<zhang@example.cn>\n{QUESTION_ZH}\n'
        ),
        "很棒",
    ),
    Case(
        "搜狐",
        plain(
            f"还行\n\n\n----- 原文 -----\n发件人：翠湖酒店 <{OURS}>\n收件人：zhang@sohu.com\n日期：2026-10-05 10:00\n主题：体验\n\n{QUESTION_ZH}\n"
        ),
        "还行",
    ),
    Case(
        "189 邮箱",
        plain(
            f'5分\n\n------------------原始邮件------------------\n发件人："翠湖" <{OURS}>\n发送时间：2026-10-05 10:00:00 \n收件人：189@189.cn\n主题：体验\n\n{QUESTION_ZH}\n'
        ),
        "5分",
    ),
    Case(
        "QQ, entities in the plain text",
        plain(
            f'早餐&amp;服务都好&nbsp;&lt;9分&gt;\n\n\n------------------&nbsp;原始邮件&nbsp;------------------\n发件人:&nbsp;"翠湖"&nbsp;<{OURS}&gt;;\n'
            f'发送时间:&nbsp;2026年10月5日(星期一) 上午10:00\n收件人:&nbsp;"张三"<zhang@qq.com&gt;;\n主题:&nbsp;体验\n\n{QUESTION_ZH}\n',
            charset="gb18030",
        ),
        "早餐&服务都好 <9分>",
    ),
    Case(
        "what the charset lacks, as references",
        plain("&#26381;&#21153;&#24456;&#22909;, 9\n", charset="iso-8859-1"),
        "服务很好, 9",
    ),
]

_OUTLOOK = f"From: {_FROM}\nSent: Monday, October 5, 2026 10:00 AM\nTo: Ann Lee\nSubject: Stay\n\n{QUESTION}\n"
_OUTLOOK_ZH = f"发件人: 翠湖 <{OURS}>\n发送时间: 2026年10月5日 10:00\n收件人: 张三\n主题: 体验\n\n{QUESTION_ZH}\n"

OWN_HEADERS = [
    Case("from my side", plain(f"From: my side all good\n\n{_OUTLOOK}"), "From: my side all good"),
    Case("from my side, no line between", plain(f"From: my side all good\n{_OUTLOOK}"), "From: my side all good"),
    Case("from, above a rule", plain(f"From: my side all good\n{'_' * 32}\n{_OUTLOOK}"), "From: my side all good"),
    Case(
        "a date and a room",
        plain(f"Date: 2 June\nRoom: 402\nProblem: no heating\n\n{_OUTLOOK}"),
        "Date: 2 June\nRoom: 402\nProblem: no heating",
    ),
    Case(
        "a letter's head",
        plain(f"To: the manager\nSubject: complaint\n\nThe room was dirty.\n\n{_OUTLOOK}"),
        "To: the manager\nSubject: complaint\n\nThe room was dirty.",
    ),
    Case(
        "时间和地点",
        plain(f"时间：6月2日\n地点：大堂\n问题：没人\n\n{_OUTLOOK_ZH}"),
        "时间：6月2日\n地点：大堂\n问题：没人",
    ),
    Case(
        "a thread of two mails ends at the first",
        plain(f"9\n\n{_OUTLOOK}\nFrom: Ann Lee <ann@example.net>\nSent: Monday\nTo: Jade\nSubject: Stay\n\n3\n"),
        "9",
    ),
    Case(
        "an order's ends, without a date of the mail or an address",
        plain("Date of order: 2 June\nFrom: your Leeds shop\nTo: Hull\nSubject: sofa\n\nNever came. 0\n"),
        "Date of order: 2 June\nFrom: your Leeds shop\nTo: Hull\nSubject: sofa\n\nNever came. 0",
    ),
    Case("an address that was asked for", plain("Please use my other one:\n\nann@example.org\n"), "Please use my other one:\n\nann@example.org"),
    Case("sent from the heart", plain("Sent from my heart!\n"), "Sent from my heart!"),
]  # fmt: skip

OWN_WORDS = [
    Case(
        "a relay broke the quote's lines",
        plain(
            "8\n\n> We would like to know how likely you are to recommend the Jade Hotel to\na friend or a colleague\n> of yours\n"
        ),
        "8",
    ),
    Case(
        "an answer between lines of the quote",
        plain(
            "> We would like to know how likely you are to recommend the Jade Hotel to a friend?\nvery likely\n> Thanks\n"
        ),
        "very likely",
    ),
    Case("a list with colons", plain("意见：\n1. 时间：等了半小时\n2. 主题：儿童房不错\n"), "意见：\n1. 时间：等了半小时\n2. 主题：儿童房不错"),
    Case("a line of underscores", plain(f"Room\n{'_' * 32}\nsmall but clean\n"), f"Room\n{'_' * 32}\nsmall but clean"),
    Case("original and charming", plain("Original\nand charming.\n"), "Original\nand charming."),
    Case("like I wrote", plain("Like I wrote:\n- bad bed\n- bad food\n"), "Like I wrote:\n- bad bed\n- bad food"),
    Case("a rating in signs", plain("My rating is > 5 and < 8 & fair\n"), "My rating is > 5 and < 8 & fair"),
    Case("我在前台写道", plain("我在前台写道：“需要加床”，没人理。\n"), "我在前台写道：“需要加床”，没人理。"),
    Case(
        "a scanner's link",
        plain("Good, 8\n\n\n<https://www.avast.com/sig-email?utm_medium=email>\nVirus-free.www.avast.com\n"),
        "Good, 8",
    ),
    Case(
        "an indent of gmail's",
        html(
            '<div dir="ltr">They said:<blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>come at 3</div>'
            '</blockquote>Not ok. 2</div><div class="gmail_quote">On Mon wrote:<blockquote>0-10</blockquote></div>'
        ),
        "They said:\ncome at 3\nNot ok. 2",
    ),
    Case(
        "a plain text that is no face of the HTML",
        both(
            "This is an HTML message. Please use an HTML capable mail program to read it.\n",
            "<html><body><p>Lovely, 9</p></body></html>",
        ),
        "Lovely, 9",
    ),
    Case(
        "outlook's list",
        html(
            "<p class=MsoNormal>Two things:<o:p></o:p></p><p class=MsoListParagraph><![if !supportLists]><span>1.<span>"
            "&nbsp;</span></span><![endif]>Cold shower</p><p class=MsoListParagraph>2. No towels<o:p></o:p></p>"
        ),
        "Two things:\n1. Cold shower\n2. No towels",
    ),
]  # fmt: skip

_RETURNS = "<p>Your page says:</p><blockquote><p>Free cancellation</p><p>Late check-out</p></blockquote>"
_BEGUN = "<html><body><p>I waited an hour for the key.</p><p>Then the room was dirty. 1</p></body></html>"

OWN_QUOTATIONS = [
    Case(
        "a plain quotation between the writer's words",
        html(f"{_RETURNS}<p>Not true for me. 2</p>"),
        "Your page says:\n\nFree cancellation\n\nLate check-out\n\nNot true for me. 2",
    ),
    Case(
        "a plain quotation that ends the reply",
        html(f"<p>2</p>{_RETURNS}"),
        "2\n\nYour page says:\n\nFree cancellation\n\nLate check-out",
    ),
    Case(
        "a plain quotation above the client's quote",
        html(
            "<div>2, since</div><blockquote>Free cancellation</blockquote><div id='appendonsend'></div>"
            f"<div>{QUESTION}</div>"
        ),
        "2, since\nFree cancellation",
    ),
    Case(
        "a plain quotation, with a plain text that quotes it",
        both("You say\n\n> Free cancellation\n\nNo. 2\n", "<p>You say</p><blockquote>Free cancellation</blockquote><p>No. 2</p>"),
        "You say\n\nFree cancellation\n\nNo. 2",
    ),
    Case(
        "two plain quotations",
        html("<div>First</div><blockquote>a</blockquote><div>no.</div><blockquote dir=ltr>b</blockquote><div>Yes, 4</div>"),
        "First\na\nno.\nb\nYes, 4",
    ),
    Case(
        "the old mail in a plain quotation, below an attribution",
        html(f"<div>9</div><div>On Mon, 5 Oct 2026 at 10:00, {_FROM.replace('<', '&lt;')} wrote:</div><blockquote>0-10?</blockquote><div>Ann</div>"),
        "9\nAnn",
    ),
    Case(
        "the old mail in plain quotations, answered piece by piece",
        html("<p>On 5 Oct 2026 10:00, Jade wrote:</p><blockquote>0-10?</blockquote><p>9</p><blockquote>Why?</blockquote><p>Quiet</p>"),
        "9\n\nQuiet",
    ),
    Case("the old mail in a plain quotation, on top", html("<blockquote>0-10?</blockquote><p>9</p>"), "9"),
    Case("the old mail in a plain quotation, at the end", html("<p>9</p><blockquote>0-10?</blockquote><p>-- <br>Ann</p>"), "9"),
]  # fmt: skip

BEGINNINGS = [
    Case("the plain text breaks off", both("I waited an hour for\n", _BEGUN), "I waited an hour for the key.\n\nThen the room was dirty. 1"),
    Case("the plain text breaks off with dots", both("I waited an hour ...\n", _BEGUN), "I waited an hour for the key.\n\nThen the room was dirty. 1"),
    Case("the plain text is the first paragraph", both("I waited an hour for the key.\n", _BEGUN), "I waited an hour for the key.\n\nThen the room was dirty. 1"),
    Case(
        "a relay's footer below the HTML",
        multipart(part("All fine"), part("<p>All fine</p>", "html"), part("<p>Scanned by Example Gateway</p>", "html")),
        "All fine",
    ),
    Case(
        "Foxmail, a signature that the HTML alone tells",
        both(
            f"7分\n\n\n\n周杰\nzhou@example.cn\n \n发件人： 翠湖\n发送时间： 2026-10-05 10:00\n收件人： zhou\n主题： 体验\n{QUESTION_ZH}\n",
            '<div>7分</div><div><br></div><hr style="width: 210px; height: 1px;" color="#b5c4df" size="1" align="left">'
            "<div>周杰</div><div>zhou@example.cn</div><blockquote style='margin-Top: 0px'><div style='border:none;border-top:"
            f"solid #B5C4DF 1.0pt'><b>发件人：</b>翠湖</div>{QUESTION_ZH}</blockquote>",
        ),
        "7分",
    ),
    Case(
        "words below the signature stay",
        both(
            f"7\nAnn\nPS: call me\n\nOn Mon, 5 Oct 2026 at 10:00, {_FROM} wrote:\n{_Q}",
            '<div>7</div><div class="gmail_signature">Ann</div><div>PS: call me</div><blockquote type="cite">0-10</blockquote>',
        ),
        "7\nAnn\nPS: call me",
    ),
]  # fmt: skip

SIGNATURES = [
    Case(
        "腾讯企业邮, its line above the signature",
        plain(f"7，谢谢\n\n\n{'-' * 18}\n王小明\n销售部\n电话：010-1234\n\n\n{'-' * 18} Original {'-' * 18}\nFrom: \"翠湖\"<{OURS}>;\nTo: wxm\nSubject: 体验\n\n{QUESTION_ZH}\n"),
        "7，谢谢",
    ),
    Case("a line of dashes between words", plain(f"Room\n{'-' * 18}\nsmall but clean\n"), f"Room\n{'-' * 18}\nsmall but clean"),
    Case("a line of dashes above a long text", plain(f"Room\n\n{'-' * 18}\n{'small but clean ' * 5}\n"), f"Room\n\n{'-' * 18}\n{('small but clean ' * 5).strip()}"),
    Case("a card with the writer's own address", plain("很满意\n\n\n小明\nAnn.Lee@example.net\n"), "很满意"),
    Case("a card with another's address", plain("Ask him\n\nBob\nbob@example.net\n"), "Ask him\n\nBob\nbob@example.net"),
    Case("words above the writer's own address", plain("Dirty.\n\nNobody came.\nWrite to\nann.lee@example.net\n"), "Dirty.\n\nNobody came.\nWrite to\nann.lee@example.net"),
    Case("a card that was asked for", plain("My name and address:\n\nAnn\nann.lee@example.net\n"), "My name and address:\n\nAnn\nann.lee@example.net"),
]  # fmt: skip

CASES = [*ATTRIBUTIONS, *HEADERS, *OWN_HEADERS, *OWN_WORDS, *OWN_QUOTATIONS, *BEGINNINGS, *SIGNATURES]
