"""Customers merged and taken apart from the command line, as people type it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.terminal import motline

FILE = """external_id,name,language,email,sms,consents,city
crm-17,Hannah [b]Weber,en,hannah.weber@example.com,,service,Leeds
shop-204,H. Weber,,,+447700900123,service;research,Bristol
"""


def exported(folder: Path, who: str) -> dict[str, object]:
    found = motline(folder, "customer", "export", who)
    assert found.returncode == 0, found.stderr
    known: dict[str, object] = json.loads(found.stdout)
    return known


def test_a_merge_is_shown_done_and_taken_back(tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text(FILE, "utf-8")
    assert motline(tmp_path, "migrate").returncode == 0
    assert motline(tmp_path, "customers", "import", "two.csv").returncode == 0

    asked = motline(tmp_path, "customer", "merge", "crm-17", "shop-204")
    assert asked.returncode == 1, "nobody said yes"
    for words in ("Hannah [b]Weber", "Bristol", "consent: research", "sms +447700900123"):
        assert words in asked.stdout
    assert exported(tmp_path, "shop-204")["customer"]["external_id"] == "shop-204"  # type: ignore[index]

    done = motline(tmp_path, "customer", "merge", "crm-17", "shop-204", "--yes")
    assert done.returncode == 0, done.stderr
    assert "motline customer unmerge crm-17" in done.stdout
    assert exported(tmp_path, "shop-204")["customer"]["external_id"] == "crm-17"  # type: ignore[index]
    again = motline(tmp_path, "customer", "merge", "crm-17", "shop-204", "--yes")
    assert (again.returncode, again.stderr) == (2, "motline: 'crm-17' and 'shop-204' are the same customer already\n")

    back = motline(tmp_path, "customer", "unmerge", "crm-17", "--yes")
    assert back.returncode == 0, back.stderr
    assert back.stdout == "shop-204 is a customer of their own again\n"
    apart = exported(tmp_path, "shop-204")
    assert [one["sealed"] for one in apart["addresses"] if one["channel"] == "sms"] == ["+447700900123"]  # type: ignore[attr-defined]
    nothing = motline(tmp_path, "customer", "unmerge", "crm-17", "--yes")
    assert nothing.returncode == 2
    assert "nobody was merged into 'crm-17'" in nothing.stderr
