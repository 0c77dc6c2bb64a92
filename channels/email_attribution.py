"""Which lines above an old mail are the attribution that a client wrote there: "On … wrote:", over several lines too.

Rule: every function is pure and looks at a few lines; what the words of attributions are is data in `email_phrases`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from channels import email_phrases as phrases

# How many lines one takes at most, and how many may stand above it with a name alone.
LINES: Final = 4
NAME_LINES: Final = 2
_LONGEST: Final = 600
_SHORT: Final = 120
# A date this near the beginning leads the line, whatever the word before it.
_NEAR: Final = 16


def as_one(lines: Sequence[str]) -> str:
    """Lines as the one that they were, an address that was broken after its "<" whole again."""
    return " ".join(line.strip() for line in lines).replace("< ", "<")


def is_attribution(joined: str, *, relaxed: bool) -> bool:
    """Whether this is one whole attribution. `relaxed` where "> " follows, and so much less proof is needed."""
    if len(joined) > _LONGEST:
        return False
    dated = phrases.DATED.search(phrases.ADDRESS.sub(" ", joined)) is not None
    if dated and phrases.VERBLESS.match(joined):
        return True
    verb = phrases.VERB.search(joined)
    if verb is None:
        return relaxed and phrases.TIMED.search(joined) is not None
    tail = joined[verb.end() :].strip(" -—–_*=")
    if tail.strip(":： ") and not tail.endswith((":", "：")):
        return False
    addressed = "@" in joined
    if relaxed:
        return dated or addressed or (tail.endswith((":", "：")) and len(joined) < _SHORT)
    stamped = phrases.STAMP.search(joined) and (phrases.STARTER.match(joined) or phrases.WHEN.search(joined))
    return stamped is not None or (addressed and (dated or "<" in joined))


def lines_of(paragraph: Sequence[str], *, whole: bool, relaxed: bool) -> int:
    """How many of a paragraph's last lines are one attribution, 0 for none. `whole`: nothing of it was left out above.

    It begins at the nearest line that begins as one does and has a whole date below it; else at the nearest that begins
    so. One that names nobody ("yazdı:") is the end of a broken one, which has its paragraph for itself.
    """
    tried = {n: as_one(paragraph[-n:]) for n in range(1, min(LINES, len(paragraph)) + 1)}
    found = [n for n in tried if is_attribution(tried[n], relaxed=relaxed) and not _is_torn(paragraph, n)]
    led = [n for n in found if _leads(tried[n])]
    stamped = next((n for n in led if phrases.STAMP.search(tried[n]) and _is_unbroken(paragraph[-n:])), 0)
    begun = stamped or next((n for n in led if phrases.STARTER.match(tried[n])), 0)
    if not begun and found:
        named = next((n for n in found if "@" in tried[n]), 0)
        begun = named if whole and named == len(paragraph) else found[0]
    return begun + _above(paragraph[:-begun], tried[begun], whole=whole) if begun else 0


def _is_torn(paragraph: Sequence[str], n: int) -> bool:
    """Whether the first of these last lines is the rest of an address whose "<" ends the line above."""
    above = paragraph[-n - 1].rstrip() if n < len(paragraph) else ""
    return above.endswith("<") and phrases.IN_ADDRESS.match(paragraph[-n].lstrip()) is not None


def _leads(joined: str) -> bool:
    if phrases.STARTER.match(joined):
        return phrases.TIME_ALONE.match(joined) is None
    stamp = phrases.STAMP.search(joined)
    return stamp is not None and stamp.start() <= _NEAR


def _is_unbroken(lines: Sequence[str]) -> bool:
    """Whether no sentence ends between these lines: the words above would be the writer's."""
    return not any(line.rstrip().endswith(("!", "?", "。", "！", "？")) for line in lines[:-1])


def _above(rest: Sequence[str], joined: str, *, whole: bool) -> int:
    """How many lines above belong to it: "On" or "Le lun." above the date, a name or two lines of name and address."""
    if not rest:
        return 0
    dated = joined[0].isdigit() or phrases.WEEKDAY.match(joined) or phrases.STAMP.match(joined)
    if dated and phrases.LEAD_IN.match(rest[-1].strip()):
        return 1
    if not whole or len(rest) > NAME_LINES:
        return 0
    above = as_one(rest)
    nameless = joined.startswith("<") or phrases.WHEN.match(joined)
    is_name = ("@" not in joined and phrases.NAMED_ABOVE.match(above)) or (nameless and phrases.NAME_ALONE.match(above))
    wrote = phrases.VERB.search(joined) is None and "@" not in joined and phrases.VERB.search(above)
    return len(rest) if is_name or wrote else 0
