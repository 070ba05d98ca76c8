"""HTTP on loopback: /bot<TOKEN>/<method> with JSON, form or multipart, /file/bot<TOKEN>/<path>, /__control__/.

Answers as the real server: 401 for a wrong token, 404 for what is no method, the error's code as HTTP status,
Retry-After beside `retry_after`. Faults are applied here, around what core.py does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from .core import Core
from .errors import ApiError, bad_request
from .faults import Fault
from .records import Request
from .validation import Params, Upload, decode, known_method

MAX_BODY = 60 << 20
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_OK = b'{"ok":true,"result":%s}'


class Server:
    def __init__(self, core: Core, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.core = core
        self.host = host
        self.port = port
        self._prefix = f"/bot{core.settings.token}/"
        self._file_prefix = f"/file/bot{core.settings.token}/"
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self.control: Handler | None = None

    @property
    def root(self) -> str:
        return f"http://{self.host}:{self.port}"

    async def start(self) -> None:
        if self.core.settings.strict:
            known_method("getMe")
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await self.resume()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def pause(self) -> None:
        if self._site is not None:
            await self._site.stop()
            self._site = None
        assert self._runner is not None
        assert self._runner.server is not None
        for connection in list(self._runner.server.connections):
            if connection.transport is not None:
                connection.transport.abort()

    async def resume(self) -> None:
        if self._site is not None:
            return
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, self.host, self.port, reuse_address=True)
        await self._site.start()
        assert self._site._server is not None
        self.port = self._site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        if path.startswith(self._prefix):
            return await self._method(request, path[len(self._prefix) :])
        if path.startswith(self._file_prefix):
            return self._file(path[len(self._file_prefix) :])
        if path.startswith("/__control__/"):
            return await self._control(request)
        if path.startswith(("/bot", "/file/bot")):
            return _answer(ApiError(401, "Unauthorized"))
        return _answer(ApiError(404, "Not Found"))

    async def _control(self, request: web.Request) -> web.StreamResponse:
        return await self.control(request) if self.control is not None else _answer(ApiError(404, "Not Found"))

    def _file(self, path: str) -> web.Response:
        stored = self.core.world.paths.get(path)
        if stored is None:
            return _answer(ApiError(404, "Not Found"))
        return web.Response(body=stored.data, content_type="application/octet-stream")

    async def _method(self, request: web.Request, name: str) -> web.StreamResponse:
        method = _proper_name(self.core, name)
        try:
            raw = await read_params(request)
        except ApiError as error:
            self.core.violate(f"{method}: {error.description}")
            return _answer(error)
        faults = {fault.kind: fault for fault in self.core.faults.take(method, raw)}
        if "delay" in faults:
            await asyncio.sleep(faults["delay"].seconds)
        if "drop_request" in faults:
            return _drop(request)
        if "error" in faults:
            return self._refused(method, raw, faults["error"])
        body, status, retry_after = await self._carry_out(method, raw)
        if "drop_reply" in faults:
            return _drop(request)
        if "drip" in faults:
            return await _drip(request, body, status, faults["drip"].seconds)
        return _json(body, status, retry_after)

    async def _carry_out(self, method: str, raw: Params) -> tuple[bytes, int, int]:
        core, params = self.core, raw
        try:
            handler, params = core.prepare(method, raw)
            result = await handler.run(core, params)
        except ApiError as error:
            core.log(Request(method, params, error.code, error.body(), time.time()))
            return msgspec.json.encode(error.body()), error.code, error.parameters.get("retry_after", 0)
        except Exception as error:  # noqa: BLE001 - a fault of the emulator must show as one
            core.violate(f"{method}: the emulator failed with {error!r} on {raw}")
            core.log(Request(method, params, 500, {"description": repr(error)}, time.time()))
            failure = ApiError(500, f"Internal Server Error: {error!r}")
            return msgspec.json.encode(failure.body()), 500, 0
        core.log(Request(method, params, 200, result, time.time()))
        return _OK % msgspec.json.encode(result), 200, 0

    def _refused(self, method: str, raw: Params, fault: Fault) -> web.Response:
        answer = fault.answer()
        self.core.log(Request(method, decode(raw), fault.status, answer, time.time()))
        if fault.body is not None:
            return web.Response(body=fault.body, status=fault.status, content_type="text/html")
        return _json(msgspec.json.encode(answer), fault.status, fault.retry_after)


async def read_params(request: web.Request) -> Params:
    """Parameters of the query and the body; uploads as Upload."""
    params: Params = dict(request.query)
    kind = request.content_type
    if request.method == "GET" or not request.can_read_body:
        return params
    if kind == "application/json":
        try:
            body = msgspec.json.decode(await request.read())
        except msgspec.DecodeError:
            raise bad_request("can't parse JSON body") from None
        if not isinstance(body, dict):
            raise bad_request("an object is expected as JSON body")
        return {**params, **{name: value for name, value in body.items() if value is not None}}
    if kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        raise bad_request(f"content type {kind} is not understood")
    form = await request.post()
    for name, value in form.items():
        if isinstance(value, web.FileField):
            params[name] = Upload(value.filename, value.file.read(), value.content_type)
        elif isinstance(value, str):
            params[name] = value
    return params


def _proper_name(core: Core, name: str) -> str:
    """The documented spelling: the real server takes any case."""
    if not core.settings.strict:
        return name
    known = known_method(name)
    return known.name if known else name


def _json(body: bytes, status: int = 200, retry_after: int = 0) -> web.Response:
    headers = {"Retry-After": str(retry_after)} if retry_after else None
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


def _answer(error: ApiError) -> web.Response:
    return _json(msgspec.json.encode(error.body()), error.code)


def _drop(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _drip(request: web.Request, body: bytes, status: int, seconds: float) -> web.StreamResponse:
    response = web.StreamResponse(status=status, headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    for index in range(len(body)):
        await response.write(body[index : index + 1])
        await asyncio.sleep(seconds)
    await response.write_eof()
    return response
