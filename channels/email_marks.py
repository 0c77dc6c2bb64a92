"""What mail clients write around the old mail and around signatures, as data.

Rule: every mark here was seen in mail that the named client sends; a mark is an id, a class, a name or a border,
compared without case and, for classes, inside longer ones (Yahoo and sanitisers put letters before their own).
"""

from __future__ import annotations

import re
from typing import Final

GMAIL: Final = "gmail_quote"
SIGNATURE: Final = "signature"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_UNSEEN_STYLE: Final = re.compile(
    r"display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt)?\s*(?:;|$)"
)

# Marks after which the whole rest of the document is the old mail: they stand before it, not around it.
_CUT_IDS: Final = _set(
    # Outlook on the web and mobile, old Hotmail, Zimbra, 139, Outlook for Mac, NetEase.
    "divrplyfwdmsg appendonsend mail-editor-reference-message-container stopspelling zwchr replysplit "
    "olk_src_body_section isforwardcontent"
)
_CUT_CLASSES: Final = (
    "outlookmessageheader",
    "ms-outlook-mobile-reference-message",
    "xm_mail_oringinal_describe",
    "xmail_original",
)
# The line that Outlook, Windows Mail and Foxmail draw above "From: …"; Proton writes the sides by their other names.
_CUT_STYLE: Final = re.compile(
    r"border-(?:top|block-start)\s*:\s*(?:solid\s+#?(?:b5c4df|e1e1e1)|#?(?:b5c4df|e1e1e1)\s+1)|"
    r"border-top-color\s*:\s*rgb\((?:181, ?196, ?223|225, ?225, ?225|229, ?229, ?229)\)",
    re.IGNORECASE,
)
_INDENT: Final = re.compile(r"margin|padding:0|border(?:-left)?:(?:none|0)")
_CUT_MARKERS: Final = ("__quoted_text__", "__headers__", "__divider__")
# Marks around the old mail.
# Roundcube's reply-intro stands above its blockquote, below which the writer may go on.
_QUOTE_IDS: Final = (
    "reply-intro",
    "isreplycontent",
    "reply139content",
    "origbody",
    "mailcontent",
    "orimsghtmlseperator",
    "yahoo_quoted",
)
_QUOTE_CLASSES: Final = (
    "yahoo_quoted",
    "protonmail_quote",
    "tutanota_quote",
    "zmail_extra",
    "skiff_quote",
    "ik_mail_quote",
    "ntes-mailmaster-quote",
    "moz-cite-prefix",
    "moz-email-headers-table",
    "gmail_attr",
    "iosymail",
    "history-quote",
    "lark-mail-quote",
    "front-blockquote",
    "aliyun_previous_quote",
    "airmail_on",
)
_QUOTE_NAMES: Final = ("quote", "messagereplysection")
# Outlook, Apple Mail, Samsung, NetEase and Yahoo all have the word in the id; 139 and Roundcube their own. GMX has it
# as a class of its own.
_SIGNATURE_IDS: Final = ("signature", "signcontainer", "_rc_sig")
_SIGNATURE_CLASSES: Final = (
    "gmail_signature",
    "moz-signature",
    "protonmail_signature",
    "ntes-signature",
    "xmail_signature",
    "xm_signature",
    "yahoo-signature",
    "aliyun_signature",
    "editorusersignature",
    "zmail_signature",
    "spark_signature",
    "mail-signature",
    "fmsigclass",
)


def mark(tag: str, values: dict[str, str]) -> str:
    """What a client's mark on an element means: "cut", "quote", "unseen", `SIGNATURE`, `GMAIL`, or nothing."""
    own_id = values.get("id", "").lower().removeprefix("x_")
    classes = values.get("class", "").lower()
    style = values.get("style", "")
    name = values.get("name", "").lower()
    if own_id in _CUT_IDS or _holds(classes, _CUT_CLASSES) or values.get("data-marker", "").lower() in _CUT_MARKERS:
        return "cut"
    if tag in ("div", "table", "td") and style and _CUT_STYLE.search(style):
        return "cut"
    if values.get("title") == "neteasefooter":
        return "unseen"
    if name == "messagesignaturesection" or "fmsigclass" in values:
        return SIGNATURE
    if _holds(own_id, _SIGNATURE_IDS) or _holds(classes, _SIGNATURE_CLASSES) or "signature" in classes.split():
        return SIGNATURE
    if _holds(own_id, _QUOTE_IDS) or _holds(classes, _QUOTE_CLASSES) or name in _QUOTE_NAMES:
        return "quote"
    if GMAIL in classes and tag == "div":
        return GMAIL
    return "unseen" if style and _UNSEEN_STYLE.search(style.lower()) else ""


def _holds(value: str, marks: tuple[str, ...]) -> bool:
    return bool(value) and any(mark in value for mark in marks)


def is_bare(values: dict[str, str]) -> bool:
    """A blockquote as a person or an editor writes it, without anything that a client gives the quote of a mail."""
    return not values.keys() - {"dir", "lang"}


def is_indent(values: dict[str, str]) -> bool:
    """Outlook on the web, Gmail and Apple Mail write a mere indent as a blockquote with margins and no border."""
    style = values.get("style", "").replace(" ", "").lower().strip(";")
    bare = style and not values.keys() & {"type", "cite"} and "quote" not in values.get("class", "").lower()
    return bool(bare) and all(_INDENT.match(part) for part in style.split(";"))
