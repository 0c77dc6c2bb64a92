"""Mails that a forwarder posts are believed no further than those that we fetch."""

from __future__ import annotations

from dataclasses import replace

from bot.config import Config
from storage.crypto import Keys
from storage.database import Database
from tests.storage.books import make_address, make_customer
from tests.web.house import web

SECRET = "forward-secret"
BOUNCE = """From: MAILER-DAEMON@mx.example
To: feedback@jade.example
Message-ID: <b1@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x
Content-Type: text/plain

It could not be delivered.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; li@example.com
Action: failed
Status: 5.1.1
--x--
"""


async def test_a_posted_bounce_of_no_mail_of_ours_closes_no_address(store: Database, keys: Keys) -> None:
    email = replace(Config().email, enabled=True, sender="feedback@jade.example", forward_secret=SECRET)
    async with web(store, keys, replace(Config(), email=email)) as house:
        customer = await make_customer(store)
        address = await make_address(store, keys, "email", "li@example.com", customer_id=customer)
        headers = {"authorization": f"Bearer {SECRET}"}
        answer = await house.client.post("/webhooks/email", content=BOUNCE, headers=headers)
        assert answer.status_code == 200
        row = await store.fetch_one("SELECT status FROM addresses WHERE id = $1", address)
    assert row == {"status": "open"}
