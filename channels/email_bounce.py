"""Mail about our mail: bounces, delivery and read reports, complaints. Standard ones (RFC 3464, 8098, 5965) and others.

Rule: a mail is a bounce only by a report part, a failed-recipients header, or a daemon's sender together with a
daemon's words; a person's words alone never make one. Status class 5 is permanent and closes the address, class 4
waits; a full mailbox is no reason to close an address and counts as temporary whatever its class.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from channels.email_automatic import is_automatic
from channels.email_charset import decode_words
from channels.email_headers import Headers, addresses_of, name_of
from channels.email_mime import Mail

Outcome = Literal["failed", "delayed", "delivered", "relayed"]

_FIRST: Final = r"A-Za-z0-9.!#$%&*+/=?^_`{|}~-"
_LOCAL: Final = rf"'{_FIRST}"
_ADDRESS: Final = (
    rf"(?<![{_LOCAL}])'?([{_FIRST}][{_LOCAL}]{{0,63}}@[A-Za-z0-9-]{{1,63}}(?:\.[A-Za-z0-9-]{{1,63}}){{1,9}})"
)
_MAYBE: Final = rf"<?{_ADDRESS}>?"
_MOST: Final = 30_000
# Each mail of ours goes to one; a report on more than this is somebody's play.
_MOST_RECIPIENTS: Final = 100
_ENHANCED: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
# In words that report no delivery a class 2 is the version of some program.
_ENHANCED_FAULT: Final = re.compile(_ENHANCED.pattern.replace("[245]", "[45]"))
# The reply codes that servers give (RFC 5321 and its extensions); other numbers in a text are sizes and times.
_CODE: Final = re.compile(
    r"(?:(?<![\d.:])|(?<=\s:))(?=421|45[0-5]|471|50[0-4]|51[0-2]|52[1-5]|53[045]|541|55[0-6]|571)([45])\d\d(?=[\s:,-])"
)
_XTEXT: Final = re.compile(r"\+([0-9A-F]{2})")
_DAEMON: Final = re.compile(
    r"^(?:mailer-?daemon|post-?_?master|mail-?daemon|mailsubsystem|mail\.?delivery\.?(?:sub)?system|mdaemon|"
    r"microsoftexchange\w+|qmail|mail-?deliver\w*)(?:[+=-][^@]*)?(?:@|$)",
    re.IGNORECASE,
)
# Senders that are machines, though not only of bounces.
_ROBOT: Final = re.compile(
    r"^(?:(?:bounces?|root|amavis|daemon|smtpd?|imss|system|no-?reply\S*)(?:[+=-][^@]*)?|"
    r"[^@]{0,40}(?:anti-?virus|smtp_mail|mail-?gateway)[^@]{0,40})@",
    re.IGNORECASE,
)
# A relay may put an address of its own under the daemon's name.
_DAEMON_NAME: Final = re.compile(r"mail delivery (?:sub)?system", re.IGNORECASE)
_SUBJECT: Final = re.compile(
    r"undeliver|delivery (?:status|failure|notification|report|has failed|error|problem)|returned mail|"
    r"mail (?:delivery )?"
    r"(?:system )?(?:fail|error|status)|failure notice|mail delivery (?:fail|system)|message (?:you sent )?"
    r"(?:could not|couldn't|delayed|blocked|not)|(?:warning|delayed).{0,20}message|non[- ]?deliver|not delivered|"
    r"could not be delivered|bounced?\b|bounce notification|error sending|could not send|fail(?:ed|ure) deliver|"
    r"nicht zustellbar|"
    r"unzustellbar|non remis|échec|no se (?:ha podido )?entreg|mancata consegna|rejected mail|"
    r"delivery (?:incomplete|delayed)|退信|退回|投递失败|投遞失敗|无法投递|未送达|未能送达|無法傳遞|未传递|未傳遞|"
    r"无法送达|发送失败|傳送失敗|"
    r"寄送失敗|配信不能|配達不能|전송 ?실패|반송",
    re.IGNORECASE,
)
_WORDS: Final = re.compile(
    r"recipient|undeliver|unknown user|host unknown|no such user|delivering|(?:could|can) ?n.t be delivered|"
    r"(?:could not|cannot|can not) be delivered|"
    r"unable to deliver|delivery (?:to|has|failed|attempt)"
    r"|returned|permanent (?:fatal )?error|user unknown|not delivered|wasn't delivered|rejected|did not reach|"
    r"mailbox|收件人|退信|退回|投递|送达",
    re.IGNORECASE,
)
_FULL: Final = re.compile(
    r"mail ?(?:box|folder|directory) (?:is )?(?:full|exceeded|size)|quota (?:exceed|full|violat|limit)|"
    r"(?:over|exceed\w{0,10}|out of|reached|overdrawn).{0,20}(?:quota|storage|disk ?space|space limit|local limit)|"
    r"insufficient (?:system )?storage|(?:n.t|not) (?:have )?enough (?:disk |storage |free )?space|too many messages|"
    r"(?:邮箱|郵箱|信箱|空间|容量).{0,8}(?:已?满|已?滿|不足|超[出过限])",
    re.IGNORECASE,
)
_FOR_GOOD: Final = re.compile(
    r"user unknown|unknown (?:user|recipient|host)|host unknown|host (?:or domain name )?not found|no mx record|"
    r"null ?mx|unrout\w{0,2}able|not recognized|invalid (?:address|user|recipient|final delivery)|"
    r"(?:user|recipient|account) (?:is )?not known|failed permanently|does(?:n.t| not) have an? [\w.-]{0,60} ?account|"
    r"no longer valid|no such (?:user|recipient|mailbox|address)|not listed in|does(?:n.t| not) exist|"
    r"address (?:couldn't be|"
    r"could not be|was not|not) found|(?:account|mailbox|user|recipient|address)[^.\n]{0,40}(?:not found|disabled|"
    r"unavailable|"
    r"does not exist|inactive|suspended|rejected)|permanent(?:ly)? (?:fatal )?(?:error|fail)|(?:given|giving) up|"
    r"不存在|无此用户|無此|找不到|未找到|被禁用|已停用|已注销|拒收|拒绝接收",
    re.IGNORECASE,
)
_FOR_NOW: Final = re.compile(
    r"will (?:be retried|keep trying|continue|retry|try again)|still trying|delayed|temporar|try again later|"
    r"greylist|"
    r"not yet|warning|no action is required|稍后|暂时|重试|延迟",
    re.IGNORECASE,
)
# Given up for now: as good as a class 4, though the servers call it permanent.
_EXPIRED: Final = re.compile(
    r"temp_failure|did not accept our requests to connect|"
    r"retry time\w{0,3} exceeded|delivery time expired|in the queue too long|failing for a long time|"
    r"not found, try again|message (?:has )?expired|could not (?:be )?deliver\w{0,3} for (?:the last|more than|over)",
    re.IGNORECASE,
)
_RETRIED: Final = re.compile(r"will (?:be retried|keep trying|retry for)|still being retried", re.IGNORECASE)
# Dovecot's own notice of a mail that it would not take (RFC 5429), which it writes as a read receipt.
_REFUSED: Final = re.compile(r"\bautomatically (?:rejected|refused)\b", re.IGNORECASE)
_SAID: Final = (_ENHANCED_FAULT, _CODE, _FULL, _FOR_GOOD, _FOR_NOW)
_NAMED: Final = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        rf"^(?:original|final)-recipient:\s*[\w-]+\s*;\s*{_MAYBE}",
        rf"^\"?{_MAYBE}\"?:(?:\s|$)",
        rf"^[ \t]{{0,40}}{_MAYBE}[ \t\r]{{0,40}}(?:\(.{{0,80}}\)|[-–].{{0,40}})?\r?$",
        rf"\bfrom\W{{1,3}}[^\s@<>]{{1,64}}@[^\s@<>]{{1,200}}>?\s+to\W{{1,3}}{_MAYBE}",
        rf"(?:n.t|not|fail\w{{0,10}}|unable)(?: be)?[^@<\n]{{0,60}}(?:to|for|recipients?)[^@<\n]{{0,30}}\W{{0,6}}"
        rf"{_MAYBE}",
        rf"\b(?:deliver|send)ing (?:your )?(?:mail|message)[^@<\n]{{0,20}} to\W{{0,6}}{_MAYBE}",
        rf"(?:无法(?:发送|投递|送达)[到至给]?|投递到|收件人(?:邮件)?(?:地址)?(?:/to)?|收信人|收信地址|发送给|发给|退信地址|收件者)\W{{0,6}}{_MAYBE}",
        rf"rcpt to:\s*{_MAYBE}",
        rf"(?:recipient|user|mailbox|address|account)\W{{0,12}}{_MAYBE}",
    )
)
# What was written to, behind the address that it was forwarded to.
_FORWARDED: Final = re.compile(rf"\((?:generated|expanded) from:?\s{{1,9}}{_MAYBE}", re.IGNORECASE)
_ANY: Final = re.compile(_ADDRESS)
_COPY: Final = re.compile(
    r"^(?:-+ ?(?:below this line is|this is a copy|original message|returned message|message headers|unsent message|"
    r"the unsent|attached|transcript of (?:the )?original)|return-path:|received: |this is a copy of the message|"
    r"original message headers|the original message|original message follows|message headers follow|"
    r"[ \t]{0,8}below is a copy of the original message|------ this is)",
    re.IGNORECASE | re.MULTILINE,
)
# Fields in which other addresses stand, and what only looks like one.
_OTHERS: Final = re.compile(
    r"^[> \t]{0,4}(?:[\w-]{0,20}id|in-reply-to|references|received|(?:x-)?from|sender|reply-to|return-path|"
    r"list-\w{2,12}):.*|^.{0,80}\b(?:contact|assistance|support)\b.*",
    re.IGNORECASE | re.MULTILINE,
)
_COPIED_TO: Final = re.compile(r"^[> \t]{0,4}to:(.{3,300})", re.IGNORECASE | re.MULTILINE)
_COPIED_ID: Final = re.compile(r"^message-id:\s{0,3}(<[^<>\s]{1,998}>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Failure:
    """What became of one of our mails for one recipient. `status` is the enhanced code where there is one."""

    recipient: str
    outcome: Outcome
    permanent: bool
    status: str
    reason: str


def failures(mail: Mail, *, text: str, ours: str) -> list[Failure]:
    """Every recipient that this mail reports on; empty where it is no report. `text` is its readable body, uncut."""
    found = [failure for group in mail.statuses if (failure := _from_group(group, text)) is not None]
    if found:
        return found[:_MOST_RECIPIENTS]
    if mail.report.endswith("delivery-status") or _is_bounce(mail, text):
        addressed = addresses_of(mail.headers.all("to", "delivered-to"))
        return _from_text(mail, text, frozenset(one.lower() for one in (ours, *addressed)))
    return []


def original(mail: Mail) -> Headers:
    """The headers of the mail that came back, as far as it was enclosed."""
    return mail.originals[0] if mail.originals else Headers(())


def copied_id(text: str) -> str:
    """The Message-ID of our mail where a daemon copies its headers into the text, else ""."""
    found = _COPIED_ID.search(text[:_MOST])
    return found[1] if found else ""


def refused(mail: Mail, text: str) -> list[Failure]:
    """The one whom our mail was not delivered to, of a disposition report that says so; else none."""
    if _REFUSED.search(text[:_MOST]) is None:
        return []
    for group in mail.statuses:
        recipients = addresses_of(group.all("original-recipient", "final-recipient"))
        if "deleted" in group.first("disposition").lower() and recipients:
            said = " ".join(text[:_MOST].split())
            return [Failure(recipients[0].lower(), "failed", _FULL.search(said) is None, "", said[:500])]
    return []


def is_complaint(mail: Mail) -> bool:
    """Whether a feedback report (RFC 5965) says that somebody pressed "this is spam"."""
    kinds = {group.first("feedback-type").lower() for group in mail.statuses}
    return not kinds & {"auth-failure", "not-spam", "virus"}


def complained(mail: Mail) -> str:
    """Who pressed it, lower-case, "" where the provider does not say."""
    fields = [group.first("original-rcpt-to", "removal-recipient") for group in mail.statuses]
    found = addresses_of([*fields, original(mail).first("to")])
    return found[0].lower() if found else ""


def _from_group(group: Headers, text: str) -> Failure | None:
    said = group.first("original-recipient"), group.first("final-recipient", "x-actual-recipient")
    recipients = addresses_of(value.partition(";")[2] or value for value in said)
    action = group.first("action").lower().split(" ")[0].strip(";")
    if not recipients or not (action or group.first("status", "diagnostic-code")):
        return None
    diagnostic = " ".join(group.first("diagnostic-code").partition(";")[2].split()) or group.first("diagnostic-code")
    # Without one, what the daemon's words or a comment say of this recipient.
    reason = diagnostic or group.first("status").partition("(")[2] or _said_of(recipients[-1], text)
    status = _status(group.first("status"), reason)
    outcome: Outcome = "failed"
    match action:
        case "delayed" | "delivered":
            outcome = action
        case "relayed" | "expanded":
            outcome = "relayed"
        case "failed":
            pass
        case _ if status.startswith("2"):
            # Sendmail and Postfix report "deliverable" where they were asked whether an address is.
            outcome = "relayed" if action else "delivered"
    permanent = outcome == "failed" and _for_good(status, reason)
    return Failure(_meant(recipients).lower(), outcome, permanent, status, reason[:500])


def _said_of(recipient: str, text: str) -> str:
    """The paragraph about a recipient, up to the next one's; the beginning of the text where that says nothing."""
    start = text[:_MOST].lower().find(recipient.lower())
    piece = text[start : start + 300].strip() if start >= 0 else ""
    end = re.search(r"\n\s*\n|\n[^\s@]{1,64}@", piece)
    piece = " ".join((piece[: end.start()] if end else piece).split())
    return piece if any(said.search(piece) for said in _SAID) else " ".join(text.strip()[:300].split())


