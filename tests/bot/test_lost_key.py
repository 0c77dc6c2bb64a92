"""A store whose key file is gone is not given a new key in silence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import keys_of
from bot.config import Config
from bot.config_values import ConfigError
from storage.crypto import Keys
from storage.database import Database


def config_of(url: str, key_file: Path) -> Config:
    plain = Config()
    return replace(
        plain,
        database=replace(plain.database, url=url),
        secrets=replace(plain.secrets, key_file=str(key_file)),
    )


async def test_a_store_with_addresses_and_no_key_file_refuses_to_start(
    sqlite_url: str, keys: Keys, tmp_path: Path
) -> None:
    database = await Database.connect(sqlite_url, serving=False)
    await database.execute(
        "INSERT INTO addresses (public_id, channel, lookup, sealed, created_at) VALUES ('a', 'sms', 'b', $1, 0)",
        keys.seal(b"+15550100"),
    )
    await database.close()
    missing = tmp_path / "secret.key"
    with pytest.raises(ConfigError, match="put your copy"):
        keys_of(config_of(sqlite_url, missing))
    assert not missing.exists()


async def test_an_empty_store_gets_its_key_at_the_first_start(sqlite_url: str, tmp_path: Path) -> None:
    made = tmp_path / "secret.key"
    keys_of(config_of(sqlite_url, made))
    assert made.stat().st_mode & 0o777 == 0o600
