"""From a WeCom callback to what the house understands.

Rule: pure. Messages are read as WeChat's are; what differs are the events, and that a sender is a colleague's user id.

| WeCom                                   | becomes                                                                    |
|-----------------------------------------|----------------------------------------------------------------------------|
| text, image, voice, video, link,        | as in `wechat_parse.py`                                                    |
| location, file                          |                                                                            |
| subscribe, unsubscribe                  | follow, unfollow: the colleague may, or may no longer, use the application |
| click, view, scancode_*, pic_*          | menu; `payload`: the key                                                   |
| template_card_event, taskcard_click     | choice; `payload`: the button's key, `pressed`: the card's TaskId,         |
|                                         | `callback`: the ResponseCode with which the card can be changed once       |
| enter_agent, LOCATION, change_contact … | ignored                                                                    |
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from channels.message import Inbound, Receipt
from channels.wechat_parse import Push, event_id, inbound, read

_CARDS: Final = frozenset({"template_card_event", "taskcard_click"})


def read_wecom(push: Push) -> tuple[Inbound | Receipt, ...]:
    """Everything that the callback says; at least one event."""
    if push["MsgType"].lower() != "event" or push["Event"].lower() not in _CARDS:
        return read(push)
    press = inbound(push, "choice", f"{event_id(push)}:{push['TaskId']}", payload=push["EventKey"])
    return (replace(press, pressed=push["TaskId"], callback=push["ResponseCode"]),)
