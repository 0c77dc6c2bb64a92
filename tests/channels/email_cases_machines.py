"""Mails about mails, answering machines and lists, as the servers that are met most often write them."""

# ruff: noqa: E501 (a mail's line is as long as its writer made it)

from __future__ import annotations

from dataclasses import dataclass

from tests.channels.email_mails import ASKED, OURS, QUESTION, head, html, multipart, part, plain

GONE = "ann.lee@example.net"


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail that came back."""

    name: str
    raw: bytes
    permanent: bool
    status: str
    recipient: str = GONE


def daemon(sender: str, subject: str, extra: str = "Return-Path: <>") -> str:
    return head(sender=sender, subject=subject, answers="", extra=extra)


def returned(message_id: str = ASKED) -> bytes:
    """Our own mail as it is enclosed."""
    return (
        f"Content-Type: message/rfc822\r\n\r\nFrom: Jade Hotel <{OURS}>\r\nTo: Ann <{GONE}>\r\nSubject: How was your stay?\r\n"
        f"Message-ID: {message_id}\r\nReply-To: reply+Tok3n-aB_9@jade.example\r\n\r\n{QUESTION}\r\n"
    ).encode()


def status(*groups: str, kind: str = "delivery-status") -> bytes:
    body = "\n\n".join(["Reporting-MTA: dns; mx.jade.example", *groups]) + "\n"
    return f"Content-Type: message/{kind}\r\n\r\n{body}".replace("\r\n", "\n").replace("\n", "\r\n").encode()


def group(action: str, code: str, said: str, recipient: str = GONE, extra: str = "") -> str:
    return (
        f"Final-Recipient: rfc822; {recipient}\n{extra}Action: {action}\nStatus: {code}\nDiagnostic-Code: smtp; {said}"
    )


def report(
    words: str,
    *parts: bytes,
    sender: str = "MAILER-DAEMON@jade.example (Mail Delivery System)",
    subject: str = "Undelivered Mail Returned to Sender",
    kind: str = "delivery-status",
    extra: str = "Return-Path: <>",
) -> bytes:
    """A multipart/report."""
    return multipart(
        part(words, encoding="7bit", charset="utf-8"), *parts, subtype="report",
        headers=daemon(sender, subject, extra), parameters=f"; report-type={kind}",
    )  # fmt: skip


POSTFIX = f"""This is the mail system at host mx.jade.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<{GONE}>: host mx.example.net[192.0.2.7] said: 550 5.1.1 <{GONE}>:
    Recipient address rejected: User unknown (in reply to RCPT TO command)
