"""Updates shaped as Telegram sends them."""

from __future__ import annotations

from typing import Any

PERSON: dict[str, Any] = {
    "id": 5001, "is_bot": False, "first_name": "Ada", "last_name": "Byron", "username": "ada", "language_code": "en",
}  # fmt: skip
PRIVATE: dict[str, Any] = {
    "id": 5001, "first_name": "Ada", "last_name": "Byron", "username": "ada", "type": "private",
}  # fmt: skip
GROUP: dict[str, Any] = {"id": -1001234567890, "title": "Care team", "type": "supergroup", "is_forum": True}
BOT: dict[str, Any] = {"id": 110201543, "is_bot": True, "first_name": "Motline", "username": "motline_bot"}
DATE = 1772703000
PHOTO = [
    {"file_id": "AgAC-small", "file_unique_id": "AQ1", "file_size": 1201, "width": 67, "height": 90},
    {"file_id": "AgAC-large", "file_unique_id": "AQ2", "file_size": 98012, "width": 960, "height": 1280},
]
VOICE = {"duration": 3, "mime_type": "audio/ogg", "file_id": "AwAC-voice", "file_unique_id": "AgV", "file_size": 9812}
STICKER = {
    "width": 512, "height": 512, "emoji": "👍", "set_name": "Hands", "is_animated": False, "is_video": False,
    "type": "regular", "file_id": "CAAC-sticker", "file_unique_id": "AgS", "file_size": 21000,
}  # fmt: skip
DOCUMENT = {"file_name": "bill.pdf", "mime_type": "application/pdf", "file_id": "BQAC-doc", "file_unique_id": "AgD"}
ANIMATION = {
    "file_name": "no.mp4", "mime_type": "video/mp4", "duration": 2, "width": 320, "height": 240,
    "file_id": "CgAC-anim", "file_unique_id": "AgA",
}  # fmt: skip
VIDEO = {
    "duration": 9, "width": 640, "height": 480, "mime_type": "video/mp4", "file_id": "BAAC-video",
    "file_unique_id": "AgVi",
}  # fmt: skip
VIDEO_NOTE = {"duration": 4, "length": 240, "file_id": "DQAC-note", "file_unique_id": "AgN"}
AUDIO = {"duration": 200, "mime_type": "audio/mpeg", "file_id": "CQAC-audio", "file_unique_id": "AgAu"}
LOCATION = {"latitude": 31.2304, "longitude": 121.4737}
VENUE = {"location": LOCATION, "title": "The Bund", "address": "Zhongshan East 1st Rd"}
CONTACT = {"phone_number": "+8613912345678", "first_name": "Ada", "user_id": 5001}
KEYBOARD = {
    "inline_keyboard": [
        [{"text": "😀 Good", "callback_data": "c9:0:0"}, {"text": "😞 Bad", "callback_data": "c9:0:1"}],
        [{"text": "More", "url": "https://example.com"}],
    ]
}


def message(text: str | None = None, *, chat: dict[str, Any] = PRIVATE, **fields: Any) -> dict[str, Any]:
    """A message; `text` None for one of another content."""
    content = {} if text is None else {"text": text}
    return {"message_id": 412, "from": PERSON, "chat": chat, "date": DATE, **content, **fields}


def update(kind: str, content: Any, number: int = 820123456) -> dict[str, Any]:
    """An update that carries this."""
    return {"update_id": number, kind: content}


def command(text: str, **fields: Any) -> dict[str, Any]:
    """A message that begins with a command."""
    entity = {"offset": 0, "length": len(text.split(maxsplit=1)[0]), "type": "bot_command"}
    return update("message", message(text, entities=[entity], **fields))


def pressed(data: str | None = "c9:0:1", *, chat: dict[str, Any] = PRIVATE, **fields: Any) -> dict[str, Any]:
    """A press of a button under message 411."""
    under = {
        "message_id": 411, "from": BOT, "chat": chat, "date": DATE - 60, "text": "How was it?",
        "reply_markup": KEYBOARD,
    }  # fmt: skip
    query = {"id": "4382bfdwdsb323b2d9", "from": PERSON, "message": under, "chat_instance": "-29108", **fields}
    return update("callback_query", query | ({} if data is None else {"data": data}))


def membership(old: str, new: str, *, chat: dict[str, Any] = PRIVATE) -> dict[str, Any]:
    """The bot's own membership changed."""
    return update(
        "my_chat_member",
        {"chat": chat, "from": PERSON, "date": DATE, "old_chat_member": _member(old), "new_chat_member": _member(new)},
    )


def _member(status: str) -> dict[str, Any]:
    member: dict[str, Any] = {"user": BOT, "status": status}
    if status == "kicked":
        member["until_date"] = 0
    if status == "administrator":
        rights = (
            "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members"
            " can_promote_members can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories"
            " can_send_welcome_messages"
        )
        member |= dict.fromkeys(rights.split(), False)
    return member
