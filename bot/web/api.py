"""The REST API for other programs: customers and moments, each behind a key.

Rule: an error names the field; nothing is taken in part; a body is read to 1 MiB and no further, and as JSON has it,
not as Python does. The description is at /api/openapi.json.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import orjson
from fastapi import Depends, FastAPI, HTTPException
from fastapi.requests import Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from bot.clock import milliseconds
from bot.intake import take_customer
from bot.records import CustomerRecord, MomentRecord
from bot.web.asgi import MAX_BODY
from bot.web.parts import Access, Parts
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


def api(parts: Parts, access: Access, wake: Any) -> FastAPI:
    """The application to mount at /api. `wake` is called when a moment has been kept."""
    app = FastAPI(
        title="Motline",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        max_body_size=MAX_BODY,
    )
    app.router.route_class = _Strict
    customers = Customers(parts.database, parts.keys)

    async def key(asked: Request, given: Given) -> None:
        found = await access.key(given.credentials, "moments") if given else None
        if found is None:
            raise HTTPException(401, "a key of scope moments is needed", {"www-authenticate": "Bearer"})
        asked.state.by = f"key:{found.name}"

    @app.post("/customers", dependencies=[Depends(key)], summary="Create or update a customer, found by external_id")
    async def customer(asked: Request, record: CustomerRecord) -> TakenCustomer:
        saved = await take_customer(customers, record, actor=asked.state.by, now=milliseconds(parts.clock.now()))
        how: Literal["created", "updated"] = "created" if saved.how == "created" else "updated"
        return TakenCustomer(
            id=saved.public_id,
            external_id=record.external_id,
            outcome=how,
            chat_url=parts.links.chat_url(saved.public_id),
        )

    @app.post(
        "/moments",
        status_code=202,
        dependencies=[Depends(key)],
        summary="Something happened to a customer; idempotent by id",
    )
    async def moment(record: MomentRecord) -> TakenMoment:
        found = await customers.named(record.customer)
        if found is None:
            raise HTTPException(422, _problem("customer", f"{record.customer!r} is not known; send the customer first"))
        now = parts.clock.now()
        reported = await moments.report(
            parts.database,
            record.id,
            record.moment,
            found.id,
            now=milliseconds(now),
            at=record.at_ms(now),
            data=record.data,
        )
        wake()
        return TakenMoment(id=record.id, outcome="new" if reported.how == "new" else "known")

    @app.exception_handler(Refused)
    async def refused(_asked: Request, error: Refused) -> JSONResponse:
        field, _, rest = str(error).partition(":")
        problem = _problem(field, rest.strip()) if field in CustomerRecord.model_fields else _problem("", str(error))
        return JSONResponse({"detail": problem}, 422)

    return app


def _problem(field: str, message: str) -> list[dict[str, Any]]:
    """One problem in FastAPI's own shape of a 422."""
    return [{"loc": ["body", field] if field else ["body"], "msg": message, "type": "value_error"}]
