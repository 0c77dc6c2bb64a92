"""A Telegram update, as plain JSON, becomes one thing that somebody did.

Rule: whatever a signed update holds or lacks, exactly one `Inbound` comes out, and nothing is raised. aiogram's models
refuse an update for one missing field, so fields are read one by one here; what is absent is simply not known.

    update                                  kind        carries
    message.text, .rich_message             text        text; stop where it is a stop word alone (the text is kept)
      /start                                start
      /start PAYLOAD                        command     payload (the deep link's), text as written
      /stop, /help                          stop, help
      any other /command                    command     text as written; for another bot's name: ignored
    message with a photo, voice, …          media       media (the largest photo), text: the caption, a sticker's emoji;
                                                        stop where the caption is a stop word alone
    message with nothing but a caption      media       text: the caption of something not known yet, or left out
    message.location, .venue                location    text: the venue's name, media: the point as "geo:lat,lng"
    message.contact                         contact     text: the telephone number
    message.migrate_to_chat_id              ignored     moved_to: the supergroup's id
    any other service message               ignored     members, pins, topics, payments, things not known yet
    edited_message                          edited      the new text or caption, or where a live location is now; stop
                                                        where it was edited to a stop word
    callback_query with data                choice      payload, pressed (the message), callback (the query to answer)
    callback_query without data (a game)    ignored     callback, since it is to be answered all the same
    my_chat_member, private                 blocked     when the bot was kicked or left
                                            unblocked   when it may write again
    my_chat_member, group                   follow      the bot was added
                                            unfollow    the bot was removed
                                            ignored     the bot's rights changed
    a bot's message, channel_post, …        ignored     also every update that is not asked for in ALLOWED_UPDATES

`external_id` is the `update_id`; `message` the `message_id`, which an edit shares with what it edits. `at` is the
message's date; a press carries none, so it is the time of its arrival. Servers that emulate Telegram's write ids and
dates in quotes, dates in milliseconds, and telephone numbers as numbers; they are read all the same.
`thread` is a forum topic; the message that opened the topic is not what a message in it replies to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from channels.channel import Clock
from channels.message import Inbound, Kind, Media
from channels.telegram_rich import words_of
from channels.unix_time import moment
from channels.words import CHAT, kind_of

ALLOWED_UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")

# An anonymous administrator writes as @GroupAnonymousBot, somebody behind a channel as @Channel_Bot; both are people.
_PEOPLE_AMONG_BOTS: Final = frozenset({"1087968824", "136817688"})
# `animation` before `document`: an animation carries both.
_MEDIA: Final = (
    *("photo", "voice", "animation", "audio", "document", "live_photo", "sticker", "video", "video_note", "paid_media"),
    *("story", "dice", "poll", "game", "checklist", "rich_message"),
)
_COMMAND: Final = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]{3,64}))?(?:\s+(.*))?\Z", re.DOTALL)

Json = Mapping[str, Any]
_NOTHING: Final[Json] = {}


def read(update: Json, *, account: str, username: str, clock: Clock) -> Inbound:
    """What happened. `account` is the bot's id, `username` its name without the @ ("" where not known)."""
    for name, reader in _READERS.items():
        content = update.get(name)
        if isinstance(content, dict):
            return reader(_about(update, content, account, clock), content, username)
    content = next((value for value in update.values() if isinstance(value, dict)), _NOTHING)
    return _about(update, content, account, clock)


def _about(update: Json, content: Json, account: str, clock: Clock) -> Inbound:
    """Who, where and when, still of kind `ignored`; the readers decide the kind."""
    message = _map(content.get("message")) or content
    chat, person = _map(message.get("chat")), _map(content.get("from") or content.get("user"))
    place, who = _id(chat.get("id")), _id(person.get("id"))
    sender = who or _id(_map(content.get("sender_chat")).get("id")) or place
    group = chat.get("type") in ("group", "supergroup") if "type" in chat else place.startswith("-")
    return Inbound(
        kind="ignored",
        channel="telegram",
        account=account,
        external_id=_id(update.get("update_id")) or _made_up_id(place, message),
        sender=sender,
        chat=place or sender,
        at=_time(content.get("edit_date") or content.get("date"), clock),
        name=_name(person),
        language=_text(person.get("language_code")),
        group=group,
        message=_id(content.get("message_id")),
        thread=_id(message.get("message_thread_id")) if message.get("is_topic_message") is True else "",
        raw=update,
    )


def _message(about: Inbound, message: Json, username: str) -> Inbound:
    if _not_a_person(about, message):
        return about
    about = replace(about, reply_to=_reply_to(message))
    text = message.get("text")
    if not isinstance(text, str) and "rich_message" in message:
        text = words_of(message["rich_message"]) or None
    if isinstance(text, str):
        return _texted(about, text, username)
    if "migrate_to_chat_id" in message:
        return replace(about, moved_to=_id(message["migrate_to_chat_id"]))
    if "location" in message or "venue" in message:
        return _placed(about, message)
    if "contact" in message:
        return replace(about, kind="contact", text=_id(_map(message["contact"]).get("phone_number")))
    return _shown(about, message)


