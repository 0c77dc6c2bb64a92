"""What docs/actions.md shows works as it stands there."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

from bot.actions import Actions, InProcess
from dialogs.script import load_script
from tests.actions.calls import ROOT, check

PAGE = (ROOT / "docs" / "actions.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


class Shop:
    """The business behind the examples."""

    async def voucher_for(self, customer: str, key: str) -> str:
        return f"{customer}-{key}"

    async def find(self, number: int) -> Any:
        return SimpleNamespace(number=number, store="Pudong") if number > 1000 else None


def test_the_dialogs_can_be_published() -> None:
    assert [load_script(block, path="page.yml").name for block in blocks("yaml")] == ["after_visit", "order_help"]


async def test_the_action_does_what_the_last_example_tries() -> None:
    scope: dict[str, Any] = {"shop": Shop()}
    voucher, _, trial = blocks("python")
    exec(voucher, scope)
    indented = "".join(f"    {line}\n" for line in trial.splitlines())
    exec(f"async def trial():\n{indented}    return events, dispatcher.messages", scope)
    events, messages = await scope["trial"]()
    assert [(event["name"], event["value"]) for event in events] == [("voucher", "customer-test")]
    assert [message["text"] for message in messages] == ["Here is something for the next time."]


async def test_the_form_accepts_and_refuses() -> None:
    scope: dict[str, Any] = {"shop": Shop()}
    exec(blocks("python")[1], scope)
    form = scope["OrderHelp"]()
    runner = InProcess("none")
    runner._actions = {form.name(): form.run}
    actions = Actions(runner, 20)
    accepted = await actions.run(check("order_help", "order", 4711))
    refused = await actions.run(check("order_help", "order", 3))
    assert accepted.slots == {"order": 4711, "store": "Pudong"}
    assert refused.slots == {"order": None}
    assert refused.messages[0]["text"] == "I cannot find this order. Which number is on the receipt?"
