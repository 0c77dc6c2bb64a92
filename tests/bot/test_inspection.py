"""`motline inspect`: what an adapter makes of a recording, or why it refuses it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from bot.inspection import inspect
from channels.message import Request
from tests.channels.telegram_payloads import command, message, pressed, update
from tests.channels.test_sms_contract import AUTH_TOKEN, PUBLIC, posted
from tests.channels.test_sms_contract import message as sms_message
from tests.channels.test_telegram_contract import SECRET, webhook

MAIL = (
    "From: Ada Byron <ada@example.com>\r\nTo: reply+tok@bot.example.com\r\nSubject: Re: How was it?\r\n"
    "Message-ID: <1@example.com>\r\nDate: Thu, 05 Mar 2026 17:30:00 +0800\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    "9, 很好\r\n\r\nOn Thu, 5 Mar 2026, Motline wrote:\r\n> How was it, 0-10?\r\n"
)
TELEGRAM = ("--set", f"telegram.secret={SECRET}")


def ran(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(inspect)
    return CliRunner().invoke(app, list(arguments))


def lines(*arguments: str) -> list[dict[str, Any]]:
    result = ran(*arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def recorded(folder: Path, request: Request, name: str = "request.json", **changes: Any) -> str:
    body = {
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "body": request.body.decode(),
    }
    (folder / name).write_text(json.dumps(body | changes))
    return str(folder / name)


def shouted(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.title(): value for name, value in headers.items()}


def test_a_telegram_update_is_shown_as_one_event(tmp_path: Path) -> None:
    request = webhook(update("message", message("很好")))
    file = recorded(tmp_path, request, headers=shouted(request.headers))
    (line,) = lines("telegram", file, *TELEGRAM)
    assert (line["file"], line["accepted"], line["why"]) == (file, True, None)
    (event,) = line["events"]
    assert list(event)[:7] == ["kind", "external_id", "sender", "chat", "text", "payload", "at"]
    shown = {
        "kind": "text",
        "external_id": "820123456",
        "sender": "5001",
        "chat": "5001",
        "text": "很好",
        "payload": "",
    }
    assert shown.items() <= event.items()
    assert event["at"] == "2026-03-05T09:30:00+00:00"
    assert "raw" not in event


def test_the_button_and_the_deep_link_are_the_payload(tmp_path: Path) -> None:
    press = recorded(tmp_path, webhook(pressed("c9:0:1")), "press.json")
    link = recorded(tmp_path, webhook(command("/start Zm9v")), "link.json")
    found = [line["events"][0] for line in lines("telegram", press, link, *TELEGRAM)]
    assert [(event["kind"], event["payload"]) for event in found] == [("choice", "c9:0:1"), ("command", "Zm9v")]


def test_lines_come_in_the_order_of_the_files_and_refusals_are_no_failure(tmp_path: Path) -> None:
    good = recorded(tmp_path, webhook(update("message", message("9"))), "good.json")
    forged = recorded(tmp_path, webhook(update("message", message("9"))), "forged.json", headers={})
    broken = recorded(tmp_path, webhook({"update_id": 1}), "broken.json", body="{")
    found = lines("telegram", forged, good, broken, str(tmp_path / "none.json"), *TELEGRAM)
    assert [line["accepted"] for line in found] == [False, True, False, False]
    assert "Secret-Token" in found[0]["why"]
    assert "JSON" in found[2]["why"]
    assert "none.json" in found[3]["why"]
    assert found[0]["events"] == []


@pytest.mark.parametrize(("channel", "key"), [("telegram", "telegram.secret"), ("sms", "sms.auth_token")])
def test_a_missing_setting_is_named(tmp_path: Path, channel: str, key: str) -> None:
    (line,) = lines(channel, recorded(tmp_path, webhook(update("message", message("9")))))
    assert not line["accepted"]
    assert key in line["why"]


@pytest.mark.parametrize("key", ["wechat.token", "wechat.aes_key", "wechat.app_id"])
def test_a_missing_setting_of_wechat_is_named(tmp_path: Path, key: str) -> None:
    from wechatpy.crypto import WeChatCrypto

    given = {"wechat.token": "tok", "wechat.aes_key": base64.b64encode(b"k" * 32).decode()[:43], "wechat.app_id": "wx1"}
    crypto = WeChatCrypto(given["wechat.token"], given["wechat.aes_key"], given["wechat.app_id"])
    xml = "<xml><ToUserName>gh</ToUserName><FromUserName>o1</FromUserName><CreateTime>1772703000</CreateTime>"
    sealed = crypto.encrypt_message(
        f"{xml}<MsgType>text</MsgType><Content>9</Content><MsgId>7</MsgId></xml>", "nonce", "1772703000"
    )
    signature = sealed.partition("<MsgSignature><![CDATA[")[2].partition("]]>")[0]
    url = f"{PUBLIC}/webhooks/wechat?timestamp=1772703000&nonce=nonce&encrypt_type=aes&msg_signature={signature}"
    file = recorded(tmp_path, Request("POST", url, {}, sealed.encode()))
    complete = [f"--set={name}={value}" for name, value in given.items()]
    (whole,) = lines("wechat", file, *complete)
    (lacking,) = lines("wechat", file, *[item for item in complete if not item.startswith(f"--set={key}")])
    assert [(event["kind"], event["text"], event["external_id"]) for event in whole["events"]] == [("text", "9", "7")]
    assert (lacking["accepted"], key in lacking["why"]) == (False, True)


def test_a_method_that_the_server_refuses_is_refused(tmp_path: Path) -> None:
    request = webhook(update("message", message("9")))
    (line,) = lines("telegram", recorded(tmp_path, request, method="GET"), *TELEGRAM)
    assert not line["accepted"]
    assert line["why"] == "GET is answered with 405; the platform calls by POST"


def test_connection_overrides_behind_the_address_are_no_part_of_what_was_signed(tmp_path: Path) -> None:
    request = posted(sms_message("9"), f"{PUBLIC}/webhooks/sms")
    file = recorded(tmp_path, request, url=f"{request.url}#rc=3&rp=all")
    (line,) = lines("sms", file, "--set", f"sms.auth_token={AUTH_TOKEN}")
    assert (line["accepted"], line["events"][0]["text"]) == (True, "9")


def test_an_sms_is_checked_over_the_address_in_its_recording(tmp_path: Path) -> None:
    request = posted(sms_message("STOP"), "https://sms.example.net/any/path?x=1")
    body = base64.b64encode(request.body).decode()
    file = recorded(tmp_path, request, body=None, body_base64=body, headers=list(request.headers.items()))
    (line,) = lines("sms", file, "--set", f"sms.auth_token={AUTH_TOKEN}")
    (event,) = line["events"]
    assert (event["kind"], event["text"], event["sender"]) == ("stop", "STOP", "+8613912345678")


def test_a_receipt_has_its_status_and_code(tmp_path: Path) -> None:
    form = {"MessageSid": "SM7", "MessageStatus": "undelivered", "ErrorCode": "30006", "AccountSid": "AC1"}
    file = recorded(tmp_path, posted(form, f"{PUBLIC}/webhooks/sms/status?id=ab"))
    (line,) = lines("sms", file, "--set", f"sms.auth_token={AUTH_TOKEN}")
    (event,) = line["events"]
    shown = {"kind": "receipt", "external_id": "SM7", "status": "failed", "error_code": "30006", "permanent": True}
    assert (shown | {"reference": "ab", "sender": ""}).items() <= event.items()


def test_a_mail_is_read_from_its_file_without_the_quoted_part(tmp_path: Path) -> None:
    file = tmp_path / "reply.eml"
    file.write_bytes(MAIL.encode())
    (line,) = lines("email", str(file))
    (event,) = line["events"]
    shown = {"kind": "text", "text": "9, 很好", "sender": "ada@example.com", "at": "2026-03-05T09:30:00+00:00"}
    assert shown.items() <= event.items()


def test_a_mail_recorded_where_the_clock_is_ahead_keeps_its_time(tmp_path: Path) -> None:
    file = tmp_path / "reply.eml"
    file.write_bytes(MAIL.replace("2026 17:30:00", "2086 17:30:00").encode())
    (line,) = lines("email", str(file))
    assert line["events"][0]["at"] == "2086-03-05T09:30:00+00:00"
    file.write_bytes(b"Received: by mx; Thu, 5 Mar 2026 09:31:00 +0000\r\n" + file.read_bytes())
    (line,) = lines("email", str(file))
    assert line["events"][0]["at"] == "2026-03-05T09:31:00+00:00"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "not JSON"),
        ("[]", "recorded request"),
        ('{"method": "POST"}', "recorded request"),
        ('{"url": "https://a.example", "body": {}, "headers": 3}', "headers"),
        ('{"url": "https://a.example", "body": {"a": 1}}', "body is not a text"),
        ('{"url": "https://a.example", "body_base64": "!"}', "not base64"),
        ('{"url": "https://a.example", "body": "%s"}' % ("x" * 1_048_577), "413"),
    ],
    ids=["empty", "list", "no url", "headers", "body", "base64", "too long"],
)
def test_a_file_that_is_no_recording_is_explained(tmp_path: Path, content: str, why: str) -> None:
    (tmp_path / "odd.json").write_text(content)
    (line,) = lines("telegram", str(tmp_path / "odd.json"), *TELEGRAM)
    assert not line["accepted"]
    assert why in line["why"]


@pytest.mark.parametrize("arguments", [("fax", "a.json"), ("sms", "a.json", "--set", "auth_token"), ("sms",)])
def test_a_command_that_cannot_be_read_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert ran(*arguments).exit_code == 2


def wechat_push(folder: Path, **changes: Any) -> str:
    seconds, nonce = "1772703000", "n1"
    signature = hashlib.sha1("".join(sorted(("tok", seconds, nonce))).encode()).hexdigest()
    url = f"https://x.example/webhooks/wechat?signature={signature}&timestamp={seconds}&nonce={nonce}"
    body = (
        f"<xml><ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName><CreateTime>{seconds}</CreateTime>"
        "<MsgType>text</MsgType><Content>9</Content><MsgId>7</MsgId></xml>"
    )
    return recorded(folder, Request("POST", url, {}, body.encode()), **changes)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"received_at": 1772703003}, None),
        ({"received_at": "2026-03-05T17:30:02+08:00"}, None),
        ({"received_at": "2026-03-05T09:41:00"}, "timestamp is too far"),
        ({"received_at": "yesterday"}, "received_at"),
        ({"received_at": 1e300}, "received_at"),
        ({"received_at": []}, "received_at"),
    ],
)
def test_a_recording_that_says_when_it_was_received_is_judged_by_its_age(
    tmp_path: Path, changes: dict[str, Any], why: str | None
) -> None:
    (line,) = lines("wechat", wechat_push(tmp_path, **changes), "--set", "wechat.token=tok")
    assert line["accepted"] is (why is None)
    assert why is None or why in line["why"]


def test_an_sms_has_the_time_at_which_it_was_received(tmp_path: Path) -> None:
    file = recorded(tmp_path, posted(sms_message("9")), received_at="2026-03-05T09:30:00Z")
    (line,) = lines("sms", file, "--set", f"sms.auth_token={AUTH_TOKEN}")
    assert line["events"][0]["at"] == "2026-03-05T09:30:00+00:00"


@pytest.mark.parametrize("content", ["[" * 200_000, '{"a":' * 200_000, '{"url": "http://[", "method": "POST"}'])
def test_a_hostile_file_is_refused_in_words(tmp_path: Path, content: str) -> None:
    (tmp_path / "odd.json").write_text(content)
    (line,) = lines("sms", str(tmp_path / "odd.json"), "--set", "sms.auth_token=x")
    assert not line["accepted"]
    assert "fault of Motline" not in line["why"]
