"""Which lines are the headers that a client copied above the old mail: From: … Sent: … To: … Subject: ….

Rule: what the labels say, in whatever language, is data in `email_phrases`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from channels import email_phrases as phrases

_LONG_LINE: Final = 600
_LABEL: Final = re.compile(r"^[\s*|_【\[]*([^\s:：|*][^:：|]{0,24}?)\s*\**\s*[:：|]")
_NEXT_LABEL: Final = re.compile(r"[\s;>)]([^\s:：<>|;,]{1,12}) ?[:：]")


def are_headers(lines: Sequence[str]) -> bool:
    """Whether these lines, some of which may go on from the one before, are a copied header block."""
    kinds, addressed = set[str](), False
    for line in lines:
        kind = label(line)
        if kind == "from" and kind in kinds:
            break
        if kind:
            kinds |= {kind, *_labels_behind(line)}
            addressed = addressed or (kind in ("from", "to") and "@" in line)
        elif len(kinds) >= 4:
            break
    # A person's "From: … To: … Subject: …" has neither an address nor the mail's date.
    whole = len(kinds) >= 3 and (addressed or {"date", "subject"} <= kinds)
    return "from" in kinds and (whole or (len(kinds) == 2 and addressed and "to" not in kinds))


def _labels_behind(line: str) -> set[str]:
    """Further headers in the same line, where a program that took the tags out of HTML joined them."""
    found = _NEXT_LABEL.findall(line[:_LONG_LINE])
    return {phrases.LABELS[word.casefold()] for word in found if word.casefold() in phrases.LABELS}


def label(line: str) -> str:
    """Which header a line copies, "" for none."""
    found = _LABEL.match(line.lstrip()[:60])
    return phrases.LABELS.get(re.sub(r"[\s\u3000]+", "", found[1]).casefold(), "") if found else ""
