"""A form that Twilio posts becomes what somebody did, or what became of a message of ours.

Rule: total over every form; a field that is missing or odd is simply not known. A Twilio webhook carries no time of its
own, so the time is that of its arrival.

    form                                        event       carries
    Body                                        text        text; stop, start, help by the platform's words
    OptOutType=STOP | START | HELP              stop …      whatever the words say (Twilio's Advanced Opt-Out)
    NumMedia > 0, or MediaUrl0                  media       media with Twilio's addresses, text: the body; stop …
                                                            where the body says so, as a picture goes along by itself
    ButtonPayload, ListId (WhatsApp, RCS)       choice      payload, text: the button's or the line's
    Latitude, Longitude (WhatsApp)              location    text: the place's name, media: the point as "geo:lat,lng"
    MessageStatus, or SmsStatus not "received"  Receipt     status, error_code, permanent, retry_after, reference
    a call, or anything else                    ignored

`external_id` is the MessageSid, empty where there is none. The receipts of one message share it: they are told apart by
their status, which only moves forward.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from channels.errors import MalformedRequest
from channels.message import Inbound, Kind, Media, Receipt, ReceiptStatus
from channels.sms_errors import GONE, LATER, STOPPED, reason_of
from channels.sms_numbers import as_received
from channels.words import Words, kind_of

# https://www.twilio.com/docs/messaging/api/message-resource#message-status-values. What Twilio has but the carrier does
# not yet counts as sent: Twilio accepted it, and the next status comes by itself.
_STATUSES: Final[dict[str, ReceiptStatus]] = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "partially_delivered": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
_OPT_OUT: Final[dict[str, Kind]] = {"STOP": "stop", "START": "start", "HELP": "help"}
# The fields that hold the words of these kinds; of all others it is the Body.
_TEXTS: Final[dict[Kind, tuple[str, ...]]] = {
    "choice": ("ButtonText", "ListTitle", "Body"),
    "text": ("Body", "ButtonText"),
    "location": ("Body", "Label", "Address"),
}
# The button's own string, and that of a list's line (https://www.twilio.com/docs/content/twiliolist-picker).
_PAYLOADS: Final = ("ButtonPayload", "ListId")
MAX_FIELDS: Final = 300
_MAX_MEDIA: Final = 10


class Form(dict[str, list[str]]):
    """Fields with all their values; `getall` is what Twilio's RequestValidator asks a multi-value form for."""

    def getall(self, name: str) -> list[str]:
        """All values of a field."""
        return self[name]

    def first(self, *names: str) -> str:
        """The first value of the first of these fields that is there and not empty, or an empty string."""
        for name in names:
            values = self.get(name)
            if values and values[0]:
                return values[0]
        return ""


def form_of(body: str) -> Form:
    """A form, or a query, as fields; MalformedRequest for one of absurdly many fields."""
    try:
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise MalformedRequest(f"the form has more than {MAX_FIELDS} fields") from None
    form = Form()
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form


def read(form: Form, *, account: str, reference: str, words: Words, at: datetime) -> Inbound | Receipt:
    """The one event of a form. MalformedRequest where no field is Twilio's."""
    sid = form.first("MessageSid", "SmsSid", "SmsMessageSid")
    account = account or form.first("AccountSid")
    if not sid and not account and not form.first("From", "CallSid"):
        raise MalformedRequest("the body is no Twilio form: MessageSid and AccountSid are both missing")
    status = form.first("MessageStatus", "SmsStatus").lower()
    if sid and status not in ("", "received", "receiving"):
        return _receipt(form, sid, account, status, reference, at)
    sender = as_received(form.first("From"))
    # Servers in Twilio's place may number nothing; a message without a sid is one all the same.
    written = bool(sid) or ("Body" in form and "CallSid" not in form)
    kind: Kind = _kind(form, words) if written and sender else "ignored"
    return Inbound(
        kind=kind,
        channel="sms",
        account=account,
        external_id=sid,
        sender=sender,
        chat=sender,
        at=at,
        text=form.first(*_TEXTS.get(kind, ("Body",))),
        payload=form.first(*_PAYLOADS),
        name=form.first("ProfileName"),
        reply_to=form.first("OriginalRepliedMessageSid"),
        media=_place(form) if kind == "location" else tuple(_media(form)),
        raw=plain(form),
    )


def plain(form: Mapping[str, list[str]]) -> dict[str, Any]:
    """The form as JSON-able data, single values without their list."""
    return {name: values[0] if len(values) == 1 else values for name, values in form.items()}


def _kind(form: Form, words: Words) -> Kind:
    if opted := _OPT_OUT.get(form.first("OptOutType").upper()):
        return opted
    if form.first(*_PAYLOADS):
        return "choice"
    if form.first("Latitude") and form.first("Longitude"):
        return "location"
    said = kind_of(form.first(*_TEXTS["text"]), words=words)
    return "media" if said == "text" and _count(form) else said


def _media(form: Form) -> Iterable[Media]:
    for number in range(_count(form)):
        mime, url = form.first(f"MediaContentType{number}"), form.first(f"MediaUrl{number}")
        yield Media(type=mime.partition("/")[0] or "file", id=url.rpartition("/")[2], url=url, mime=mime)


def _place(form: Form) -> tuple[Media, ...]:
    return (Media("location", url=f"geo:{form.first('Latitude')},{form.first('Longitude')}"),)


def _receipt(form: Form, sid: str, account: str, status: str, reference: str, at: datetime) -> Receipt:
    known = _STATUSES.get(status, "sent")
    code = form.first("ErrorCode") if form.first("ErrorCode") != "0" else ""
    failed = known == "failed"
    return Receipt(
        channel="sms",
        account=account,
        external_id=sid,
        message=sid,
        status=known,
        at=at,
        reference=reference,
        error_code=code,
        reason=reason_of(code) or form.first("ErrorMessage", "ChannelStatusMessage"),
        permanent=failed and code in GONE,
        stopped=failed and code in STOPPED,
        retry_after=LATER[code][1] if failed and code in LATER else None,
        raw=plain(form),
    )


def _count(form: Form) -> int:
    """How many things are attached; servers in Twilio's place may send their addresses alone."""
    told = form.first("NumMedia")
    number = int(told) if told.isascii() and told.isdigit() and len(told) < 4 else 0
    if not number and "MediaUrl0" in form:
        number = sum(f"MediaUrl{n}" in form for n in range(_MAX_MEDIA))
    return min(number, _MAX_MEDIA)
