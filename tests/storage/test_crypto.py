"""Sealed fields, keyed look-ups, signed tokens, and the secret they are made with."""

from __future__ import annotations

import hmac
import os
import stat
import threading
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import crypto
from storage.crypto import BadSecret, Keys, Unreadable, load_secret

ONE, TWO = Keys(bytes(32)), Keys(bytes([1]) * 32)


@given(st.binary(max_size=2000))
def test_what_was_sealed_is_opened_and_never_looks_the_same_twice(plain: bytes) -> None:
    sealed = ONE.seal(plain)
    assert ONE.open(sealed) == plain
    assert sealed != ONE.seal(plain)


@pytest.mark.parametrize("place", [0, 4, 16, -1])
def test_a_changed_field_is_refused(place: int) -> None:
    sealed = bytearray(ONE.seal(b"hello"))
    sealed[place] ^= 1
    with pytest.raises(Unreadable):
        ONE.open(bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"abcd", b"x" * 40])
def test_bytes_that_nobody_sealed_are_refused(sealed: bytes) -> None:
    with pytest.raises(Unreadable):
        ONE.open(sealed)


def test_after_a_new_secret_old_fields_still_open() -> None:
    old, new = bytes(32), bytes([7]) * 32
    sealed = Keys(old).seal(b"hello")
    assert Keys(new, old).open(sealed) == b"hello"
    with pytest.raises(Unreadable, match="MOTLINE_SECRET_KEY"):
        Keys(new).open(sealed)


def test_a_lookup_depends_on_channel_id_and_secret_alone() -> None:
    assert ONE.lookup("sms", "+1 555-0001") == ONE.lookup("sms", "+15550001")
    assert ONE.lookup("email", " A@B.c ") == ONE.lookup("email", "a@b.c")
    assert ONE.lookup("telegram", "A") != ONE.lookup("telegram", "a")
    assert ONE.lookup("telegram", "1") != ONE.lookup("sms", "1")
    assert ONE.lookup("sms", "1") != TWO.lookup("sms", "1")
    assert len(ONE.lookup("sms", "1")) == 32


def test_parts_of_a_key_cannot_be_shifted_into_each_other() -> None:
    assert ONE.dedup("a", "bc", "d") != ONE.dedup("ab", "c", "d")


@given(st.binary(min_size=32, max_size=32), st.text(max_size=200))
def test_the_quick_hmac_is_hmac_sha256(key: bytes, message: str) -> None:
    data = message.encode("utf-8", "surrogatepass")
    assert crypto._Hmac(key).digest(data) == hmac.new(key, data, sha256).digest()


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_token_names_its_subject_to_whoever_knows_the_purpose(subject: str) -> None:
    token = ONE.sign("webchat", subject)
    assert ONE.verify("webchat", token) == subject
    assert ONE.verify("reply", token) is None
    assert TWO.verify("webchat", token) is None


@given(st.binary(min_size=16, max_size=16))
def test_the_token_of_an_id_fits_into_a_mail_address_and_survives_its_case(raw: bytes) -> None:
    token = ONE.sign_id("reply", raw.hex())
    assert len(f"reply-to-us-please+{token}") <= 64
    assert token.isascii()
    assert token.isalnum()
    for written in (token, token.upper(), token.title()):
        assert ONE.verify_id("reply", written) == raw.hex()
    assert ONE.verify_id("another", token) is None
    assert TWO.verify_id("reply", token) is None


@given(st.text(max_size=80))
def test_no_text_is_the_token_of_an_id_by_chance(text: str) -> None:
    assert ONE.verify_id("reply", text) is None


def test_a_token_is_good_until_it_expires() -> None:
    token = ONE.sign("webchat", "42", expires=1000)
    assert ONE.verify("webchat", token, now=1000) == "42"
    assert ONE.verify("webchat", token, now=1001) is None


@given(st.text(max_size=80))
def test_no_text_that_was_not_signed_is_a_token(text: str) -> None:
    assert ONE.verify("webchat", text) is None


def test_a_token_has_one_spelling() -> None:
    token = ONE.sign("webchat", "4")
    others = {token + "=", token + "A", " " + token, token[:-1] + chr(ord(token[-1]) + 1)}
    assert [ONE.verify("webchat", other) for other in others] == [None] * len(others)


def test_the_secret_is_made_once_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret.key"
    secret = load_secret(path, "")
    assert len(secret) == 32
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert load_secret(path, "") == secret


def test_two_processes_that_start_at_once_take_the_same_secret(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(load_secret(path, ""))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1


def test_a_given_secret_goes_before_the_file(tmp_path: Path) -> None:
    assert load_secret(tmp_path / "secret.key", "ab" * 32) == bytes([0xAB]) * 32
    assert not (tmp_path / "secret.key").exists()


def test_without_a_file_the_secret_must_be_given() -> None:
    with pytest.raises(BadSecret, match="MOTLINE_SECRET_KEY is not set"):
        load_secret(None, "")


@pytest.mark.parametrize("given", ["short", "zz" * 32, "ab" * 31])
def test_a_secret_that_is_none_is_refused_without_being_shown(given: str) -> None:
    with pytest.raises(BadSecret, match="MOTLINE_SECRET_KEY") as refused:
        load_secret(None, given)
    assert given not in str(refused.value)
