"""Pages around the chat: mail links, the start page, signing in, health."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.access import COOKIE
from bot.config import Config
from channels.message import Address
from storage.crypto import Keys
from storage.customers import Customers
from storage.database import Database
from tests.web.house import Web, web

MAIL = Address("email", "maya@example.com")


async def asked_by_mail(site: Web) -> list[tuple[str, str]]:
    """The choices (title, payload) of a question that waits for Maya, who has a mail address too."""
    customer = await site.sample()
    store = Customers(site.database, site.parts.keys)
    found = await store.named(customer)
    assert found is not None
    await store.attach(found.id, "email", MAIL.id, 1)
    await site.started(customer)
    question = (await site.until_said(site.token(customer), 1))[0]
    return [(one["title"], one["payload"]) for one in question["buttons"]]


def path(site: Web, url: str) -> str:
    return url.removeprefix(site.parts.config.address)


async def test_a_scanner_that_opens_every_link_records_nothing(site: Web) -> None:
    choices = await asked_by_mail(site)
    for _title, payload in choices:
        link = path(site, site.parts.links.answer_url(MAIL, payload))
        assert (await site.client.get(link)).status_code == 200
        assert (await site.client.head(link)).status_code == 200
    assert await site.database.fetch("SELECT id FROM answers") == []


async def test_a_press_on_the_answer_page_records_the_marked_choice(site: Web) -> None:
    choices = dict(await asked_by_mail(site))
    link = path(site, site.parts.links.answer_url(MAIL, choices["3"]))
    shown = await site.client.get(link)
    assert re.findall(r'value="([^"]+)" checked', shown.text) == [choices["3"]]
    pressed = await site.client.post(link, data={"payload": choices["3"], "nonce": "n1"})
    assert pressed.status_code == 200
    assert "Thank you" in pressed.text
    assert [row["number"] for row in await site.database.fetch("SELECT number FROM answers")] == [3.0]


async def test_the_choice_may_be_changed_before_the_press_but_not_invented(site: Web) -> None:
    choices = dict(await asked_by_mail(site))
    link = path(site, site.parts.links.answer_url(MAIL, choices["3"]))
    invented = re.sub(r"\d+$", "99", choices["3"])
    assert (await site.client.post(link, data={"payload": invented})).status_code == 400
    await site.client.post(link, data={"payload": choices["8"], "nonce": "n1"})
    assert [row["number"] for row in await site.database.fetch("SELECT number FROM answers")] == [8.0]


async def test_a_link_shows_nobody_whom_it_is_for(site: Web) -> None:
    links = (site.parts.links.answer_url(MAIL, "c." + "a" * 32 + ".0.1"), site.parts.links.unsubscribe_url(MAIL))
    import base64

    for link in links:
        token = link.rpartition("/")[2]
        assert b"maya" not in base64.urlsafe_b64decode(token + "==")
    assert site.parts.links.unsubscribes(links[0].rpartition("/")[2]) is None


async def test_unsubscribing_asks_first_and_one_click_acts_at_once(site: Web) -> None:
    await asked_by_mail(site)
    link = path(site, site.parts.links.unsubscribe_url(MAIL))
    assert (await site.client.get(link)).status_code == 200
    granted = "SELECT purpose FROM consents WHERE status = 'granted' AND customer_id = 1"
    before = len(await site.database.fetch(granted))
    done = await site.client.post(link, data={"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    assert len(await site.database.fetch(granted)) < before


async def test_forged_mail_links_open_nothing(site: Web) -> None:
    for forged in ("/answer/abc", "/unsubscribe/abc", "/answer/" + "é", "/unsubscribe/" + "A" * 500):
        assert (await site.client.get(forged)).status_code == 404
        assert (await site.client.post(forged)).status_code == 404


async def test_the_start_page_is_for_this_machine_alone(site: Web) -> None:
    assert "order.delivered" in (await site.client.get("/")).text
    proxied = await site.client.get("/", headers={"x-forwarded-for": "203.0.113.9"})
    assert "order.delivered" not in proxied.text
    renamed = await site.client.get("/", headers={"host": "evil.example"})
    assert "order.delivered" not in renamed.text
    body = {"customer": await site.sample(), "moment": "order.delivered"}
    for headers in ({"x-forwarded-for": "203.0.113.9"}, {"host": "evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert (await site.client.post("/start/fire", json=body, headers=headers)).status_code == 403
    assert (await site.client.post("/start/fire", data=body)).status_code == 403
    assert await site.database.fetch("SELECT id FROM moments") == []


async def test_the_start_page_s_command_names_a_moment_and_a_customer_that_are_there(site: Web) -> None:
    page = (await site.client.get("/")).text
    shown = re.search(r"<code>motline fire (\S+) (\S+)</code>", page)
    assert shown is not None
    moment, customer = shown.groups()
    assert f'data-moment="{moment}"' in page
    found = await site.database.fetch("SELECT name FROM customers WHERE external_id = $1", customer)
    assert f"</b>{found[0]['name']}<i>" in page


async def test_with_a_public_address_the_start_page_is_an_admins(database: Database, keys: Keys) -> None:
    public = replace(Config(), server=replace(Config().server, public_url="https://feedback.example"))
    async with web(database, keys, public) as site:
        assert "order.delivered" not in (await site.client.get("/")).text
        cookie = {"cookie": f"{COOKIE}={await site.signed_in()}"}
        assert "order.delivered" in (await site.client.get("/", headers=cookie)).text
        agent = {"cookie": f"{COOKIE}={await site.signed_in('Bo', 'agent')}"}
        assert "order.delivered" not in (await site.client.get("/", headers=agent)).text


async def test_an_unhappy_answer_stands_on_the_start_page(site: Web) -> None:
    customer = await site.sample()
    token = site.token(customer)
    await site.started(customer)
    await site.until_said(token, 1)
    await site.post(f"/webchat/{token}", {"id": "a1", "text": "1, the rider was rude"})
    tickets = (await site.client.get("/start/desk")).json()["tickets"]
    assert [one["name"] for one in tickets] == ["Maya Chen"]
    assert "rude" in tickets[0]["text"]


async def test_somebody_asked_lately_is_not_asked_again_unless_a_person_decides(site: Web) -> None:
    customer = await site.sample()
    token = site.token(customer)
    await site.started(customer)
    await site.until_said(token, 1)
    await site.post(f"/webchat/{token}", {"id": "a1", "text": "10"})
    body = {"customer": customer, "moment": "repair.done"}
    identity = (await site.post("/start/fire", body)).json()["id"]
    found: dict[str, str] = {"outcome": "pending"}
    while found["outcome"] == "pending":
        found = (await site.client.get(f"/start/moments/{identity}")).json()
        await asyncio.sleep(0.01)
    assert found["outcome"] == "not_sent"
    assert found["reason"]
    assert (await site.post("/start/now", body)).json()["outcome"] == "started"


async def test_a_sign_in_link_works_once_by_a_press_and_not_by_a_preview(site: Web) -> None:
    store, now = site.parts.access.store, site.parts.access.now()
    link = await store.make_link(await store.admin_named("Ann", now=now), by="test", now=now)
    assert (await site.client.get(f"/sign-in/{link}")).status_code == 200
    entered = await site.client.post(f"/sign-in/{link}")
    assert entered.status_code == 303
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert (await site.client.post(f"/sign-in/{link}")).status_code == 410


async def test_a_sign_in_link_is_good_for_fifteen_minutes_and_a_session_for_twelve_hours(site: Web) -> None:
    store, now = site.parts.access.store, site.parts.access.now()
    link = await store.make_link(await store.admin_named("Ann", now=now), by="test", now=now)
    session = await site.signed_in()
    site.clock.at += timedelta(minutes=16)
    assert (await site.client.post(f"/sign-in/{link}")).status_code == 410
    assert await site.parts.access.session(session) is not None
    site.clock.at += timedelta(hours=12)
    assert await site.parts.access.session(session) is None


async def test_a_session_ends_when_signed_out_or_when_the_colleague_has_left(site: Web) -> None:
    first, second = await site.signed_in(), await site.signed_in("Bo")
    await site.client.post("/sign-out", headers={"cookie": f"{COOKIE}={first}"})
    assert await site.parts.access.session(first) is None
    await site.database.execute("UPDATE staff SET status = 'left' WHERE name = 'Bo'")
    assert await site.parts.access.session(second) is None


async def test_a_page_behind_https_sets_a_secure_cookie(database: Database, keys: Keys) -> None:
    public = replace(Config(), server=replace(Config().server, public_url="https://feedback.example"))
    async with web(database, keys, public) as site:
        store, now = site.parts.access.store, site.parts.access.now()
        link = await store.make_link(await store.admin_named("Ann", now=now), by="test", now=now)
        assert "Secure" in (await site.client.post(f"/sign-in/{link}")).headers["set-cookie"]


async def test_pages_allow_no_script_from_elsewhere_and_tell_nobody_their_address(site: Web) -> None:
    for page in ("/", "/chat", "/c/nonsense", f"/c/{site.token(await site.sample())}"):
        headers = (await site.client.get(page)).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"


async def test_the_page_speaks_the_customers_language(site: Web) -> None:
    token = site.token(await site.sample("sample-liwei"))
    assert 'lang="zh-CN"' in (await site.client.get(f"/c/{token}")).text
    assert 'lang="en"' in (await site.client.get(f"/c/{token}?lang=en")).text
    assert 'lang="zh-CN"' in (await site.client.get("/chat", headers={"accept-language": "zh-TW,en;q=0.5"})).text


async def test_a_sign_in_link_opens_in_the_browsers_language(site: Web) -> None:
    for accepted, language in (("fr,zh;q=0.8,en;q=0.6", "zh-CN"), ("en-GB", "en"), ("fr", "en")):
        shown = (await site.client.get("/sign-in/any", headers={"accept-language": accepted})).text
        assert f'lang="{language}"' in shown


async def test_a_process_is_alive_without_its_store_but_not_ready(site: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await site.client.get("/readyz")).text == "ready\n"

    async def gone(_self: Database, *_sql: Any) -> None:
        raise site.database.gone[0]("no such host: sesame")

    monkeypatch.setattr(Database, "fetch", gone)
    assert (await site.client.get("/healthz")).text == "alive\n"
    answer = await site.client.get("/readyz")
    assert (answer.status_code, "sesame" in answer.text) == (503, False)


async def test_a_process_whose_file_was_removed_is_not_ready(site: Web) -> None:
    file = await site.database.fetch_one("SELECT file FROM pragma_database_list WHERE name = 'main'")
    assert file is not None
    Path(file["file"]).unlink()
    assert (await site.client.get("/readyz")).status_code == 503
    assert (await site.client.get("/healthz")).status_code == 200


async def test_what_breaks_inside_is_answered_without_a_trace_and_logged_without_its_words(
    site: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_self: Database, _sql: str, *_args: object) -> None:
        raise KeyError("sesame opens")

    token = site.token(await site.sample())
    monkeypatch.setattr(Database, "fetch_one", broken)
    page = await site.client.get(f"/c/{token}")
    assert page.status_code == 500
    assert "Something went wrong" in page.text
    assert "KeyError at test_pages.py" in caplog.text
    assert "sesame" not in page.text + caplog.text


async def test_a_missing_page_is_said_to_people_and_programs_alike(site: Web) -> None:
    page = await site.client.get("/nowhere")
    assert (page.status_code, "There is no such page" in page.text) == (404, True)
    assert (await site.client.get("/api/nowhere")).status_code == 404
