"""The reply cutter gives what the person wrote and nothing of the old mail, client by client."""

from __future__ import annotations

import pytest

from tests.channels import email_cases_html, email_cases_plain, email_cases_rare
from tests.channels.email_mails import Case, only

CASES = [*email_cases_plain.CASES, *email_cases_html.CASES, *email_cases_rare.CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_reply_alone_is_read(case: Case) -> None:
    event = only(case.raw)
    assert event.kind == case.kind
    assert event.text == case.text
