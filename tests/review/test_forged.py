"""What a stranger can write, and what an old list can say again, moves nobody's address and nobody's consent."""

from __future__ import annotations

from typing import Any

import pytest

from bot.mail_proof import proven
from channels.message import Inbound
from storage import consents
from storage.crypto import Keys
from storage.customers import Customers, Entry, Said
from storage.database import Database
from tests.review.parts import Street, street

LI = "li@example.com"


@pytest.fixture
async def home(store: Database, keys: Keys) -> Street:
    home = await street(store, keys)
    customer = await home.known("Li", "service")
    address = await home.link(LI, "email", customer)
    await home.begin(customer, address, "email")
    return home


async def _believed(home: Street, kind: str, **more: Any) -> Inbound:
    event = home.event("", "daemon@example.net", "email", kind=kind, **more)
    found = await proven(home.store, home.keys, event)
    assert isinstance(found, Inbound)
    await home.hear(found)
    return found


async def test_a_bounce_that_brings_no_mail_of_ours_closes_no_address(home: Street) -> None:
    forged = f"<motline.{'0' * 32}@example.com>"
    for more in ({}, {"reply_to": forged}, {"token": "made-up"}):
        assert (await _believed(home, "bounce", recipient=LI, permanent=True, **more)).kind == "ignored"
    assert (await home.one("SELECT status FROM addresses"))["status"] == "open"
    assert (await home.one("SELECT status FROM conversations"))["status"] == "open"


async def test_a_bounce_of_our_mail_closes_the_address_it_went_to_though_that_forwards(home: Street) -> None:
    sent = (await home.rows("SELECT public_id FROM outbox ORDER BY id DESC LIMIT 1"))[0]["public_id"]
    about = f"<motline.{sent}@example.com>"
    await _believed(home, "bounce", recipient="elsewhere@example.org", permanent=True, reply_to=about)
    assert (await home.one("SELECT status FROM addresses"))["status"] == "closed"
    assert (await home.one("SELECT status FROM conversations"))["status"] == "undelivered"


async def test_a_signed_token_alone_proves_a_bounce(home: Street) -> None:
    sent = (await home.rows("SELECT public_id FROM outbox ORDER BY id DESC LIMIT 1"))[0]["public_id"]
    token = home.keys.sign_id("reply", sent)
    assert (await _believed(home, "bounce", recipient=LI, permanent=True, token=token)).recipient == LI
    assert (await home.one("SELECT status FROM addresses"))["status"] == "closed"


async def test_a_complaint_that_brings_no_mail_of_ours_stops_nobody(home: Street) -> None:
    event = home.event("", LI, "email", kind="stop", payload="complaint")
    assert (await proven(home.store, home.keys, event)).kind == "ignored"
    assert (await proven(home.store, home.keys, home.event("STOP", LI, "email", kind="stop"))).kind == "stop"


async def test_a_list_read_again_undoes_no_stop(store: Database, keys: Keys) -> None:
    home, customers = await street(store, keys), Customers(store, keys)
    entry = Entry("c-1", consents=[Said("service", "checkout")])
    made = await customers.save(entry, actor="cli", now=home.now() - 1000)
    assert await consents.allowed(store, made.id, "service")
    await home.link("v1", "webchat", made.id)
    await home.write("STOP", kind="stop")
    await customers.save(entry, actor="cli", now=home.now() + 1000)
    assert not await consents.allowed(store, made.id, "service")
    later = Entry("c-1", consents=[Said("service", "new form", at=home.now() + 2000)])
    await customers.save(later, actor="cli", now=home.now() + 3000)
    assert await consents.allowed(store, made.id, "service")
