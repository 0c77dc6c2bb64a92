"""The reply alone: what a person wrote above, below or between the lines of the mail that they answer.

Rule: a line is dropped only on evidence (a client's attribution, separator, header block, "> ", a mark of the HTML, a
signature's sign), and everything else is the person's, in its order. No evidence, nothing dropped.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from channels import email_attribution as attribution
from channels import email_phrases as phrases
from channels.email_attribution import as_one, is_attribution
from channels.email_header_block import are_headers, label
from channels.email_html import BARE, CUT, RULE
from channels.email_mime import OWN
from channels.email_signature import is_mobile, without_banner, without_signature
from channels.email_template import WORDS

# Zero-width spaces, soft hyphens, and every mark of writing direction; not the joiner, which emoji are made with.
_INVISIBLE: Final = dict.fromkeys(
    map(
        ord,
        "\x00\u00ad\u061c\u200b\u200c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff",
    )
)
_SPACES: Final = dict.fromkeys(map(ord, "\xa0\u202f\u2002\u2003\u2009\t\x0b\x0c"), " ")
_QUOTED: Final = re.compile(r"^ {0,3}[>＞](?![_.=<。﹏])")
_FROM_ESCAPED: Final = re.compile(r"^>From [^:：]*$")
_PGP_HEAD: Final = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:[^\n]+\n){0,4}\n")
_PGP_TAIL: Final = re.compile(r"-----BEGIN PGP SIGNATURE-----.*?(?:-----END PGP SIGNATURE-----|\Z)", re.DOTALL)
_PICTURE: Final = re.compile(
    r"\[(?:cid:[^\]\s]{1,200}|image: [^\]\n]{0,100}|image:image/\w+|图像|图片[:：][^\]\n]{0,100})\]"
)
# What a mail of ours ends with.
_OURS_ENDS: Final = re.compile(
    "|".join(re.escape(words.why).replace(re.escape("{sender}"), ".{1,200}") for words in WORDS.values())
    + "|^(?:"
    + "|".join(words.unsubscribe for words in WORDS.values())
    + r")\s?[:：]?\s?<?(?:https?://|mailto:)\S"
)
# A quote's sign stands apart from the words; a person's "more than" does not.
_MORE_THAN: Final = re.compile(r"^[>＞][^\s>＞]")
_ENTITY: Final = re.compile(r"&(?:nbsp|lt|gt|amp|quot|#\d{3,6});")
_LONGEST: Final = 4_000
_LONG_LINE: Final = 600
_LAST_WORDS: Final = 40
_BROKEN_AT: Final = 60
_HEADER_LINES: Final = 10


@dataclass(frozen=True, slots=True)
class Cut:
    """The reply, and whether a client's own words or marks said where the old mail begins ("> " alone is less)."""

    text: str
    sure: bool


