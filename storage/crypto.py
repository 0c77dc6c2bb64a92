"""Encryption of fields, keyed look-ups, and signed tokens: everything that is made with the house's secret.

Rule: one secret of 32 bytes; every use has a key of its own, derived by HKDF-SHA256 (RFC 5869) under the use's name, so
that what one use shows says nothing about another. Sealed bytes begin with the id of their key: a new secret seals, the
old ones still open. Look-ups and tokens are made with the current secret alone; changing it means indexing addresses
anew and lets signed links lapse.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
import time
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import StoreError

SECRET_BYTES: Final = 32
_NONCE: Final = 12
_KEY_ID: Final = 4
_SIGNATURE: Final = 16
_EXPIRY: Final = 5
_SHORT: Final = 12
_ID: Final = 16
_FIX: Final = "make one with: python -c 'import secrets; print(secrets.token_hex(32))'"


#: Random numbers of 16 bytes are fetched so many at a time: each call of the system gives up the interpreter's lock.
_FETCHED: Final = 256
_random: list[bytes] = []
# A child must not give out the numbers that its parent gives out.
os.register_at_fork(after_in_child=_random.clear)


class BadSecret(StoreError):
    """The secret is missing or is not 32 bytes."""


class Unreadable(StoreError):
    """Sealed bytes that no known key opens: another secret sealed them, or they were changed."""


class Keys:
    """The keys made from a secret of 32 bytes, and older secrets whose sealed fields can still be opened."""

    def __init__(self, secret: bytes, *older: bytes) -> None:
        ciphers = [_Cipher(each) for each in (secret, *older)]
        self._cipher = ciphers[0]
        self._ciphers = {cipher.key_id: cipher for cipher in reversed(ciphers)}
        self._lookup = _Hmac(_derived(secret, "lookup"))
        self._dedup = _Hmac(_derived(secret, "dedup"))
        self._token = _Hmac(_derived(secret, "token"))

    def seal(self, plain: bytes) -> bytes:
        """Encrypted with AES-256-GCM under a random nonce: key id (4), nonce (12), text, tag (16)."""
        return self._cipher.seal(plain)

    def open(self, sealed: bytes) -> bytes:
        """What was sealed. Raises Unreadable."""
        cipher = self._ciphers.get(bytes(sealed[:_KEY_ID]))
        if cipher is None:
            raise Unreadable(
                "a field was encrypted with a secret that is not known here; "
                "set MOTLINE_SECRET_KEY (or data/secret.key) to the one this database was made with"
            )
        return cipher.open(bytes(sealed))

    def lookup(self, channel: str, address: str) -> str:
        """Where an address is found: HMAC-SHA256 of channel and normalised id, cut to 128 bits, as 32 hex digits."""
        return self._lookup.hex(f"{channel}\0{normalised(channel, address)}")

    def dedup(self, account: str, kind: str, identifier: str) -> str:
        """The deduplication key of an inbound message, as 32 hex digits."""
        return self._dedup.hex(f"{account}\0{kind}\0{identifier}")

    def sign(self, purpose: str, subject: str, *, expires: float = 0) -> str:
        """A token that names `subject` for `purpose`: URL-safe characters only; `expires` in epoch seconds, 0 never."""
        body = int(expires).to_bytes(_EXPIRY, "big") + subject.encode()
        return _text(self._token.digest(purpose.encode() + b"\0" + body)[:_SIGNATURE] + body)

    def verify(self, purpose: str, token: str, *, now: float | None = None) -> str | None:
        """The subject of a token signed for this purpose and not expired at `now` (epoch seconds), or None."""
        raw = _bytes(token)
        signature, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if len(body) < _EXPIRY:
            return None
        if not hmac.compare_digest(signature, self._token.digest(purpose.encode() + b"\0" + body)[:_SIGNATURE]):
            return None
        expires = int.from_bytes(body[:_EXPIRY], "big")
        if expires and expires < (time.time() if now is None else now):
            return None
        return body[_EXPIRY:].decode()


    def sign_id(self, purpose: str, public_id: str) -> str:
        """A token that names a public id (32 hex digits): 45 letters and digits, whatever case they come back in.

        Short, as it stands in the local part of a mail address, which holds 64 characters (RFC 5321, 4.5.3.1.1).
        """
        body = bytes.fromhex(public_id)
        raw = self._token.digest(purpose.encode() + b"\0" + body)[:_SHORT] + body
        return base64.b32encode(raw).rstrip(b"=").decode().lower()

    def verify_id(self, purpose: str, token: str) -> str | None:
        """The public id of a token of `sign_id`, or None."""
        try:
            raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
        except (ValueError, binascii.Error):
            return None
        signature, body = raw[:_SHORT], raw[_SHORT:]
        known = self._token.digest(purpose.encode() + b"\0" + body)[:_SHORT]
        return body.hex() if len(body) == _ID and hmac.compare_digest(signature, known) else None


class _Cipher:
    def __init__(self, secret: bytes) -> None:
        if len(secret) != SECRET_BYTES:
            raise BadSecret(f"the secret has {len(secret)} bytes, it must have {SECRET_BYTES}; {_FIX}")
        self.key_id = _derived(secret, "key id")[:_KEY_ID]
        self._aead = AESGCM(_derived(secret, "seal"))

    def seal(self, plain: bytes) -> bytes:
        nonce = _random16()[:_NONCE]
        return self.key_id + nonce + self._aead.encrypt(nonce, plain, self.key_id)

    def open(self, sealed: bytes) -> bytes:
        start = _KEY_ID + _NONCE
        try:
            return self._aead.decrypt(sealed[_KEY_ID:start], sealed[start:], self.key_id)
        except (InvalidTag, ValueError):
            raise Unreadable("a sealed field was changed or cut off; restore the row from a backup") from None


class _Hmac:
    """HMAC-SHA256 with the key absorbed once: about 1 µs a digest instead of 3."""

    def __init__(self, key: bytes) -> None:
        padded = key.ljust(64, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in padded))

    def digest(self, message: bytes) -> bytes:
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()

    def hex(self, message: str) -> str:
        return self.digest(message.encode("utf-8", "surrogatepass"))[:16].hex()


def normalised(channel: str, address: str) -> str:
    """The form of an id that is looked up: mail in lower case, a phone number without spaces, all else as it is."""
    match channel:
        case "email":
            return address.strip().lower()
        case "sms":
            return "".join(character for character in address if character.isdigit() or character == "+")
        case _:
            return address


def new_public_id() -> str:
    """128 random bits as 32 hex digits."""
    return _random16().hex()


def _random16() -> bytes:
    """16 bytes of the system's random numbers, never given out twice. From any thread."""
    try:
        return _random.pop()
    except IndexError:
        fetched = os.urandom(16 * _FETCHED)
        _random.extend(fetched[at : at + 16] for at in range(16, len(fetched), 16))
        return fetched[:16]


