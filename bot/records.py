"""What other programs and files say of customers and moments, checked field by field.

Rule: the API and the CSV import accept exactly the same; an error names the field, the value and the fix.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, field_validator

_MAIL: Final = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]+\.[^\s@<>\"]{2,}")
Plain: TypeAlias = str | int | float | bool | None
_NAME: Final = r"^[A-Za-z0-9_.:-]{1,64}$"


def _zone(value: str) -> str:
    if value:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{value!r} is no time zone; write an IANA name such as 'Asia/Shanghai'") from None
    return value


def _language(value: str) -> str:
    if value and not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", value):
        raise ValueError(f"{value!r} is no language; write a code such as 'en' or 'zh'")
    return value.replace("_", "-")


def _mail(value: str) -> str:
    if not _MAIL.fullmatch(value):
        raise ValueError(f"{value!r} is no mail address; write it as in 'li@example.com'")
    return value.lower()


def _phone(value: str) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        raise ValueError(f"{value!r} is no phone number; write it with its country, as in '+8613800138000'") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError(f"{value!r} has not the length of a phone number there; please check it")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


#: Levels of lists and objects inside each other.
_DEEPEST: Final = 20


def _holdable(value: object) -> None:
    """Raises ValueError for what cannot be kept: PostgreSQL has no NUL, and JSON is written to a depth."""
    waiting = [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        if depth > _DEEPEST:
            raise ValueError(f"lists and objects stand in each other deeper than {_DEEPEST} levels; write it flatter")
        match one:
            case str() if "\0" in one:
                raise ValueError("a text holds the character NUL (\\u0000); leave it out")
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
        raise ValueError(f"{PREFERRED} {stated!r} is no channel; write one of {', '.join(_WAYS)}")
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
