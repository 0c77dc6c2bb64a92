"""What the configured channels say about reaching people, as the planner and the turn read it.

Rule: asked of the adapters once per snapshot, never per message; a platform's name stands here only beside its own
settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.config import Config
from bot.planner import Template
from channels.channel import Channel, MayBeOneWay, TellsHowToStop
from channels.words import SMS_CHINA
from dialogs.answers_stop import stop_words


def one_way_of(channels: Mapping[str, Channel]) -> frozenset[str]:
    """Channels on which nobody can answer, so that no dialog may begin there."""
    found: dict[str, object] = dict(channels)
    return frozenset(n for n, one in found.items() if isinstance(one, MayBeOneWay) and not one.answerable)


def openings_of(channels: Mapping[str, Channel]) -> Mapping[str, Callable[[str], str]]:
    """By channel, what the first message to somebody must end with, by language."""
    found: dict[str, object] = dict(channels)
    return {name: one.opt_out_line for name, one in found.items() if isinstance(one, TellsHowToStop)}


def stops_of(config: Config) -> frozenset[str]:
    """The words that no dialog's answers may be called, folded: whoever sends one stops everything.

    Those of Twilio hold always, so that a dialog can go to SMS later; single letters only where the gateway lists them.
    """
    lists_letters = config.sms.enabled and config.sms.words == "china"
    return stop_words("sms") | (SMS_CHINA.stop if lists_letters else frozenset())


def payments_of(config: Config) -> Mapping[str, str]:
    """By the moments that tell of a payment, the channel through which it went."""
    return dict.fromkeys(config.wechat.paid_moments, "wechat")


def templates_of(config: Config) -> Mapping[str, Template]:
    """By channel, what begins a dialog where the platform's window is closed."""
    wechat = config.wechat
    if not wechat.push_template:
        return {}
    pairs = (one.partition("=") for one in wechat.push_fields.split(","))
    fields = {name.strip(): value.strip() for name, _, value in pairs if name.strip()}
    return {"wechat": Template(wechat.push_template, fields)}