def cut_text(text: str) -> Cut:
    """The reply in a plain text."""
    plain = _PGP_TAIL.sub("", _PGP_HEAD.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    # Tencent's and NetEase's plain texts are HTML with the tags taken out and the entities left in; other webmails
    # write so what their charset lacks.
    if _ENTITY.search(plain):
        plain = html.unescape(plain)
    plain = _PICTURE.sub("", plain)
    return cut_lines(plain.replace(CUT, "").replace(RULE, "").replace(BARE, "").split("\n"))


def cut_lines(lines: Sequence[str]) -> Cut:
    """The reply in lines, as `email_html.read_html` or a plain text gives them."""
    clean = [line.translate(_INVISIBLE).translate(_SPACES).rstrip() for line in lines[:_LONGEST]]
    whole = _with_addresses_mended(_with_bare_told(_with_from_unescaped(clean)))
    state = _Lines(_with_attributions_parted(whole))
    state.cut_marks()
    state.cut_headers()
    state.cut_separators()
    state.cut_attributions()
    blocks = [without_signature(block) for block in state.own_blocks()]
    text = _joined(without_banner([line for block in blocks for line in block]))
    # Who answers at the end, with a program that quotes without signs, has all their words in "the old mail".
    below = _below_ours(clean) if state.sure and not text else []
    return Cut(cut_lines(below).text, sure=True) if below else Cut(text, state.sure)


class _Lines:
    """The lines of a mail and, beside each, whether it belongs to the old mail."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.old = _quoted(lines)
        self.sure = False

    def own_blocks(self) -> list[list[str]]:
        """Runs of the writer's lines, with the old mail between them."""
        blocks: list[list[str]] = [[]]
        for line, old in zip(self.lines, self.old, strict=True):
            if not old:
                blocks[-1].append(line)
            elif blocks[-1]:
                blocks.append([])
        return blocks

    def cut_marks(self) -> None:
        if CUT in self.lines:
            self.sure = True
            self._end_at(self.lines.index(CUT))

    def cut_headers(self) -> None:
        """From: … Sent: … To: … Subject: …, copied above the old mail."""
        for at, line in enumerate(self.lines):
            if not self.old[at] and (":" in line or "：" in line or "|" in line) and self._starts_headers(at):
                self._drop_or_end(self._with_rules_above(at), self._after_headers(at))
                if self.old[-1]:
                    return

    def cut_separators(self) -> None:
        """----- Original Message -----, and "Begin forwarded message:"."""
        for at, line in enumerate(self.lines):
            if not self.old[at] and len(line) < _LONG_LINE and _separates(line.strip()):
                self._drop_or_end(at, at + 1)

    def cut_attributions(self) -> None:
        """On … wrote:, over at most four lines."""
        for at, line in enumerate(self.lines):
            if self.old[at] and not line.startswith(">>> "):
                continue
            # Without a colon the verb ends the line: most lines need no search of the whole.
            verb = phrases.VERB.search(line[:_LONG_LINE] if ":" in line or "：" in line else line[-_LAST_WORDS:])
            if phrases.BRACKETED.match(line) or (verb and phrases.IN_ONE_LINE.match(line[:_LONG_LINE])):
                self.sure = True
                self._end_at(at)
                return
            unmarked = len(line) <= _LONG_LINE and self._is_unmarked(at)
            if not self.old[at] and len(line) <= _LONG_LINE and (verb or unmarked or line.endswith((":", "："))):
                start = at if unmarked else self._attribution_start(at)
                if start is not None:
                    self._drop_or_end(start, at + 1)

    def _is_unmarked(self, at: int) -> bool:
        """A name, an address and a whole date alone in a paragraph, with the writer's words above and more below.

        Right above a quote the day is enough.
        """
        if phrases.DAY_ONLY.match(self.lines[at]) and self._next_is_quoted(at + 1, signs=(">", "|")):
            return True
        return (
            phrases.UNMARKED.match(self.lines[at]) is not None
            and 0 < at < len(self.lines) - 1
            and not self.lines[at - 1].strip()
            and any(line.strip() for line in self.lines[:at])
            and any(line.strip() for line in self.lines[at + 1 :])
        )

    def _attribution_start(self, end: int) -> int | None:
        """Where the attribution that ends on this line begins."""
        first = end
        while first > 0 and end - first < attribution.LINES + attribution.NAME_LINES and self._is_words(first - 1):
            first -= 1
        paragraph = self.lines[first : end + 1] if self._is_words(end) else []
        whole = first == 0 or not self._is_words(first - 1)
        shown = self._next_is_quoted(end + 1) or ("@" in self.lines[end] and self._is_below_phones(first))
        count = attribution.lines_of(paragraph, whole=whole, relaxed=shown)
        return end + 1 - count if count else None

    def _is_below_phones(self, at: int) -> bool:
        """Whether a phone signed right above, below somebody's words."""
        above = [line for line in self.lines[max(0, at - _HEADER_LINES) : at] if line.strip()]
        return len(above) > 1 and is_mobile(above[-1].strip(" -"))

    def _is_words(self, at: int) -> bool:
        return not self.old[at] and bool(self.lines[at].strip())

    def _starts_headers(self, at: int) -> bool:
        """Whether a header block begins here: one piece, or pieces between empty lines that are none for themselves.

        The writer's own "From: 9 to 5 nobody came" above a block would else be taken for its beginning.
        """
        if label(self.lines[at]) in ("", "cc"):
            return False
        if are_headers(self._piece(at)):
            return True
        later = [at + n for n in range(1, 2 * _HEADER_LINES) if at + n < len(self.lines) and self._is_gap(at + n - 1)]
        return are_headers(self._pieces(at)) and not any(
            are_headers(self._piece(start)) for start in later if label(self.lines[start])
        )

    def _piece(self, at: int) -> list[str]:
        end = min(at + _HEADER_LINES, len(self.lines))
        return self.lines[at : next((n for n in range(at, end) if self._is_gap(n)), end)]

    def _pieces(self, at: int) -> list[str]:
        """The lines of header pieces that only empty lines part."""
        found: list[str] = []
        for n in range(at, min(at + 2 * _HEADER_LINES, len(self.lines))):
            if not self.lines[n - 1].strip() and not label(self.lines[n]) and self.lines[n].strip():
                break
            found.append(self.lines[n])
        return found

    def _is_gap(self, at: int) -> bool:
        line = self.lines[at].strip()
        return not line or phrases.BARE_SEPARATOR.match(line) is not None or _separates(line)

    def _after_headers(self, at: int) -> int:
        end = at
        while end < len(self.lines) and self.lines[end].strip():
            end += 1
        return end

    def _with_rules_above(self, at: int) -> int:
        start = at
        for above in range(at - 1, max(-1, at - 7), -1):
            line = self.lines[above].strip()
            if line and not phrases.BARE_SEPARATOR.match(line):
                break
            start = above if line else start
        return start

    def _next_is_quoted(self, at: int, *, signs: tuple[str, ...] = ()) -> bool:
        following = next((n for n in range(at, len(self.lines)) if self.lines[n].strip()), -1)
        return following >= 0 and (self.old[following] or self.lines[following].startswith(signs))

    def _drop_or_end(self, start: int, end: int) -> None:
        """Drop these lines; where no "> " follows them, the rest of the mail is the old one."""
        self.sure = True
        if self._next_is_quoted(end):
            self.old[start:end] = [True] * (end - start)
        else:
            self._end_at(start)

    def _end_at(self, start: int) -> None:
        self.old[start:] = [True] * (len(self.old) - start)


def _quoted(lines: list[str]) -> list[bool]:
    """Which lines are quoted by "> ", with those that a relay broke off the end of a long one."""
    quoted = [_QUOTED.match(line) is not None for line in lines]
    if quoted.count(True) == 1 and _MORE_THAN.match(next(line for line in lines if line.strip())):
        return [False] * len(lines)
    for at in range(1, len(lines)):
        if quoted[at - 1] and phrases.LINK_REST.match(lines[at]) and phrases.OPEN_LINK.search(lines[at - 1]):
            quoted[at] = True
    for at in range(1, len(lines) - 1):
        if quoted[at - 1] and not quoted[at] and quoted[at + 1] and _goes_on(lines[at - 1], lines[at]):
            quoted[at] = True
    return quoted


def _goes_on(line: str, following: str) -> bool:
    return len(line) >= _BROKEN_AT and (line[-1].isalnum() or line[-1] == ",") and following[:1].islower()


def _below_ours(lines: list[str]) -> list[str]:
    """What stands below the last line of a mail of ours that no sign marks as quoted."""
    ends = [at for at, line in enumerate(lines) if not _QUOTED.match(line) and _OURS_ENDS.search(line[:_LONG_LINE])]
    return lines[ends[-1] + 1 :] if ends else []


def _with_from_unescaped(lines: list[str]) -> list[str]:
    """Some mail stores put ">" before a person's line that begins with "From "; a quote has others beside it."""
    padded = ["", *lines, ""]
    return [
        line[1:] if _FROM_ESCAPED.match(line) and not (above.startswith(">") or below.startswith(">")) else line
        for above, line, below in zip(padded, lines, padded[2:], strict=False)
    ]


def _with_bare_told(lines: list[str]) -> list[str]:
    """Tell of each blockquote without a client's marks whether it is the old mail, which then gets its "> ".

    Once one is, the later ones are too: a client that quotes so does it throughout.
    """
    told: list[str] = []
    at, quoting = 0, False
    while at < len(lines):
        end = at
        while end < len(lines) and (lines[end].startswith(BARE) or (end > at and not lines[end].strip())):
            end += 1
        if end > at:
            quoting = quoting or not _is_own_quotation(lines, at, end)
            bare = [line.removeprefix(BARE) for line in lines[at:end]]
            told += [f"> {line}" if line and quoting else line for line in bare]
        else:
            told.append(lines[at])
        at = max(end, at + 1)
    return told


def _is_own_quotation(lines: list[str], start: int, end: int) -> bool:
    """Whether a bare blockquote is the writer's: no attribution leads to it, and words of the writer's enclose it.

    A colon above, or the client's own quote below, serves for words below. Nothing above is no evidence for the writer.
    """
    above: list[str] = []
    for line in reversed(lines[max(0, start - 2 * attribution.LINES) : start]):
        if not line.strip() and above:
            break
        above = [line.strip(), *above] if line.strip() else above
    if not above or _QUOTED.match(above[-1]) or _separates(above[-1]) or are_headers(above):
        return False
    nearest = above[-attribution.LINES :]
    if any(is_attribution(as_one(nearest[n:]), relaxed=True) for n in range(len(nearest))):
        return False
    below: list[str] = []
    for line in lines[end:]:
        if line.startswith(BARE):
            break
        below.append(line)
    return above[-1].endswith((":", "：")) or any(line.strip() for line in without_signature(below))


def _with_addresses_mended(lines: list[str]) -> list[str]:
    """Join what Gmail tore apart: "On … Shop <shop@example.com" and "> wrote:"; and Newton, into one line more."""
    mended = lines[:1]
    for line in lines[1:]:
        mailto = phrases.MAILTO.match(mended[-1]) if phrases.BROKEN_REST.match(line) else None
        if mailto and mended[-2:-1] == ["<"]:
            del mended[-2:]
            while mended and not mended[-1]:
                mended.pop()
            mended.append(f"{mended.pop() if mended else ''} {mailto[1]}{line[1:]}")
        elif phrases.BROKEN_REST.match(line) and phrases.BROKEN_ADDRESS.search(mended[-1]):
            mended[-1] += line
        else:
            mended.append(line)
    return mended


def _with_attributions_parted(lines: list[str]) -> list[str]:
    """Part the writer's words from an attribution that begins in the same line: "It was good.On Mon, … wrote:"."""
    parted: list[str] = []
    for at, line in enumerate(lines):
        found = phrases.RUN_ON.search(line[:_LONG_LINE]) if not _QUOTED.match(line) else None
        words = line[: found.start()] if found else ""
        if found and any(map(str.isalnum, words)) and "@" not in words and not found[0].startswith(words):
            rest = [line[found.start() :], *lines[at + 1 : at + attribution.LINES]]
            if any(_is_run_on(as_one(rest[:n]), lines[at + n : at + n + 3]) for n in range(1, len(rest) + 1)):
                parted.append(words.rstrip(" -"))
                line = rest[0]
        parted.append(line)
    return parted


def _is_run_on(joined: str, below: Sequence[str]) -> bool:
    """Whether this is an attribution behind somebody's words: it needs an address, or a quote right below."""
    quoted = _QUOTED.match(next((line for line in below if line.strip()), "")) is not None
    return joined.endswith((":", "：")) and ("@" in joined or quoted) and is_attribution(joined, relaxed=False)


def _separates(line: str) -> bool:
    return phrases.SEPARATOR.match(line) is not None or phrases.FORWARD.match(line) is not None


def _joined(lines: list[str]) -> str:
    text = re.sub(r"\n\s*\n\s*\n+", "\n\n", "\n".join(line.rstrip() for line in lines))
    return text.replace(OWN, "").strip()
