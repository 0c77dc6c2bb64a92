"""How a mail of ours looks: its HTML and its words, in English and Chinese.

Rule: everything must be readable with pictures off, styles off and in plain text. The page is cut into pieces once,
when this is imported; a mail is those pieces with its own words between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences around a question. `{url}` and `{sender}` are filled in."""

    press: str
    reply: str
    page: str
    page_text: str
    unsubscribe: str
    unsubscribe_text: str
    why: str


WORDS: Final = {
    "en": Words(
        press="Pick an answer above, or simply reply to this email.",
        reply="To answer, simply reply to this email.",
        page="Answer on the web",
        page_text="Answer on the web: {url}",
        unsubscribe="Unsubscribe",
        unsubscribe_text="Unsubscribe: {url}",
        why="You received this email because you are a customer of {sender}.",
    ),
    "zh": Words(
        press="点选上面的一个答案，或直接回复本邮件。",
        reply="直接回复本邮件即可作答。",
        page="在网页上作答",
        page_text="在网页上作答：{url}",
        unsubscribe="退订",
        unsubscribe_text="退订：{url}",
        why="您是{sender}的顾客，因此收到这封邮件。",
    ),
}


def words(language: str) -> Words:
    """The sentences of a language; English for those that are not here."""
    return WORDS.get(language.partition("-")[0].lower(), WORDS["en"])


_FONT: Final = (
    "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,"
    "'PingFang SC','Hiragino Sans GB','Microsoft YaHei','Noto Sans CJK SC',sans-serif"
)
HEAD: Final = (
    '<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
    "<style>@media (prefers-color-scheme:dark){.bg{background:#15181c!important}.card{background:#1e2227!important;"
    "border-color:#30363d!important}.ink{color:#e8eaed!important}.soft{color:#9aa3ad!important}"
    ".link{color:#8ab8f5!important}.key{background:#262b31!important;border-color:#3b434c!important}"
    ".key a{color:#e8eaed!important}}"
    "@media (max-width:480px){.in{padding:24px 20px!important}}</style></head>"
    '<body class="bg" style="margin:0;padding:0;background:#f4f5f7">'
    '<table role="presentation" class="bg" width="100%" cellpadding="0" cellspacing="0" border="0" '
    'style="background:#f4f5f7"><tr><td align="center" style="padding:32px 12px">'
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px">'
    '<tr><td class="card in" style="background:#ffffff;border:1px solid #e3e6ea;border-radius:12px;padding:32px 36px;'
    f'font-family:{_FONT}">'
    '<div class="soft" style="font-size:13px;line-height:20px;letter-spacing:.02em;color:#6b7480;'
    'padding-bottom:18px">'
)
TEXT: Final = '</div><div class="ink" style="font-size:17px;line-height:27px;color:#1c2127">'
PARAGRAPH: Final = '<p style="margin:0 0 14px">{0}</p>'
LINK: Final = '<a class="link" href="{0}" style="color:#1f5fae">{0}</a>'
ROW: Final = '</div><div style="padding:10px 0 2px;font-size:0">'
KEY: Final = (
    '<span class="key" style="display:inline-block;margin:0 5px 8px 0;background:#f8f9fa;border:1px solid #cdd3da;'
    'border-radius:8px"><a href="{0}" style="display:inline-block;min-width:18px;padding:9px 9px;font-size:16px;'
    'line-height:22px;text-align:center;color:#1c2127;text-decoration:none">{1}</a></span> '
)
LIST: Final = (
    '</div><div style="padding:8px 0 0">'
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">'
)
CHOICE: Final = (
    '<tr><td class="key" style="background:#f8f9fa;border:1px solid #cdd3da;border-radius:8px">'
    '<a href="{0}" style="display:block;padding:12px 16px;font-size:16px;line-height:22px;color:#1c2127;'
    'text-decoration:none">{1}</a></td></tr><tr><td height="8" style="font-size:0;line-height:8px">&nbsp;</td></tr>'
)
LIST_END: Final = "</table>"
PLAIN_LIST: Final = '</div><div class="ink" style="font-size:16px;line-height:28px;color:#1c2127;padding-top:2px">'
PLAIN_CHOICE: Final = "<div>{0}</div>"
PAGE: Final = (
    '</div><div style="padding:10px 0 2px"><span class="key" style="display:inline-block;background:#f8f9fa;'
    'border:1px solid #cdd3da;border-radius:8px"><a href="{0}" style="display:inline-block;padding:11px 18px;'
    'font-size:16px;line-height:22px;color:#1c2127;text-decoration:none">{1}</a></span>'
)
HINT: Final = '</div><div class="soft" style="font-size:14px;line-height:22px;color:#6b7480;padding-top:12px">'
FOOT: Final = (
    '</div></td></tr><tr><td class="soft" style="padding:18px 8px 0;text-align:center;'
    f'font-family:{_FONT};font-size:12px;line-height:19px;color:#6b7480">'
)
UNSUBSCRIBE: Final = ' <a class="soft" href="{0}" style="color:#6b7480;text-decoration:underline">{1}</a>'
END: Final = "</td></tr></table></td></tr></table></body></html>"
