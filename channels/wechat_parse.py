"""From a WeChat push to what the house understands.

Rule: pure, and every push ends in a line of this table; whatever else WeChat invents is `ignored` with its XML kept.

| WeChat                                    | becomes                                                                  |
|-------------------------------------------|--------------------------------------------------------------------------|
| text                                      | text, stop, start or help by the words; choice when a menu message was   |
|                                           | tapped (`payload`: its bizmsgmenuid)                                     |
| image, voice, video, shortvideo, file     | media; a voice message's Recognition is its text (stop when it says so)  |
| location                                  | location; the label is its text, the point is a medium "geo:lat,lng"     |
| link, miniprogrampage                     | media: the address, and the title as text                                |
| subscribe                                 | follow; `payload`: the scene of the QR code, without "qrscene_"; `paid`  |
|                                           | where the event says that they follow after a payment                    |
| unsubscribe                               | unfollow                                                                 |
| SCAN                                      | scan; `payload`: the scene                                               |
| CLICK, scancode_*, pic_*, location_select | menu; `payload`: the key (a scanned code's content is the text; so is a  |
|                                           | chosen place's label, and its point is a medium)                         |
| VIEW, view_miniprogram                    | menu; `payload`: the address or the page                                 |
| TEMPLATESENDJOBFINISH                     | receipt: delivered, or failed ("failed:user block" for good)             |
| subscribe_msg_sent_event                  | a receipt for each message in its list                                   |
| MASSSENDJOBFINISH                         | receipt: sent or failed                                                  |
| subscribe_msg_popup_event, _change_event  | ignored, one for each template; `payload`: "subscribe:<template>:accept" |
|                                           | or ":reject", for who counts consents; no dialog is spoken to            |
| LOCATION                                  | ignored: the app reports its place by itself, every five seconds         |
| user_pay_from_pay_cell                    | ignored, and `paid`                                                      |
| any other                                 | ignored                                                                  |

A push in JSON has the same fields and becomes the same. `external_id` is MsgId for messages, and
FromUserName:CreateTime:Event:EventKey for events; `account` is ToUserName.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Final

from channels.message import Inbound, Kind, Media, Receipt
from channels.unix_time import moment
from channels.wechat_envelope import Fields, field
from channels.words import CHAT, kind_of

Event = Inbound | Receipt

_MEDIA: Final[dict[str, str]] = {
    "image": "image/jpeg",
    "voice": "",
    "video": "video/mp4",
    "shortvideo": "video/mp4",
    "file": "",
}
_VOICE_MIME: Final = {"amr": "audio/amr", "speex": "audio/speex", "mp3": "audio/mpeg"}
# The EventKey of somebody who followed on the page that is shown after a payment: the payment's number, no scene.
_AFTER_PAYMENT: Final = "last_trade_no_"
# That of somebody whom a bar code of WeChat's product catalogue led here; it is no scene of ours.
_PRODUCT: Final = ("scanbarcode|", "scanimage|")
_SENT: Final = frozenset({"send success", "sendsuccess"})


@dataclass(frozen=True, slots=True)
class Push:
    """One push: its fields, its XML or JSON, when it was received, and the channel it came by."""

    channel: str
    fields: Fields
    raw: str
    received_at: datetime

    def __getitem__(self, name: str) -> str:
        return field(self.fields, name)

    @property
    def at(self) -> datetime:
        """CreateTime is in seconds; a push without a usable one happened when it was received."""
        return moment(self["CreateTime"]) or self.received_at


def read(push: Push) -> tuple[Event, ...]:
    """Everything that the push says; at least one event."""
    kind = push["MsgType"].lower()
    if kind == "event":
        return tuple(_EVENTS.get(push["Event"].lower(), _ignored_event)(push))
    return (_MESSAGES.get(kind, _ignored_message)(push),)


def inbound(push: Push, kind: Kind, external_id: str, *, text: str = "", payload: str = "") -> Inbound:
    """What somebody did; the person and the place to answer to are one, the open id."""
    sender = push["FromUserName"]
    return Inbound(
        kind=kind,
        channel=push.channel,
        account=push["ToUserName"],
        external_id=external_id,
        sender=sender,
        chat=sender,
        at=push.at,
        text=text,
        payload=payload,
        raw=push.raw,
    )


def message_id(push: Push) -> str:
    """MsgId; for the few types that come without one, the sender, the second and the content."""
    given = push["MsgId"] or push["MsgID"]
    if given:
        return given
    content = blake2b(push.raw.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return f"{push['FromUserName']}:{push['CreateTime']}:{content}"


def event_id(push: Push) -> str:
    """FromUserName:CreateTime:Event:EventKey, as they came: wechatpy renames a subscription by QR code."""
    event, key = push["Event"], push["EventKey"]
    if event == "subscribe_scan":
        event, key = "subscribe", f"qrscene_{key}"
    elif event == "subscribe_scan_product":
        event = "subscribe"
    return f"{push['FromUserName']}:{push['CreateTime']}:{event}:{key}"


def text_message(push: Push) -> Inbound:
    """A typed text, or a tap on a line of a menu message, which WeChat sends as a text with that line's id."""
    text, tapped = push["Content"], push["bizmsgmenuid"]
    if tapped:
        return inbound(push, "choice", message_id(push), text=text, payload=tapped)
    return inbound(push, kind_of(text, words=CHAT), message_id(push), text=text)


