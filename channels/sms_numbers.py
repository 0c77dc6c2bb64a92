"""Telephone numbers as E.164, the one form in which they are kept and compared.

Rule: what is no number is left as it came on the way in (a bank's name, a short code) and refused on the way out.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_E164: Final = re.compile(r"\+[1-9]\d{6,14}")


@lru_cache(maxsize=4096)
def e164(number: str, region: str = "") -> str:
    """`+` and digits for an international number, or for one as dialled in `region` ("CN"). Raises ValueError."""
    if _E164.fullmatch(number):
        return number
    # Imported here: its tables cost 50 ms, and what a gateway sends is E.164 already.
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, region or None)
    except phonenumbers.NumberParseException as error:
        hint = "" if region else "; write it with + and the country's code"
        raise ValueError(f"{number!r} is no telephone number ({error}){hint}") from None
    if not phonenumbers.is_possible_number(parsed):
        raise ValueError(f"{number!r} has a length that no telephone number of its country has")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def as_received(sender: str) -> str:
    """A sender's number as E.164; a short code or a name unchanged. A prefix such as `whatsapp:` is kept."""
    if _E164.fullmatch(sender):
        return sender
    prefix, colon, number = sender.rpartition(":")
    try:
        return prefix + colon + e164(number) if number.startswith("+") else sender
    except ValueError:
        return sender


def answerable(sender: str) -> bool:
    """Whether people can write back to this sender: not to a name such as "MyShop"."""
    return not any(char.isalpha() for char in sender.rpartition(":")[2])