"""
QMAIL = f"""Hi. This is the qmail-send program at jade.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{GONE}>:
192.0.2.7 does not like recipient.
Remote host said: 550 sorry, no mailbox here by that name (#5.1.1 - chkuser)
Giving up on 192.0.2.7.

--- Below this line is a copy of the message.

Return-Path: <{OURS}>
To: someone.else@example.org
"""
EXIM = f"""This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {GONE}
    host mx.example.net [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<{GONE}>:
    550 No such user here
"""
EXCHANGE = f"""Your message to {GONE} couldn't be delivered.

ann.lee wasn't found at example.net.
feedback Office 365 ann.lee
Action Required Recipient
Unknown To address

Status code: 550 5.1.10
"""
QQ = f"""<html><body><p>很抱歉您发送的邮件被退回，以下是该邮件的相关信息：</p><table><tr><td>被退回邮件</td><td>主 题：您的入住体验
<br/>时 间：2026-10-05 14:31:25</td></tr></table><table><tr><td>无法发送到 {GONE}</td></tr><tr><td>退信原因</td><td>
收件人邮件地址（{GONE}）不存在，邮件无法送达。<br/>host mx3.qq.com said: 550 Mailbox not found. http://service.mail.qq.com</td>
</tr><tr><td>解决方案</td><td>请联系您的收件人，重新核实邮箱地址。</td></tr></table></body></html>"""
NETEASE = f"""抱歉，您的邮件被退回来了……
原邮件信息：
时　间：2026-10-05 10:00:00
主　题：您的入住体验如何？
收件人：{GONE}
退信原因：
收件人邮箱地址不存在或者被禁用 (550 User not found: {GONE})
建议解决方案：请核对收件人地址后重新发送。
"""
GMAIL = f"""
** Address not found **

Your message wasn't delivered to {GONE} because the address couldn't be found, or is unable to receive mail.

The response was:

550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the address.
"""

BOUNCES = [
    Bounce(
        "postfix",
        report(POSTFIX, status(group("failed", "5.1.1", "550 5.1.1 User unknown")), returned()),
        True,
        "5.1.1",
    ),
    Bounce(
        "postfix, delayed",
        report(
            "Delayed Mail (still being retried)",
            status(group("delayed", "4.4.1", "connect: timed out")),
            returned(),
            subject="Delayed Mail (still being retried)",
        ),
        False,
        "4.4.1",
    ),
    Bounce(
        "given up after days",
        report("expired", status(group("failed", "4.4.7", "delivery time expired")), returned()),
        False,
        "4.4.7",
    ),
    Bounce(
        "a full mailbox",
        report("full", status(group("failed", "5.2.2", "552 5.2.2 Mailbox full")), returned()),
        False,
        "5.2.2",
    ),
    Bounce(
        "a full mailbox under a vague status",
        report("full", status(group("failed", "5.0.0", "552 over quota")), returned()),
        False,
        "5.0.0",
    ),
    Bounce(
        "forwarded: the address that we wrote to counts",
        report(
            "x",
            status(group("failed", "5.1.1", "550", "ann@other.example", f"Original-Recipient: rfc822;{GONE}\n")),
            returned(),
        ),
        True,
        "5.1.1",
    ),
    Bounce(
        "a report without the old mail",
        report("x", status(group("failed", "5.7.1", "550 5.7.1 refused")), sender="postmaster@example.net"),
        True,
        "5.7.1",
    ),
    Bounce(
        "exchange online",
        report(
            EXCHANGE,
            status(group("failed", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound")),
            returned(),
            sender="Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@jade.example>",
            subject="Undeliverable: How was your stay?",
        ),
        True,
        "5.1.10",
    ),
    Bounce(
        "gmail",
        report(
            GMAIL,
            status(group("failed", "5.1.1", "550-5.1.1 no such user")),
            returned(),
            sender="Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            subject="Delivery Status Notification (Failure)",
            extra=f"X-Failed-Recipients: {GONE}",
        ),
        True,
        "5.1.1",
    ),
    Bounce("qmail", plain(QMAIL, headers=daemon("MAILER-DAEMON@jade.example", "failure notice")), True, "5.1.1"),
    Bounce(
        "exim",
        plain(
            EXIM,
            headers=daemon(
                "Mail Delivery System <Mailer-Daemon@jade.example>",
                "Mail delivery failed: returning message to sender",
                f"X-Failed-Recipients: {GONE}\nAuto-Submitted: auto-replied",
            ),
        ),
        True,
        "5.0.0",
    ),
    Bounce(
        "exim without the header",
        plain(EXIM, headers=daemon("Mail Delivery System <Mailer-Daemon@jade.example>", "Mail delivery failed")),
        True,
        "5.0.0",
    ),
    Bounce(
        "QQ 系统退信", html(QQ, headers=daemon("PostMaster <PostMaster@qq.com>", "来自qq.com的退信")), True, "5.0.0"
    ),
    Bounce(
        "163 系统退信",
        plain(NETEASE, headers=daemon("Postmaster@163.com", "系统退信"), charset="gb18030", said="gb2312"),
        True,
        "5.0.0",
    ),
    Bounce(
        "退信, mailbox full",
        plain(
            f"您的邮件无法投递到 {GONE}，原因：收件人邮箱已满。",
            headers=daemon("postmaster@corp.example.cn", "邮件投递失败通知"),
        ),
        False,
        "",
    ),
    Bounce(
        "yahoo",
        plain(
            f"Sorry, we were unable to deliver your message to the following address.\n\n<{GONE}>:\n554: delivery error: dd This user doesn't have an account\n",
            headers=daemon("MAILER-DAEMON@mail.example", "Failure Notice"),
        ),
        True,
        "5.0.0",
    ),
    Bounce(
        "domino",
        plain(
            f"Your message\n\n  Subject: Stay\n\nwas not delivered to:\n\n  {GONE}\n\nbecause:\n\n  User ann ({GONE}) not listed in Domino Directory\n",
            headers=daemon("Postmaster@example.net", f"DELIVERY FAILURE: User ann ({GONE}) not listed"),
        ),
        True,
        "",
    ),
    Bounce(
        "mdaemon",
        plain(
            f"The attached message had PERMANENT fatal delivery errors!\n\n  Failed address: {GONE}\n\n--- Session Transcript ---\n 550 5.1.1 unknown user\n",
            headers=daemon("MDaemon at example.net <MDaemon@example.net>", "Permanent Delivery Failure"),
        ),
        True,
        "5.1.1",
    ),
    Bounce(
        "an original recipient left in xtext",
        report(
            "x",
            status(
                group("failed", "5.1.1", "550", "ann+x@example.net", "Original-Recipient: rfc822;ann+2Bx@example.net\n")
            ),
        ),
        True,
        "5.1.1",
        "ann+x@example.net",
    ),
    Bounce(
        "an internationalised report",
        report(
            "x", status(group("failed", "5.1.1", "550", "李安@例子.example"), kind="global-delivery-status"), returned()
        ),
        True,
        "5.1.1",
        "李安@例子.example",
    ),
    Bounce(
        "words only, no code",
        plain(
            f"Your message to <{GONE}> could not be delivered: unknown user.",
            headers=daemon("postmaster@example.net", "Undeliverable"),
        ),
        True,
        "",
    ),
]


@dataclass(frozen=True, slots=True)
class Machine:
    """A mail that nobody wrote just now."""

    name: str
    raw: bytes
    kind: str


def _says(extra: str, subject: str = "Re: How was your stay?", text: str = "I am away.", answers: str = ASKED) -> bytes:
    return plain(text, headers=head(subject=subject, extra=extra, answers=answers))


MACHINES = [
    Machine("auto-replied", _says("Auto-Submitted: auto-replied"), "auto_reply"),
    Machine(
        "sieve vacation",
        _says("Auto-Submitted: auto-replied (vacation)\nPrecedence: bulk", "Auto: Re: How was"),
        "auto_reply",
    ),
    Machine("an old vacation program", _says("Precedence: junk\nX-Loop: Virtual Vacation", "Out: Stay"), "auto_reply"),
    Machine("words alone", _says("", text="Hi,\n\nI’m out of the office until Monday. Call Bob."), "auto_reply"),
    Machine("QQ 假期", _says("", text="您好，我最近正在休假中，无法亲自回复您的邮件。"), "auto_reply"),
    Machine("auto-generated", _says("Auto-Submitted: auto-generated"), "auto_reply"),
    Machine("gmail vacation", _says("Precedence: bulk\nX-Autoreply: yes\nAuto-Submitted: auto-replied"), "auto_reply"),
    Machine("x-autorespond", _says("X-Autorespond: Re: stay"), "auto_reply"),
    Machine("x-autoreply", _says("X-Autoreply: yes"), "auto_reply"),
    Machine("x-autogenerated", _says("X-Autogenerated: Reply"), "auto_reply"),
    Machine("firstclass", _says("X-FC-MachineGenerated: true"), "auto_reply"),
    Machine("x-post-messageclass", _says("X-POST-MessageClass: 9; Autoresponder"), "auto_reply"),
    Machine("lotus notes", _says("", "Ann Lee is out of the office."), "auto_reply"),
    Machine("lotus notes, later", _says("", "AUTO: Ann Lee is out of the office (returning 10/09/2026)"), "auto_reply"),
    Machine("【自动回复】", _says("", "【自动回复】您的入住体验如何？"), "auto_reply"),
    Machine("precedence auto_reply", _says("Precedence: auto_reply"), "auto_reply"),
    Machine(
        "exchange out of office",
        _says("X-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated", "Automatic reply: How was your stay?"),
        "auto_reply",
    ),
    Machine(
        "old exchange",
        _says("X-Auto-Response-Suppress: DR, OOF, AutoReply", "Out of Office AutoReply: How was"),
        "auto_reply",
    ),
    Machine("subject alone", _says("", "Out of office: How was your stay?"), "auto_reply"),
    Machine("自动回复", _says("", "自动回复: 您的入住体验如何？"), "auto_reply"),
    Machine("不在办公室", _says("", "张三 不在办公室 (返回时间 2026-10-12)"), "auto_reply"),
    Machine("自動回覆", _says("", "自動回覆：您的入住體驗如何？"), "auto_reply"),
    Machine("休假", _says("", "休假自动回复"), "auto_reply"),
    Machine(
        "QQ vacation",
        _says(
            "",
            "回复：您的入住体验如何？",
            "这是来自QQ邮箱的假期自动回复邮件。\n \n您好，我最近正在休假中，无法亲自回复您的邮件。",
        ),
        "auto_reply",
    ),
    Machine("a null return path", _says("Return-Path: <>"), "auto_reply"),
    Machine(
        "a ticket system",
        _says("Auto-Submitted: auto-generated\nPrecedence: bulk", "[#381] Your request was received"),
        "auto_reply",
    ),
    Machine("a list", _says("List-Id: <travel.lists.example.org>\nPrecedence: list", "[travel] hotels"), "list_mail"),
    Machine(
        "a newsletter", _says("List-Unsubscribe: <https://news.example/u>", "Autumn offers", answers=""), "list_mail"
    ),
    Machine("precedence bulk", _says("Precedence: bulk", "Offers", answers=""), "list_mail"),
    Machine(
        "a service's notice",
        plain('{"notificationType":"Bounce"}', headers=head(sender="AWS <no-reply@sns.example>", answers="")),
        "auto_reply",
    ),
    Machine("precedence junk", _says("Precedence: junk", "Offers", answers=""), "list_mail"),
    Machine("a person whose mail says no", _says("Auto-Submitted: no", text="8"), "text"),
    Machine("a person who suppresses receipts", _says("X-Auto-Response-Suppress: DR, RN", text="8"), "text"),
    Machine(
        "a person whose server wants no answers of machines",
        _says("User-Agent: Thunderbird\nX-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply", text="8"),
        "text",
    ),
    Machine("a person who writes of an automatic door", _says("", "Re: automatic door", "It is slow"), "text"),
    Machine("a person who asks whether it is one", _says("", "Re: stay", "这是自动回复吗？我要人工"), "text"),
    Machine("a person who complains of them", _says("", "Re: stay", "系统自动发送的提醒太多了，2分"), "text"),
    Machine(
        "a person who asks for a human", _says("", "Re: stay", "This is an automatic reply? Get me a human"), "text"
    ),
    Machine("a person who asks about hours", _says("", "Re: Your out of office hours support", "4"), "text"),
    Machine("a person who was out", _says("", text="I was out of the office, sorry. 9"), "text"),
    Machine("a person back from vacation", _says("", "Vacation in Spain", "We liked it, 9"), "text"),
    Machine(
        "a person who was told of a bounce",
        _says("", "Re: Undelivered Mail", "your mail to my boss could not be delivered"),
        "text",
    ),
]
