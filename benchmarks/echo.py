"""The yardstick: a bare Starlette route that reads the body as JSON and writes it back, on the same uvicorn."""

from __future__ import annotations

import sys

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def echo(request: Request) -> Response:
    body = await request.body()
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = {"body": body.decode("utf-8", "replace")}
    return Response(orjson.dumps(value), media_type="application/json")


app = Starlette(routes=[Route("/{path:path}", echo, methods=["POST"])])

if __name__ == "__main__":
    here = {"host": "127.0.0.1", "port": int(sys.argv[1])}
    uvicorn.run(app, **here, log_level="warning", access_log=False, loop="uvloop", http="httptools")
