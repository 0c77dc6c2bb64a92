"""Name to adapter."""

from __future__ import annotations

import subprocess
import sys

import pytest

from channels.registry import ADAPTERS, adapter, methods_of

MEMBERS = ("verify", "parse", "respond", "send", "aclose")


def test_only_platforms_that_call_by_get_are_let_in_by_get() -> None:
    by_get = {name for name in ADAPTERS if "GET" in methods_of(name)}
    assert by_get == {"sms", "wechat", "wecom"}
    assert all("POST" in methods_of(name) for name in ADAPTERS)


@pytest.mark.parametrize("name", list(ADAPTERS))
def test_every_adapter_has_the_members_of_a_channel(name: str) -> None:
    found = adapter(name)
    assert found.name == name
    assert [member for member in (*MEMBERS, "capabilities") if not hasattr(found, member)] == []


def test_a_name_that_is_no_channel_is_explained_with_those_there_are() -> None:
    with pytest.raises(LookupError, match="telegram, sms, wechat"):
        adapter("fax")


def test_an_adapter_is_imported_only_when_asked_for() -> None:
    code = (
        "import sys, channels.registry as r; r.adapter('webchat');"
        "print([m for m in sys.modules if m.partition(':')[0] in {p.partition(':')[0] for p in r.ADAPTERS.values()}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "['channels.webchat']"