def media_message(push: Push) -> Inbound:
    """A picture, a video, a file, or a voice message with what WeChat understood of it."""
    type_ = push["MsgType"].lower()
    mime = _VOICE_MIME.get(push["Format"].lower(), "") if type_ == "voice" else _MEDIA.get(type_, "")
    heard = push["Recognition"] if type_ == "voice" else push["Title"] if type_ == "file" else ""
    kind: Kind = "stop" if heard and kind_of(heard, words=CHAT) == "stop" else "media"
    medium = Media(type_, push["MediaId"], push["PicUrl"], mime)
    return replace(inbound(push, kind, message_id(push), text=heard), media=(medium,))


def location_message(push: Push) -> Inbound:
    """A place that the customer chose and sent; Location_X is the latitude."""
    event = inbound(push, "location", message_id(push), text=push["Label"])
    return replace(event, media=(_point(push["Location_X"], push["Location_Y"]),))


def link_message(push: Push) -> Inbound:
    """A shared article, or a page of a mini program."""
    address = push["Url"] or push["PagePath"]
    shared = Media(push["MsgType"].lower(), push["ThumbMediaId"], address)
    return replace(inbound(push, "media", message_id(push), text=push["Title"]), media=(shared,))


def _ignored_message(push: Push) -> Inbound:
    return inbound(push, "ignored", message_id(push))


def _ignored_event(push: Push) -> Iterator[Event]:
    yield inbound(push, "ignored", event_id(push))


def _keyed(kind: Kind) -> Callable[[Push], Iterator[Event]]:
    def read_event(push: Push) -> Iterator[Event]:
        yield inbound(push, kind, event_id(push), payload=push["EventKey"])

    return read_event


def _followed(push: Push) -> Iterator[Event]:
    """`qrscene_` stands before the scene of our QR code; wechatpy has taken it away from an XML, not from a JSON."""
    key = push["EventKey"]
    scene = "" if key.startswith((_AFTER_PAYMENT, *_PRODUCT)) else key.removeprefix("qrscene_")
    event = inbound(push, "follow", event_id(push), payload=scene)
    yield replace(event, paid=True) if key.startswith(_AFTER_PAYMENT) else event


def _paid(push: Push) -> Iterator[Event]:
    yield replace(inbound(push, "ignored", event_id(push)), paid=True)


def _scanned_code(push: Push) -> Iterator[Event]:
    info = push.fields.get("ScanCodeInfo")
    result = field(info, "ScanResult") if isinstance(info, dict) else ""
    yield inbound(push, "menu", event_id(push), payload=push["EventKey"], text=result)


