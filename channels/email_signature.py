"""What stands below a person's words and is none of them: signatures, disclaimers, a phone's own line; a banner above.

Rule: the words that tell are data in `email_phrases`; what has no sign of its own is dropped only where its shape and
its place say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from channels import email_phrases as phrases
from channels.email_html import RULE

_LONG_LINE: Final = 600
_SHORT: Final = 60
_SIGNATURE_LINES: Final = 8
_SIGNATURE_SPAN: Final = 30
_CARD_LINES: Final = 4
_RULED_LINES: Final = 10
_RULED: Final = 90
_DRAWN: Final = re.compile(r"[_—–─━]{5,}$|-{5,}$|={5,}$")
# A drawn line with nothing below it; not of stars, which are a rating.
_RULE_BELOW: Final = re.compile(r"\s*[_—–─━-]{5,}\s*$")
_SENTENCE_ENDS: Final = tuple(".!?。！？:：,，")
# A line that is an address or a telephone number; a number without a sign of one may be an order's, or a day.
_REACHED: Final = re.compile(
    r"\W*(?:\w{1,12}\W{0,3}\s)?[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,200}[\s>)|]*|"
    r"\W*(?:\+|\(|(?:t|p|m|f|tel|tél|telefon|phone|mobile?|mob|cell|fax|fon|电话|手机|電話|手機)\b\W{0,3})"
    r"[\d().\s/+-]{5,24}\d\W*",
    re.IGNORECASE,
)
_SITE: Final = re.compile(r"\W*(?:https?://|www\.)\S{1,300}", re.IGNORECASE)
_DASHES: Final = re.compile(r"\s*[-_—–]{2,4}\s*$")
_LINK: Final = re.compile(r"\s*<https?://[^<>\s]{1,500}>\s*$")
_LINK_AT_END: Final = re.compile(r"\s?<https?://[^<>\s]{1,300}>$")
_ADDRESS: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+", re.ASCII)
# A name, a company, a number: no sentence.
_NAME: Final = re.compile(r"[^.,:;!?。，：；！？、]{1,24}")


def without_signature(block: list[str]) -> list[str]:
    """One run of the writer's lines without what their program, phone or company put below it."""
    ends: list[Callable[[str], object]] = [phrases.SIGNATURE.match, phrases.DISCLAIMER.match]
    for at, line in enumerate(block):
        told = any(end(line.strip()[:_LONG_LINE] if line != "-- " else line) for end in ends)
        if told or _is_tencents(block, at) or _is_ruled_card(block, at):
            block = block[:at]
            break
    kept = [line for line in _without_mobiles(block) if line != RULE]
    worded = any(line.strip() and not _RULE_BELOW.match(line) for line in kept)
    while kept and (not kept[-1].strip() or (worded and _RULE_BELOW.match(kept[-1]))):
        kept.pop()
    # Foxmail signs with the bare address.
    if (
        len(kept) > 2
        and not kept[-2].strip()
        and not kept[-3].endswith((":", "："))
        and _ADDRESS.fullmatch(kept[-1].strip())
    ):
        kept.pop()
    return kept


def _without_mobiles(block: list[str]) -> list[str]:
    """Without what phones and programs sign with, nor its link on the line below and the dashes on the line above."""
    kept, signed = list[str](), False
    for line in block:
        signed = len(line) <= _LONG_LINE and (is_mobile(line.strip(" -")) or (signed and _LINK.match(line) is not None))
        if not signed:
            kept.append(line)
        elif kept and _DASHES.match(kept[-1]):
            kept.pop()
    return kept


def is_mobile(line: str) -> bool:
    """Whether this is what a phone or a program signs with."""
    line = line.removeprefix("(")
    forms = [line, _LINK_AT_END.sub("", line)] if line.endswith(">") else [line]
    return any(map(phrases.MOBILE.match, forms))


def _is_ruled_card(block: list[str], at: int) -> bool:
    """Whether a drawn line begins a card here: few short lines, no sentence, two ways to reach somebody."""
    if not (block[at] == RULE or _DRAWN.match(block[at].strip())) or len(block) - at > _SIGNATURE_SPAN:
        return False
    above = next((line for line in reversed(block[:at]) if line.strip()), "")
    below = [line.strip() for line in block[at + 1 :] if line.strip() and line != RULE]
    return (
        0 < len(below) <= _RULED_LINES
        and not above.endswith((":", "："))
        and all(len(line) <= _RULED and not line.endswith(_SENTENCE_ENDS) for line in below)
        and any(_REACHED.fullmatch(line) for line in below)
        and sum(bool(_REACHED.fullmatch(line) or _SITE.fullmatch(line)) for line in below) > 1
    )


def _is_tencents(block: list[str], at: int) -> bool:
    """Whether Tencent's line begins a signature here: few short lines, which an empty one parts from the reply."""
    if block[at] != phrases.TENCENT_SIGNATURE or at == 0 or block[at - 1].strip() or len(block) - at > _SIGNATURE_SPAN:
        return False
    below = [line for line in block[at + 1 :] if line.strip()]
    return 0 < len(below) <= _SIGNATURE_LINES and all(len(line) <= _SHORT for line in below)


def without_sign_off(text: str) -> str:
    """Without a letter's ending: "Best regards," or 谢谢 on a line of its own, and a few short lines below it."""
    lines = text.split("\n")
    for at, line in enumerate(lines[1:], start=1):
        below = [one for one in lines[at + 1 :] if one.strip()]
        if len(line) <= _SHORT and phrases.SIGN_OFF.fullmatch(line.strip()):
            is_card = len(below) <= _CARD_LINES and all(len(one) <= _SHORT for one in below)
            return "\n".join(lines[:at]).rstrip() if is_card else text
    return text


def without_own_address(text: str, sender: str) -> str:
    """Without a last paragraph that is the writer's card: a name or two, then their own address (Foxmail, QQ)."""
    above, gap, card = text.rpartition("\n\n")
    *names, last = card.split("\n")
    if not gap or last.strip().lower() != sender or above.endswith((":", "：")):
        return text
    return above.rstrip() if len(names) < _CARD_LINES and all(map(_NAME.fullmatch, names)) else text


def without_banner(lines: list[str]) -> list[str]:
    """Without a gateway's "this mail comes from outside" on top."""
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if not lines or not phrases.BANNER.match(lines[first][:_LONG_LINE]):
        return lines
    rest = lines[first:]
    blank = next((at for at, line in enumerate(rest) if not line.strip()), len(rest))
    # With nothing below it, it is what the person wrote.
    return rest[blank:] if any(line.strip() for line in rest[blank:]) else lines
