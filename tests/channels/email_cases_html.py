"""Replies whose HTML tells where the old mail begins: by what each client marks, with and without a plain text beside."""

# ruff: noqa: E501 (a mail's line is as long as its writer made it)

from __future__ import annotations

from tests.channels.email_mails import QUESTION, QUESTION_HTML, QUESTION_HTML_ZH, QUESTION_ZH, Case, both, html

_FROM = "Jade Hotel &lt;<a href='mailto:feedback@jade.example'>feedback@jade.example</a>&gt;"
_GMAIL_STYLE = 'style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"'


def _gmail(own: str, attribution: str = f"On Mon, Oct 5, 2026 at 10:00 AM {_FROM} wrote:", after: str = "") -> str:
    return (
        f'<div dir="ltr">{own}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
        f'{attribution}<br></div><blockquote class="gmail_quote" {_GMAIL_STYLE}>{QUESTION_HTML}</blockquote>{after}</div>'
    )


_OUTLOOK_HEADER = (
    f"<b>From:</b> {_FROM} <br><b>Sent:</b> Monday, October 5, 2026 10:00 AM<br><b>To:</b> Ann Lee<br>"
    "<b>Subject:</b> How was your stay?"
)

CASES = [
    Case("gmail", html(_gmail("9, lovely &amp; quiet")), "9, lovely & quiet"),
    Case("gmail with a hint in Finnish", html(_gmail("9", "ma 5. lokak. 2026 klo 10.00 Jade Hotel kirjoitti:")), "9"),
    Case(
        "gmail, below the quote",
        html(_gmail("", after="<div>8</div><div>The pool was closed.</div>")),
        "8\nThe pool was closed.",
    ),
    Case(
        "gmail, between the lines",
        html(
            '<div dir="ltr"><div class="gmail_quote"><div class="gmail_attr">On Mon, Jade wrote:</div><blockquote '
            f'class="gmail_quote" {_GMAIL_STYLE}><div>0-10?</div></blockquote><div>7</div><blockquote class="gmail_quote" '
            f"{_GMAIL_STYLE}><div>What went wrong?</div></blockquote><div>Cold breakfast</div></div></div>"
        ),
        "7\nCold breakfast",
    ),
    Case(
        "gmail forwards",
        html(
            '<div dir="ltr">for you<br><br><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message '
            f"---------<br>From: {_FROM}</div>{QUESTION_HTML}<blockquote>old</blockquote>more of it</div></div>"
        ),
        "for you",
    ),
    Case(
        "gmail signature",
        html(
            _gmail(
                '10<br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" '
                'class="gmail_signature" data-smartmail="gmail_signature">Ann Lee<br>Example Ltd</div>'
            )
        ),
        "10",
    ),
    Case(
        "an emoji drawn as a picture",
        html(_gmail('Great <img alt="👍" src="https://mail.example/1f44d.png">')),
        "Great 👍",
    ),
    Case(
        "outlook on the web",
        html(
            "<html><head><style>P {margin-top:0;margin-bottom:0;}</style></head><body dir='ltr'><div class='elementToProof'>"
            "4</div><div class='elementToProof'>The lift was broken.</div><div id='appendonsend'></div><hr style='display:"
            f"inline-block;width:98%' tabindex='-1'><div id='divRplyFwdMsg' dir='ltr'>{_OUTLOOK_HEADER}</div>{QUESTION_HTML}"
        ),
        "4\nThe lift was broken.",
    ),
    Case(
        "outlook desktop",
        html(
            "<html xmlns:o='urn:x'><head><!--[if gte mso 9]><xml><o:x/></xml><![endif]--><style><!-- p.MsoNormal "
            "{margin:0cm} --></style></head><body lang=EN-US><div class=WordSection1><p class=MsoNormal>6, it was noisy"
            "<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Ann<o:p></o:p></p><div><div "
            "style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>"
            f"{_OUTLOOK_HEADER}<o:p></o:p></p></div></div><p class=MsoNormal>{QUESTION}</p></div></body></html>"
        ),
        "6, it was noisy\n\nAnn",
    ),
    Case(
        "outlook mobile",
        html(
            '<div dir="auto">9</div><div id="ms-outlook-mobile-signature"><div></div>Get <a href="https://aka.ms/o0ukef">'
            f'Outlook for iOS</a></div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg">{_OUTLOOK_HEADER}'
            f"</div>{QUESTION_HTML}"
        ),
        "9",
    ),
    Case(
        "new outlook mobile",
        html(
            '<div dir="ltr">8</div><div id="mail-editor-reference-message-container"><div class="ms-outlook-mobile-'
            f'reference-message skipProofing">{_OUTLOOK_HEADER}</div>{QUESTION_HTML}</div>'
        ),
        "8",
    ),
    Case(
        "apple mail",
        html(
            '<html><body style="overflow-wrap: break-word;">Ten!<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote '
            f'type="cite"><div>On 5 Oct 2026, at 10:00, {_FROM} wrote:</div><br class="Apple-interchange-newline"><div>'
            f"{QUESTION_HTML}</div></blockquote></div><br></body></html>"
        ),
        "Ten!",
    ),
    Case(
        "iphone",
        html(
            '<div dir="ltr">10<br><br><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">On '
            f'5 Oct 2026, at 10:00, {_FROM} wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">'
            f"{QUESTION_HTML}</div></blockquote></div>"
        ),
        "10",
    ),
    Case(
        "thunderbird below",
        html(
            f'<div class="moz-cite-prefix">On 05/10/2026 10:00, Jade Hotel wrote:<br></div><blockquote type="cite" cite='
            f'"mid:x">{QUESTION_HTML}</blockquote><p>5, slow desk</p><pre class="moz-signature" cols="72">-- \nAnn</pre>'
        ),
        "5, slow desk",
    ),
    Case(
        "yahoo",
        html(
            '<div class="ydp1yahoo-style-wrap"><div dir="ltr">3 - too loud</div><div><br></div></div><div id="ydp2yahoo_'
            f'quoted_1" class="ydp2yahoo_quoted"><div>On Monday, Jade wrote:</div>{QUESTION_HTML}</div>'
        ),
        "3 - too loud",
    ),
    Case(
        "proton",
        html(
            '<div>10</div><div class="protonmail_signature_block"><div>Sent with Proton Mail secure email.</div></div><div '
            f'class="protonmail_quote">On Monday, Jade wrote:<br><blockquote class="protonmail_quote" type="cite">'
            f"{QUESTION_HTML}</blockquote></div>"
        ),
        "10",
    ),
    Case(
        "zoho",
        html(
            f'<div>2</div><div class="zmail_extra"><div id="Zm-_Id_-Sgn1">---- On Mon Jade wrote ----</div>{QUESTION_HTML}</div>'
        ),
        "2",
    ),
    Case(
        "spark",
        html(
            '<div name="messageBodySection"><div dir="auto">8</div></div><div name="messageSignatureSection"><br>Ann Lee'
            f'</div><div name="messageReplySection">On 5 Oct 2026, Jade wrote:<br><blockquote type="cite">{QUESTION_HTML}'
            "</blockquote></div>"
        ),
        "8",
    ),
    Case(
        "QQ 邮箱",
        html(
            '<div>10分</div><div><br></div><div style="font-size: 12px;font-family: Arial Narrow;padding:2px 0 2px 0;">'
            '------------------&nbsp;原始邮件&nbsp;------------------</div><div style="font-size: 12px;background:#efefef;'
            'padding:8px;"><div><b>发件人:</b>&nbsp;"翠湖酒店"&lt;feedback@jade.example&gt;;</div><div><b>发送时间:</b>&nbsp;'
            f"2026年10月5日(星期一) 上午10:00</div><div><b>主题:</b>&nbsp;体验</div></div><div><br></div>{QUESTION_HTML_ZH}",
            charset="gb18030",
            said="gb18030",
        ),
        "10分",
    ),
    Case(
        "新版 QQ 邮箱",
        html(
            '<div class="qmbox"><div style="min-height:22px;font-size:14px">没有热水，2分</div><div class="xmail_original">'
            '<div class="xm_mail_oringinal_describe">原始邮件</div><div class="xm_mail_oringinal_describe"><b>发件人：</b>翠湖'
            f"</div>{QUESTION_HTML_ZH}</div></div>"
        ),
        "没有热水，2分",
    ),
    Case(
        "163 网页",
        html(
            '<div style="line-height:1.7;color:#000000;font-size:14px;font-family:Arial"><p style="margin:0;">8分</p><p '
            'style="margin:0;">还不错</p><br><p>At 2026-10-05 10:00:00, "Jade" &lt;feedback@jade.example&gt; wrote:</p>'
            '<blockquote id="isReplyContent" style="PADDING-LEFT: 1ex; MARGIN: 0px 0px 0px 0.8ex; BORDER-LEFT: #ccc 1px '
            f'solid">{QUESTION_HTML_ZH}</blockquote></div><br><br><span title="neteasefooter"><p>&nbsp;</p></span>'
        ),
        "8分\n还不错",
    ),
    Case(
        "网易邮箱大师",
        both(
            f"房间有烟味\n\n\n| |\n张三\n|\n\n---- 回复的原邮件 ----\n| 发件人 | 翠湖 |\n{QUESTION_ZH}\n",
            '<div>房间有烟味</div><div id="imail_signature" class="ntes-signature">张三</div><div class="ntes-mailmaster-quote">'
            f"<div>---- 回复的原邮件 ----</div>{QUESTION_HTML_ZH}</div>",
        ),
        "房间有烟味",
    ),
    Case(
        "a signature by its id alone",
        html("<div>7</div><div id='mail_master_signature'><table><tr><td>张三</td></tr></table></div>"),
        "7",
    ),
    Case(
        "139 邮箱",
        html(
            f'<div>5分</div><div><br><br></div><hr id="replySplit"/><div id="reply139content">{QUESTION_HTML_ZH}</div>'
        ),
        "5分",
    ),
    Case(
        "Foxmail",
        html(
            '<div><span></span>7分</div><div><br></div><hr style="width: 210px; height: 1px;" color="#b5c4df" size="1" '
            'align="left"><div><span>zhang@example.cn</span></div><blockquote style="margin-Top: 0px; margin-Bottom: 0px; '
            'margin-Left: 0.5em"><div>&nbsp;</div><div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm '
            f'0cm 0cm"><div><b>发件人：</b>翠湖酒店</div></div><div>{QUESTION_HTML_ZH}</div></blockquote>'
        ),
        "7分",
    ),
    Case(
        "marks in the HTML only",
        both(
            f"9\n\nJade Hotel a scris luni:\n{QUESTION}\n",
            f"<div>9</div><div class='yahoo_quoted'>{QUESTION_HTML}</div>",
        ),
        "9",
    ),
    Case(
        "a plain text that says nothing",
        both("This message needs an HTML reader.\n", _gmail("9 of 10")),
        "9 of 10",
    ),
    Case(
        "an indented paragraph is the writer's",
        html(
            '<div>I said:</div><blockquote style="margin: 0 0 0 40px"><div>no towels</div></blockquote><div>twice</div>'
        ),
        "I said:\nno towels\ntwice",
    ),
    Case(
        "what nobody sees",
        html(
            '<div style="display:none;max-height:0">preview 10</div><p>Bad.</p><p>Very bad.</p><script>var a="9"</script>'
        ),
        "Bad.\n\nVery bad.",
    ),
    Case(
        "broken markup", html("<div><p>9 < 10 &amp; so<b>on</div></p></span><table><tr><td>fine"), "9 < 10 & soon\nfine"
    ),
    Case("a head that is never closed", html("<html><head><title>x</title><body>8 points"), "8 points"),
]