def _texted(about: Inbound, text: str, username: str) -> Inbound:
    if text.startswith("/") and (command := _COMMAND.match(text)):
        name, addressee, rest = command.group(1).lower(), command.group(2), (command.group(3) or "").strip()
        if addressee and username and addressee.lower() != username.lower():
            return replace(about, text=text)
        if name == "start" and rest:
            return replace(about, kind="command", text=text, payload=rest)
        return replace(about, kind=_COMMANDS.get(name, "command"), text=text)
    return replace(about, kind=kind_of(text, words=CHAT), text=text)


def _shown(about: Inbound, message: Json) -> Inbound:
    media, caption = _media(message), _caption(message)
    if media is None and not caption:
        return about
    kind: Kind = "stop" if kind_of(caption, words=CHAT) == "stop" else "media"
    return replace(about, kind=kind, text=caption, media=(media,) if media else ())


def _placed(about: Inbound, message: Json) -> Inbound:
    title = _text(_map(message.get("venue")).get("title"))
    return replace(about, kind="location", text=title, media=(_point(message),))


def _point(message: Json) -> Media:
    point = _map(message.get("location") or _map(message.get("venue")).get("location"))
    latitude, longitude = point.get("latitude"), point.get("longitude")
    known = isinstance(latitude, int | float) and isinstance(longitude, int | float)
    return Media("location", url=f"geo:{latitude},{longitude}" if known else "")


def _edited(about: Inbound, message: Json, _username: str) -> Inbound:
    if _not_a_person(about, message):
        return about
    text = _text(message.get("text")) or words_of(message.get("rich_message")) or _caption(message)
    kind: Kind = "stop" if kind_of(text, words=CHAT) == "stop" else "edited"
    media = _point(message) if "location" in message else _media(message)
    about = replace(about, kind=kind, text=text, reply_to=_reply_to(message))
    return replace(about, media=(media,)) if media else about


def _pressed(about: Inbound, query: Json, _username: str) -> Inbound:
    data = query.get("data")
    return replace(
        about,
        kind="choice" if isinstance(data, str) else "ignored",
        payload=_text(data),
        pressed=_id(_map(query.get("message")).get("message_id")),
        callback=_id(query.get("id")),
    )


def _membership(about: Inbound, change: Json, _username: str) -> Inbound:
    was = _is_member(_map(change.get("old_chat_member")))
    member = _map(change.get("new_chat_member"))
    now = _is_member(member)
    if "status" not in member or _map(change.get("chat")).get("type") == "channel" or was is now:
        return about
    if about.group:
        return replace(about, kind="follow" if now else "unfollow")
    return replace(about, kind="unblocked" if now else "blocked")


_READERS: Final = {
    "message": _message,
    "callback_query": _pressed,
    "edited_message": _edited,
    "my_chat_member": _membership,
}
_COMMANDS: Final[dict[str, Kind]] = {"start": "start", "stop": "stop", "help": "help"}


def _is_member(member: Json) -> bool | None:
    """Whether the bot is in the chat; None where the update does not tell."""
    status = member.get("status")
    if status == "restricted":
        return member.get("is_member") is not False
    return status in ("creator", "administrator", "member") if isinstance(status, str) else None


def _not_a_person(about: Inbound, message: Json) -> bool:
    person = _map(message.get("from"))
    ours = bool(about.account) and about.sender == about.account
    if message.get("is_automatic_forward") is True or ours:
        return True
    return person.get("is_bot") is True and _id(person.get("id")) not in _PEOPLE_AMONG_BOTS


def _reply_to(message: Json) -> str:
    answered = _map(message.get("reply_to_message"))
    return "" if "forum_topic_created" in answered else _id(answered.get("message_id"))


def _media(message: Json) -> Media | None:
    for name in _MEDIA:
        found = message.get(name)
        if found is None:
            continue
        if isinstance(found, list):  # a photo in several sizes, the largest last
            found = found[-1] if found else None
        file = _map(found)
        return Media(type=name, id=_text(file.get("file_id")), mime=_text(file.get("mime_type")))
    return None


def _caption(message: Json) -> str:
    return _text(message.get("caption")) or _text(_map(message.get("sticker")).get("emoji"))


def _made_up_id(place: str, message: Json) -> str:
    """For servers that leave `update_id` out: still the same for the same message, or empty."""
    number = _id(message.get("message_id"))
    return f"{place}:{number}" if number else ""


def _name(person: Json) -> str:
    names = (_text(person.get("first_name")), _text(person.get("last_name")))
    return " ".join(name for name in names if name) or _text(person.get("username"))


def _time(value: object, clock: Clock) -> datetime:
    # The date of a message that is no longer accessible is 0.
    return moment(value) or clock.now()


def _map(value: object) -> Json:
    return value if isinstance(value, dict) else _NOTHING


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _id(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