def _meant(recipients: list[str]) -> str:
    """The address that we wrote to, the original one; some servers leave it in the xtext of RFC 3461."""
    plain = _XTEXT.sub(lambda found: chr(int(found[1], 16)), recipients[0])
    return plain if plain.lower() == recipients[-1].lower() else recipients[0]


def _status(said: str, diagnostic: str) -> str:
    """The group's own status, or the fuller one of the diagnostic where the group says no more than a class."""
    own = _ENHANCED.search(said)
    finer = _ENHANCED.search(diagnostic)
    if own and (own[2] != "0" or own[3] != "0" or finer is None or finer[1] != own[1]):
        return own[0]
    if finer:
        return finer[0]
    code = _CODE.search(diagnostic + " ")
    return own[0] if own else (f"{code[1]}.0.0" if code else "")


def _for_good(status: str, reason: str) -> bool:
    finer = _ENHANCED_FAULT.search(reason)
    if status.endswith(".2.2") or (finer is not None and finer[0].endswith(".2.2")):
        return False
    if not status.endswith((".1.1", ".1.10")) and _FULL.search(reason):
        return False
    return not status.startswith("4")


def _is_bounce(mail: Mail, text: str) -> bool:
    headers = mail.headers
    if headers.first("x-failed-recipients"):
        return True
    sender = headers.first("from").rpartition("<")[2]
    null_path = headers.first("return-path").replace(" ", "") == "<>"
    subject = _SUBJECT.search(headers.text("subject")) is not None
    if _DAEMON.match(sender) or _DAEMON_NAME.fullmatch(name_of(headers.first("from"))):
        # Amazon SES passes an answering machine's mail on under its own daemon's name.
        vacation = is_automatic(headers.text("subject"))
        vacation = vacation or (headers.first("auto-submitted").lower().startswith("auto-replied") and not subject)
        code = _ENHANCED.search(text) or _CODE.search(text) or _FOR_GOOD.search(text) or _FULL.search(text)
        said = code is not None or bool(mail.originals)
        return not vacation and (subject or (said and _WORDS.search(text) is not None))
    machine = null_path or "@" not in sender or _ROBOT.match(sender) is not None
    return machine and (subject or bool(mail.originals)) and _WORDS.search(text) is not None


