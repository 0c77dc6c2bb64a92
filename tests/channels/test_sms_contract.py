"""SMS keeps the contract of a channel."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from channels.message import Address, Outbound, Request
from channels.sms import SmsChannel
from tests.channels.contract import ProviderContract, StoppedClock
from tests.fakes.scripted import json_answer
from tests.fakes.twilio_api import ACCOUNT, AUTH_TOKEN, LISTED, MADE, PATH, TwilioApi, opted_out, too_many

PUBLIC = "https://feedback.example.com"
OURS = "+14155550100"
THEIRS = "+8613912345678"


def sms(url: str = "http://127.0.0.1:1", **settings: Any) -> SmsChannel:
    ready = {
        "account_sid": ACCOUNT, "auth_token": AUTH_TOKEN, "clock": StoppedClock(), "sender": OURS,
        "api_url": url, "public_url": PUBLIC,
    }  # fmt: skip
    return SmsChannel(**(ready | settings))


def posted(form: Mapping[str, str], url: str = f"{PUBLIC}/webhooks/sms", token: str = AUTH_TOKEN) -> Request:
    """A form as Twilio posts and signs it."""
    signature = RequestValidator(token).compute_signature(url, dict(form))
    headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
    return Request("POST", url, headers, urlencode(form).encode())


def message(body: str, number: int = 1, **fields: str) -> dict[str, str]:
    """The fields of an incoming message, all that Twilio sends."""
    sid = f"SM{number:032x}"
    return {
        "ToCountry": "US", "ToState": "CA", "SmsMessageSid": sid, "NumMedia": "0", "ToCity": "", "FromZip": "",
        "SmsSid": sid, "FromState": "", "SmsStatus": "received", "FromCity": "", "Body": body, "FromCountry": "CN",
        "To": OURS, "ToZip": "", "NumSegments": "1", "MessageSid": sid, "AccountSid": ACCOUNT, "From": THEIRS,
        "ApiVersion": "2010-04-01",
    } | fields  # fmt: skip


class TestSmsContract(ProviderContract):
    secrets = (AUTH_TOKEN,)

    def provider(self) -> TwilioApi:
        return TwilioApi()

    def channel(self, url: str, *, timeout: float = 5.0) -> SmsChannel:
        return sms(url, timeout=timeout)

    def without_secret(self) -> tuple[SmsChannel, str]:
        return sms(auth_token=""), "sms.auth_token"

    def message(self, text: str, number: int = 1) -> Request:
        return posted(message(text, number))

    def unsigned(self, request: Request) -> Request:
        return replace(request, headers={})

    def forged(self, request: Request) -> Request:
        return replace(request, body=request.body.replace(b"nine", b"ten"))

    def to(self) -> Outbound:
        return Outbound(id="0" * 32, to=Address("sms", THEIRS), text="How was it?")

    def sent_texts(self, provider: TwilioApi) -> list[str]:
        return [message["body"] for message in provider.sent]

    def error_in_200(self) -> Any:
        return json_answer(201, {"sid": "SM1", "status": "failed", "error_code": 30007, "error_message": "filtered"})

    def too_many(self, seconds: int) -> Any:
        return too_many(seconds)

    def recipient_blocked(self) -> Any:
        return opted_out()


def test_the_fake_serves_only_parameters_of_twilios_description() -> None:
    specs = os.environ.get("MOTLINE_SPECS")
    if not specs:
        pytest.skip("MOTLINE_SPECS is not set: the fake's tables were not checked against Twilio's description")
    messages = json.loads(Path(specs, "twilio_api_v2010.json").read_text())["paths"][PATH]
    assert {parameter["name"] for parameter in messages["get"]["parameters"]} >= LISTED
    form = messages["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert set(form["properties"]) >= MADE
    assert set(form["required"]) <= MADE
