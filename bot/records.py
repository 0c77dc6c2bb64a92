"""What other programs and files say of customers and moments, checked field by field.

Rule: the API and the CSV import accept exactly the same; an error names the field, the value and the fix.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from dialogs.phrases import PhraseError, Value, phrase

_MAIL: Final = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]+\.[^\s@<>\"]{2,}")
Plain: TypeAlias = str | int | float | bool | None
_NAME: Final = r"^[A-Za-z0-9_.:-]{1,64}$"


def _wrong(key: str, /, **fields: Value) -> PhraseError:
    return PhraseError(phrase(key, **fields))


def _zone(value: str) -> str:
    if value:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise _wrong("intake.zone", value=repr(value)) from None
    return value


def _language(value: str) -> str:
    if value and not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", value):
        raise _wrong("intake.language", value=repr(value))
    return value.replace("_", "-")


def _mail(value: str) -> str:
    if not _MAIL.fullmatch(value):
        raise _wrong("intake.mail", value=repr(value))
    return value.lower()


def _phone(value: str) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        raise _wrong("intake.phone", value=repr(value)) from None
    if not phonenumbers.is_possible_number(number):
        raise _wrong("intake.phone_length", value=repr(value))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


#: Levels of lists and objects inside each other.
_DEEPEST: Final = 20


def _holdable(value: object) -> None:
    """Raises ValueError for what cannot be kept: PostgreSQL has no NUL, and JSON is written to a depth."""
    waiting = [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        if depth > _DEEPEST:
            raise _wrong("intake.deep", most=_DEEPEST)
        match one:
            case str() if "\0" in one:
                raise _wrong("intake.nul")
            case dict():
                waiting += [(part, depth + 1) for pair in one.items() for part in pair]
            case list():
                waiting += [(part, depth + 1) for part in one]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _can_be_kept(cls, value: object) -> object:
        _holdable(value)
        return value


class ConsentRecord(_Strict):
    """A purpose that a customer agreed to, or no longer does, and where they said so."""

    purpose: Literal["service", "marketing", "research"]
    status: Literal["granted", "withdrawn"] = "granted"
    source: Annotated[str, Field(min_length=1, max_length=200)]
    at: AwareDatetime | None = None


class AddressesRecord(_Strict):
    """Where a customer is reached. Telegram and WeChat are not given here: customers connect those by a link."""

    email: Annotated[str, AfterValidator(_mail)] | None = None
    sms: Annotated[str, AfterValidator(_phone)] | None = None


#: The attribute that says where a customer wants to be asked.
PREFERRED: Final = "preferred_channel"
_WAYS: Final = ("telegram", "wechat", "email", "sms", "webchat", "rest")


def _preference(value: dict[str, Plain]) -> dict[str, Plain]:
    stated = value.get(PREFERRED)
    if stated not in (None, "", *_WAYS):
        raise _wrong("intake.preferred", attribute=PREFERRED, value=repr(stated), known=_WAYS)
    return value


Attributes: TypeAlias = Annotated[dict[str, Plain], Field(max_length=100), AfterValidator(_preference)]


class CustomerRecord(_Strict):
    """A customer as another program knows them; `external_id` is its own id, by which they are found again."""

    external_id: Annotated[str, Field(min_length=1, max_length=128)]
    name: Annotated[str, Field(max_length=200)] = ""
    language: Annotated[str, Field(max_length=16), AfterValidator(_language)] = ""
    timezone: Annotated[str, Field(max_length=64), AfterValidator(_zone)] = ""
    attributes: Attributes = Field(default_factory=dict)
    addresses: AddressesRecord = AddressesRecord()
    consents: Annotated[list[ConsentRecord], Field(max_length=20)] = Field(default_factory=list)


class LinkRecord(_Strict):
    """A link that connects a channel to a customer; `dialog` is the dialog that it opens, by name (empty: none)."""

    channel: Literal["telegram", "wechat", "sms", "email"]
    dialog: Annotated[str, Field(max_length=64)] = ""


class MomentRecord(_Strict):
    """Something that happened to a customer. `id` makes it idempotent: a second one of the same id changes nothing."""

    id: Annotated[str, Field(min_length=1, max_length=128)]
    moment: Annotated[str, Field(pattern=_NAME)]
    customer: Annotated[str, Field(min_length=1, max_length=128)]
    at: AwareDatetime | None = None
    data: Annotated[dict[str, Any], Field(max_length=100)] = Field(default_factory=dict)

    def at_ms(self, now: datetime) -> int:
        """When it happened, in milliseconds UTC; now where nothing was said."""
        return int((self.at or now).timestamp() * 1000)