def _from_text(mail: Mail, text: str, ours: frozenset[str]) -> list[Failure]:
    text = text[:_MOST]
    copy = _COPY.search(text)
    told = text[: copy.start()] if copy and copy.start() > 40 else text
    recipients = _recipients(mail, told, text, ours)
    subject = mail.headers.text("subject")
    return [
        _judged(one, " ".join(piece.split()), subject)
        for one, piece in _pieces(told, list(dict.fromkeys(recipients))[:_MOST_RECIPIENTS] or [""])
    ]


def _recipients(mail: Mail, told: str, text: str, ours: frozenset[str]) -> list[str]:
    """Whom it failed for: by the header, the words that say so or any address, else as our own mail has it."""
    forwarded = [one for one in _FORWARDED.findall(told) if _is_theirs(one, ours)]
    listed = addresses_of(decode_words(value) for value in mail.headers.all("x-failed-recipients"))
    any_told = _ANY.findall(_OTHERS.sub("", told))
    if named := forwarded[:1] or listed or _named(told, ours) or _first_theirs(any_told, ours):
        return named
    enclosed = addresses_of([original(mail).first("to"), *_COPIED_TO.findall(text)[:3]])
    text = _OTHERS.sub("", text)
    return (
        [one for one in enclosed if one.lower() not in ours][:1]
        or _named(text, ours)
        or _first_theirs(_ANY.findall(text), ours)
    )


