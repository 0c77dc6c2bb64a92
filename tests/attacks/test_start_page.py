"""The start page acts on customers: only this machine and a signed-in admin may use it, whatever a request claims."""

from __future__ import annotations

import httpx

from bot.access import COOKIE
from tests.web.house import Web

DEEP = b"[" * 4000


FOREIGN_NAMES = [
    "feedback.example",
    "feedback.example:8080",
    "127.0.0.1.feedback.example",
    "localhost.feedback.example",
    "testclient",
    "user@127.0.0.1",
    "feedback.example#@127.0.0.1",
    "127.0.0.1/..",
    "[",
    "",
    "127.0.0.1:abc",
    "127.1",
    "0.0.0.0",
    "2130706433",
]


async def test_a_name_that_is_not_this_machines_own_opens_nothing(site: Web) -> None:
    for host in FOREIGN_NAMES:
        headers = {"host": host}
        assert (await site.client.get("/start/desk", headers=headers)).status_code == 403, host
        assert "Maya" not in (await site.client.get("/", headers=headers)).text
        body = {"customer": await site.sample(), "moment": "order.delivered"}
        for path in ("/start/fire", "/start/now"):
            assert (await site.client.post(path, json=body, headers=headers)).status_code == 403
        assert await site.database.fetch("SELECT id FROM moments") == []


OWN_NAMES = ["127.0.0.1:8080", "localhost:8080", "LOCALHOST", "[::1]:8080", "127.0.0.1"]


async def test_this_machines_own_names_open_it(site: Web) -> None:
    for host in OWN_NAMES:
        assert (await site.client.get("/start/desk", headers={"host": host})).status_code == 200


OTHER_MACHINES = ["192.168.1.7", "testclient", "::ffff:192.168.1.7", ""]


async def test_another_machine_on_the_network_sees_no_customer(site: Web) -> None:
    for client in OTHER_MACHINES:
        transport = httpx.ASGITransport(app=site.site, client=(client, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as stranger:
            assert (await stranger.get("/start/desk")).status_code == 403
            assert "Maya" not in (await stranger.get("/")).text
            body = {"customer": await site.sample(), "moment": "order.delivered"}
            assert (await stranger.post("/start/fire", json=body)).status_code == 403


OF_OTHER_PAGES: list[dict[str, str]] = [
    {"origin": "https://feedback.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:9999"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"content-type": "text/plain"},
    {"content-type": "application/x-www-form-urlencoded"},
]


async def test_a_page_of_another_site_fires_nothing_even_for_an_admin(site: Web) -> None:
    for headers in OF_OTHER_PAGES:
        cookies = {"cookie": f"{COOKIE}={await site.signed_in()}"}
        body = {"customer": await site.sample(), "moment": "order.delivered"}
        content = httpx.Request("POST", "http://x", json=body).content
        given = {"content-type": "application/json", **cookies, **headers}
        assert (await site.client.post("/start/fire", content=content, headers=given)).status_code == 403
        assert await site.database.fetch("SELECT id FROM moments") == []


NO_PRESSES = [
    DEEP,
    rb'{"customer": "\ud800", "moment": "a"}',
    b'{"customer": NaN, "moment": "a"}',
    b"\xff",
    b"1" * 4000,
    b"[]",
]


async def test_a_body_that_is_no_press_is_refused(site: Web) -> None:
    for body in NO_PRESSES:
        for path in ("/start/fire", "/start/now"):
            answer = await site.client.post(path, content=body, headers={"content-type": "application/json"})
            assert answer.status_code == 403


NO_MOMENTS = ["\0", "", ["x"], {"a": 1}, None, "a b", "x" * 65]


async def test_what_is_no_moment_is_not_reported(either: Web) -> None:
    for moment in NO_MOMENTS:
        customer = await either.sample()
        for path in ("/start/fire", "/start/now"):
            answer = await either.post(path, {"customer": customer, "moment": moment})
            assert answer.status_code == 404, answer.text
        assert (await either.post("/start/fire", {"customer": "\0", "moment": "a"})).status_code == 404
        assert (await either.client.get("/start/moments/%00")).status_code == 404
        assert await either.database.fetch("SELECT id FROM moments") == []