def _chosen_place(push: Push) -> Iterator[Event]:
    info = push.fields.get("SendLocationInfo")
    place: Fields = info if isinstance(info, dict) else {}
    event = inbound(push, "menu", event_id(push), payload=push["EventKey"], text=field(place, "Label"))
    known = (field(place, "Location_X"), field(place, "Location_Y"))
    yield replace(event, media=(_point(*known),)) if all(known) else event


def _point(latitude: str, longitude: str) -> Media:
    return Media("location", url=f"geo:{latitude},{longitude}")


def _template_sent(push: Push) -> Iterator[Event]:
    status = push["Status"]
    message = push["MsgID"] or push["MsgId"]
    yield _receipt(push, event_id(push), message, "" if status == "success" else status, status)


def _mass_sent(push: Push) -> Iterator[Event]:
    status = push["Status"]
    error = "" if status.lower() in _SENT else status
    receipt = _receipt(push, event_id(push), push["MsgID"] or push["MsgId"], error, status)
    yield receipt if error else replace(receipt, status="sent")


def _subscription_sent(push: Push) -> Iterator[Event]:
    for number, item in enumerate(_items(push, "SubscribeMsgSentEvent")):
        code = field(item, "ErrorCode")
        error = "" if code in ("", "0") else code
        message = field(item, "MsgID") or field(item, "MsgId")
        yield _receipt(push, f"{event_id(push)}:{message or number}", message, error, field(item, "ErrorStatus"))


def _subscription_changed(name: str) -> Callable[[Push], Iterator[Event]]:
    def read_event(push: Push) -> Iterator[Event]:
        for item in _items(push, name):
            template, decision = field(item, "TemplateId"), field(item, "SubscribeStatusString")
            yield inbound(
                push, "ignored", f"{event_id(push)}:{template}", payload=f"subscribe:{template}:{decision.lower()}"
            )

    return read_event


def _items(push: Push, name: str) -> list[Fields]:
    """The list within an event: one `List` element is a mapping, several are a list, none is one empty item.

    In JSON the `List` stands beside the event's name and not within an element of its own.
    """
    holder = push.fields.get(name, push.fields)
    found = holder.get("List", holder) if isinstance(holder, dict) else holder
    several = found if isinstance(found, list) else [found]
    items: list[Fields] = [item for item in several if isinstance(item, dict)]
    return items or [{}]


def _receipt(push: Push, external_id: str, message: str, error: str, reason: str) -> Receipt:
    return Receipt(
        channel=push.channel,
        account=push["ToUserName"],
        external_id=external_id,
        message=message,
        status="failed" if error else "delivered",
        at=push.at,
        error_code=error,
        reason=reason if error else "",
        permanent="block" in error.lower(),
        raw=push.raw,
    )


_MESSAGES: Final[dict[str, Callable[[Push], Inbound]]] = {
    "text": text_message,
    "location": location_message,
    "link": link_message,
    "miniprogrampage": link_message,
    **dict.fromkeys(_MEDIA, media_message),
}
_EVENTS: Final[dict[str, Callable[[Push], Iterator[Event]]]] = {
    "subscribe": _followed,
    "subscribe_scan": _followed,
    "subscribe_scan_product": _followed,
    "unsubscribe": _keyed("unfollow"),
    "scan": _keyed("scan"),
    "click": _keyed("menu"),
    "view": _keyed("menu"),
    "view_miniprogram": _keyed("menu"),
    "scancode_push": _scanned_code,
    "scancode_waitmsg": _scanned_code,
    "pic_sysphoto": _keyed("menu"),
    "pic_photo_or_album": _keyed("menu"),
    "pic_weixin": _keyed("menu"),
    "location_select": _chosen_place,
    "templatesendjobfinish": _template_sent,
    "masssendjobfinish": _mass_sent,
    "user_pay_from_pay_cell": _paid,
    "subscribe_msg_sent_event": _subscription_sent,
    "subscribe_msg_popup_event": _subscription_changed("SubscribeMsgPopupEvent"),
    "subscribe_msg_change_event": _subscription_changed("SubscribeMsgChangeEvent"),
}
