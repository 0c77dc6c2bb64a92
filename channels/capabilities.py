"""What each platform can do, as data. Importing this imports no adapter and no platform's library.

Sources: the platforms' own documentation, as gathered per channel in docs/channels.md.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from channels.channel import Capabilities

WEBCHAT: Final = Capabilities(
    max_text=20_000,
    max_choices=12,
    max_label=80,
    inline_reply=True,
    inline_resend=True,
    receipts=True,
    per_second=2_000.0,
)
# Limits: 4096 UTF-16 units after entity parsing; about 30 messages a second over all chats, one a second per chat, 20 a
# minute per group.
TELEGRAM: Final = Capabilities(
    max_text=4096,
    text_unit="utf16",
    max_choices=24,
    max_label=64,
    can_initiate=True,
    inline_reply=True,
    edits=True,
    per_second=30.0,
    per_address_seconds=1.0,
    group_minute=20,
)
# A customer-service text holds 2048 bytes; five messages in the 48 h after the customer's own, three in the minute
# after a menu click, a follow or a scan; any number in the 48 h after a payment.
WECHAT: Final = Capabilities(
    max_text=2048,
    text_unit="bytes",
    max_choices=0,
    can_initiate=False,
    reply_window=timedelta(hours=48),
    window_messages=5,
    brief_window=timedelta(minutes=1),
    brief_messages=3,
    paid_window=timedelta(hours=48),
    one_a_turn=True,
    inline_reply=True,
    inline_resend=True,
    per_second=50.0,
)
# Body of at most 1600 characters; long codes carry one message a second, the rate is a setting.
SMS: Final = Capabilities(max_text=1600, inline_reply=True, receipts=True, lookup=True, per_second=1.0)
# How many are under way hangs on the connections that the mail server takes; the channel says it.
EMAIL: Final = Capabilities(max_text=100_000, max_choices=12, max_label=80, one_a_turn=True, per_second=10.0)
# WeCom group robots: 2048 bytes of text, 20 messages a minute.
WECOM: Final = Capabilities(max_text=2048, text_unit="bytes", per_second=20 / 60)
# Other programs, by Rasa's REST channel; the console, for staff.
REST: Final = Capabilities(
    max_text=20_000, max_choices=24, inline_reply=True, inline_resend=True, per_second=2_000.0
)
CONSOLE: Final = Capabilities(max_text=20_000, max_choices=24, edits=True, per_second=2_000.0)

CAPABILITIES: Final[dict[str, Capabilities]] = {
    "webchat": WEBCHAT,
    "telegram": TELEGRAM,
    "wechat": WECHAT,
    "sms": SMS,
    "email": EMAIL,
    "wecom": WECOM,
    "rest": REST,
    "console": CONSOLE,
}
