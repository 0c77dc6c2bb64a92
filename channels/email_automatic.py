"""Mail that no person wrote just now: answering machines and lists (RFC 3834). Never answered, never an answer.

Rule: a header that says so decides; a subject or an opening line counts only in the fixed forms that programs write.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from channels.email_headers import Headers

_SUBJECT: Final = re.compile(
    r"^\W{0,3}(?:(?:re|aw|回复|答复)\s*[:：]\s*)?\W{0,3}(?:"
    r"auto(?:mat(?:ic|ed))?[\s-]*(?:reply|response|answer|responder)|auto(?:matic)?:|"
    r"out[\s-]of[\s-](?:the[\s-])?office|"
    r"(?:ooo|oof)\s*[:：]|vacation (?:reply|message|response)|away from (?:the |my )?(?:office|mail)|"
    r"(?:\S{0,12})?(?:自动|自動)(?:回复|回覆|答复|答覆|应答|回信)|"
    r"休假(?:中|自动|通知|回复|[:：]|$)|(?:外出|假期|不在办公室)(?:自动)?(?:通知|回复|[:：]|$)|已读回执|读取回执|"
    r"阅读回执|已读[:：]|"
    r"read receipt|return receipt|read:|"
    r"automatische (?:antwort|antwoord)|abwesenheits|réponse automatique|absence du bureau|respuesta automática|"
    r"fuera de (?:la )?oficina|risposta automatica|fuori sede|resposta automática|automatisch antwoord|autosvar|"
    r"automaattinen vastaus|автоответ|automatická odpověď|odpowiedź automatyczna|"
    r"自動返信|自動応答|不在通知|자동 ?회신|자동 ?응답)",
    re.IGNORECASE,
)
_OPENING: Final = re.compile(
    r"^\W{0,4}(?:这是(?:一封)?来自.{0,12}邮箱的.{0,6}自动回复|这是(?:一封|一个|系统)?自动(?:回复|答复|发送)|"
    r"(?:此|本)(?:邮件|信)(?:为|是|由)?(?:系统)?自动(?:回复|发送|发出|生成)|系统自动(?:回复|发送)|自动回复[:：]|"
    r"這是(?:一封|系統)?自動(?:回覆|回復|發送)|此為系統自動|"
    r"(?:this is an? (?:auto(?:mat(?:ic|ed|ically generated))?)[ -]?(?:reply|response|message|e-?mail)))",
    re.IGNORECASE,
)
_QUIET: Final = re.compile(r"\b(?:all|oof|autoreply)\b", re.IGNORECASE)
_MACHINES: Final = (
    "x-autoreply",
    "x-auto-reply",
    "x-autorespond",
    "x-autoresponse",
    "x-autoreply-from",
    "x-mail-autoreply",
    "x-vacation",
    "x-post-messageclass-oof",
    "x-ms-exchange-inbox-rules-loop",
    "x-qq-auto-reply",
    "delivered-to-autoresponder",
)
_LISTS: Final = ("list-id", "list-post", "list-unsubscribe", "mailing-list", "x-mailing-list", "x-mailman-version")


def automatic_kind(headers: Headers, *, opening: str) -> Literal["auto_reply", "list_mail", ""]:
    """What kind of machine wrote it, "" for a person. `opening` is the beginning of the reply's text."""
    if _answers_by_itself(headers) or _SUBJECT.match(headers.text("subject")) or _OPENING.match(opening):
        return "auto_reply"
    if headers.has(*_LISTS):
        return "list_mail"
    if _is_submitted_by_a_program(headers):
        return "auto_reply"
    if headers.first("precedence", "x-precedence").lower() in ("list", "bulk", "junk"):
        return "list_mail"
    return "auto_reply" if _is_generated(headers) else ""


def _answers_by_itself(headers: Headers) -> bool:
    submitted = headers.first("auto-submitted").lower().split(";")[0].strip()
    precedence = headers.first("precedence", "x-precedence").lower()
    machine = any(value.strip().lower() not in ("no", "false", "0") for value in headers.all(*_MACHINES))
    return submitted.startswith("auto-replied") or machine or precedence in ("auto_reply", "auto-reply", "autoreply")


def _is_submitted_by_a_program(headers: Headers) -> bool:
    submitted = headers.first("auto-submitted").lower().split(";")[0].strip()
    return submitted not in ("", "no") or headers.first("return-path").replace(" ", "") == "<>"


def _is_generated(headers: Headers) -> bool:
    quiet = _QUIET.search(headers.first("x-auto-response-suppress")) is not None
    # Exchange and Outlook mark what they write themselves.
    generated = headers.first("x-ms-exchange-generated-message-source") != ""
    daemon = re.match(r"^(?:mailer-daemon|postmaster)@", headers.first("from").rpartition("<")[2], re.IGNORECASE)
    return quiet or generated or daemon is not None