def new_token() -> str:
    """128 random bits as 22 URL-safe characters, for keys, links and sessions; kept only as `hash_token`."""
    return secrets.token_urlsafe(16)


def hash_token(token: str) -> str:
    """What is kept of a random token: SHA-256 as 64 hex digits. Enough, because the token itself cannot be guessed."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def load_secret(path: Path | None, given: str) -> bytes:
    """The secret: `given` (MOTLINE_SECRET_KEY) where set, else the file's, which is made with mode 0600 at first.

    Without a path it must be given: several machines on one PostgreSQL need the same one.

    Raises BadSecret, naming the place and the fix.
    """
    if given:
        return _parsed(given, "MOTLINE_SECRET_KEY")
    if path is None:
        raise BadSecret(f"MOTLINE_SECRET_KEY is not set, and with PostgreSQL it must be; {_FIX}")
    if not path.exists():
        _make(path)
    return _parsed(path.read_text(encoding="ascii", errors="replace").strip(), str(path))


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(SECRET_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link, not a rename: of two processes that start at once, the second must take the first one's secret.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _parsed(text: str, place: str) -> bytes:
    for decode in (bytes.fromhex, _bytes):
        try:
            secret = decode(text)
        except ValueError:
            continue
        if len(secret) == SECRET_BYTES:
            return secret
    raise BadSecret(f"{place} is not a secret of 32 bytes in hex (64 characters) or base64url; {_FIX}")


def _derived(secret: bytes, use: str) -> bytes:
    return HKDF(SHA256(), SECRET_BYTES, salt=None, info=f"motline {use}".encode()).derive(secret)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    """Decoded base64url, or nothing where it is not in its one canonical form."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        return b""
    return raw if _text(raw) == text else b""