def _pieces(told: str, recipients: list[str]) -> list[tuple[str, str]]:
    """What the daemon tells of each recipient: from its address to the next, or all of it where that says nothing."""
    if len(recipients) == 1:
        return [(recipients[0], told)]
    starts = {one: max(told.lower().find(one.lower()), 0) for one in recipients}
    ends = [*sorted(starts.values()), len(told)]
    found = {one: told[start : next((end for end in ends if end > start), len(told))] for one, start in starts.items()}
    return [(one, piece if any(said.search(piece) for said in _SAID) else told) for one, piece in found.items()]


def _judged(recipient: str, told: str, subject: str) -> Failure:
    enhanced, code = _ENHANCED_FAULT.search(told), _CODE.search(told)
    status = enhanced[0] if enhanced else f"{code[1]}.0.0" if code else ""
    good = _for_good(status, told) if status else _by_words(f"{subject}\n{told}")
    # Gmail writes so below a code of class 5 too.
    good = good and _RETRIED.search(told) is None
    delayed = status.startswith("4") or (not status and _FOR_NOW.search(f"{subject}\n{told}") is not None and not good)
    outcome: Outcome = "delayed" if delayed else "failed"
    return Failure(recipient.lower(), outcome, good, status, " ".join(told.split())[:500])


def _by_words(text: str) -> bool:
    return _FULL.search(text) is None and _EXPIRED.search(text) is None and _FOR_GOOD.search(text) is not None


def _named(text: str, ours: frozenset[str]) -> list[str]:
    """The failed recipient that a daemon names in its text, by the clearest phrase first."""
    for pattern in _NAMED:
        found = [address for address in pattern.findall(text) if _is_theirs(address, ours)]
        if found:
            return list(dict.fromkeys(found[:5]))
    return []


def _first_theirs(addresses: Iterable[str], ours: frozenset[str]) -> list[str]:
    return [address for address in addresses if _is_theirs(address, ours)][:1]


def _is_theirs(address: str, ours: frozenset[str]) -> bool:
    return address.lower() not in ours and _DAEMON.match(address) is None and not address.lower().startswith("reply+")
