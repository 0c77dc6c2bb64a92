"""The REST API for other programs: customers and moments, each behind a key.

Rule: an error names the field; nothing is taken in part; a body is read to 1 MiB and no further, and as JSON has it,
not as Python does. The description is at /api/openapi.json.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import Depends, FastAPI, HTTPException
from fastapi.requests import Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from bot.clock import milliseconds
from bot.deep_links import LIFETIME, DeepLinks
from bot.intake import take_customer
from bot.records import CustomerRecord, LinkRecord, MomentRecord
from bot.web.asgi import MAX_BODY
from bot.web.parts import Access, Parts
from channels.errors import ChannelError
from storage import moments
from storage.customers import Customers
from storage.errors import Refused

_BEARER = HTTPBearer(auto_error=False, description="A key made in the console under Keys.")
Given = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


class TakenCustomer(BaseModel):
    """What became of a customer. `chat_url` is their own chat page; keep it to them."""

    id: str
    external_id: str
    outcome: Literal["created", "updated"]
    chat_url: str


class MadeLink(BaseModel):
    """A link that connects a channel to a customer, once, until `expires_at`: to open, or to show as a QR code."""

    channel: str
    url: str
    expires_at: datetime


class TakenMoment(BaseModel):
    """What became of a moment: "new", or "known" where this id was reported before and nothing was done."""

    id: str
    outcome: Literal["new", "known"]


class _Strictly(Request):
    """Python's own reader lets NaN, half of a surrogate pair and numbers of any length through; no store holds them."""

    async def json(self) -> Any:
        return orjson.loads(await self.body())


class _Strict(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        handle = super().get_route_handler()

        async def strictly(asked: Request) -> Response:
            return await handle(_Strictly(asked.scope, asked.receive))

        return strictly


class _Taking:
    """The endpoints. `wake` is called when a moment has been kept; `links` connect chats to customers."""

    def __init__(self, parts: Parts, access: Access, links: DeepLinks, wake: Callable[[], None]) -> None:
        self._parts, self._access, self._links, self._wake = parts, access, links, wake
        self._customers = Customers(parts.database, parts.keys)

    async def key(self, asked: Request, given: Given) -> None:
        """Only with a key of scope moments."""
        found = await self._access.key(given.credentials, "moments") if given else None
        if found is None:
            raise HTTPException(401, "a key of scope moments is needed", {"www-authenticate": "Bearer"})
        asked.state.by = f"key:{found.name}"

    async def customer(self, asked: Request, record: CustomerRecord) -> TakenCustomer:
        """Create or update a customer, found by external_id."""
        now = milliseconds(self._parts.clock.now())
        saved = await take_customer(self._customers, record, actor=asked.state.by, now=now)
        how: Literal["created", "updated"] = "created" if saved.how == "created" else "updated"
        chat_url = self._parts.links.chat_url(saved.public_id)
        return TakenCustomer(id=saved.public_id, external_id=record.external_id, outcome=how, chat_url=chat_url)

    async def link(self, customer: str, record: LinkRecord) -> MadeLink:
        """Make a link that connects a channel to the customer of this external id: single use, 30 days."""
        found = await self._customers.named(customer)
        if found is None:
            raise HTTPException(404, _problem("customer", f"{customer!r} is not known; send the customer first"))
        channel = self._parts.channels.get(record.channel)
        if channel is None:
            raise HTTPException(422, _problem("channel", f"{record.channel} is not switched on"))
        try:
            url = await self._links.address(found.id, channel, script=record.dialog)
        except ChannelError as error:
            raise HTTPException(502, _problem("channel", str(error))) from None
        return MadeLink(channel=record.channel, url=url, expires_at=self._parts.clock.now() + LIFETIME)

    async def moment(self, record: MomentRecord) -> TakenMoment:
        """Something happened to a customer; idempotent by id."""
        found = await self._customers.named(record.customer)
        if found is None:
            raise HTTPException(422, _problem("customer", f"{record.customer!r} is not known; send the customer first"))
        now = self._parts.clock.now()
        reported = await moments.report(
            self._parts.database,
            record.id,
            record.moment,
            found.id,
            now=milliseconds(now),
            at=record.at_ms(now),
            data=record.data,
        )
        self._wake()
        return TakenMoment(id=record.id, outcome="new" if reported.how == "new" else "known")


async def _refused(_asked: Request, error: Exception) -> JSONResponse:
    field, _, rest = str(error).partition(":")
    problem = _problem(field, rest.strip()) if field in CustomerRecord.model_fields else _problem("", str(error))
    return JSONResponse({"detail": problem}, 422)


def api(parts: Parts, access: Access, links: DeepLinks, wake: Callable[[], None]) -> FastAPI:
    """The application to mount at /api. `wake` is called when a moment has been kept."""
    app = FastAPI(
        title="Motline",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        max_body_size=MAX_BODY,
        exception_handlers={Refused: _refused},
    )
    app.router.route_class = _Strict
    taking = _Taking(parts, access, links, wake)
    key = [Depends(taking.key)]
    app.post("/customers", dependencies=key, summary="Create or update a customer, found by external_id")(
        taking.customer
    )
    connects = "A link that connects a channel to a customer"
    app.post("/customers/{customer:path}/links", dependencies=key, summary=connects)(taking.link)
    app.post(
        "/moments", status_code=202, dependencies=key, summary="Something happened to a customer; idempotent by id"
    )(taking.moment)
    return app


def _problem(field: str, message: str) -> list[dict[str, Any]]:
    """One problem in FastAPI's own shape of a 422."""
    return [{"loc": ["body", field] if field else ["body"], "msg": message, "type": "value_error"}]
