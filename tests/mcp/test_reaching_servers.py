"""Remote servers: tokens, and results that are almost right."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCResponse

import mcp
from ccproxy.config.mcp_settings import McpOAuth, McpServer
from ccproxy.mcp.transports import WatchedStream

TOKEN = "given-by-the-authorization-server"


class OneItem:
    """A stream of one item."""

    def __init__(self, item: object) -> None:
        self._items = [item]

    async def __anext__(self) -> object:
        if not self._items:
            raise StopAsyncIteration
        return self._items.pop()


@pytest.mark.parametrize(("completes", "expected"), [(True, {"resultType": "complete"}), (False, {})])
async def test_a_newer_result_may_lack_its_type(completes: bool, expected: dict[str, str]) -> None:
    answer = SessionMessage(JSONRPCResponse(jsonrpc="2.0", id=1, result={}))
    stream = WatchedStream(OneItem(answer), asyncio.Event())  # type: ignore[arg-type]
    stream.completes_results = completes

    await anext(stream)

    assert expected == answer.message.result


async def test_the_end_of_a_stream_is_told() -> None:
    ended = asyncio.Event()
    stream = WatchedStream(OneItem(Exception("a line that is no message")), ended)  # type: ignore[arg-type]

    await anext(stream)
    before = ended.is_set()
    with pytest.raises(StopAsyncIteration):
        await anext(stream)

    assert (False, True) == (before, ended.is_set())


@pytest.fixture
async def guarded(open_hub: Any, program: Any, unused_tcp_port: int) -> AsyncIterator[tuple[str, list[dict[str, str]]]]:
    """A remote server that wants a token, and what was asked of its authorization server."""
    hub = await open_hub(program("one"))
    root = f"http://127.0.0.1:{unused_tcp_port}"
    asked: list[dict[str, str]] = []

    async def resource(_request: web.Request) -> web.Response:
        return web.json_response({"resource": f"{root}/mcp", "authorization_servers": [root]})

    async def server(_request: web.Request) -> web.Response:
        endpoints = {"authorization_endpoint": f"{root}/authorize", "token_endpoint": f"{root}/token"}
        methods = {"grant_types_supported": ["client_credentials"], "response_types_supported": ["code"]}
        return web.json_response({"issuer": root, **endpoints, **methods})

    async def token(request: web.Request) -> web.Response:
        form = await request.post()
        asked.append({name: str(value) for name, value in form.items()} | {"auth": request.headers["authorization"]})
        return web.json_response({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600})

    async def relay(request: web.Request) -> web.StreamResponse:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            where = f'Bearer resource_metadata="{root}/.well-known/oauth-protected-resource"'
            return web.Response(status=401, headers={"www-authenticate": where})
        kept = ("accept", "content-type", "mcp-session-id", "mcp-protocol-version", "mcp-method", "mcp-name")
        headers = {name: request.headers[name] for name in kept if name in request.headers}
        if request.method == "GET":
            return web.Response(status=405)
        async with (
            aiohttp.ClientSession() as client,
            client.request(request.method, hub.url, data=await request.read(), headers=headers) as answer,
        ):
            session = {name: answer.headers[name] for name in ("mcp-session-id",) if name in answer.headers}
            kind = {"content-type": answer.headers.get("content-type", "application/json")}
            return web.Response(status=answer.status, body=await answer.read(), headers={**session, **kind})

    app = web.Application()
    app.router.add_get("/.well-known/oauth-protected-resource", resource)
    app.router.add_get("/.well-known/oauth-authorization-server", server)
    app.router.add_post("/token", token)
    app.router.add_route("*", "/mcp", relay)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    yield f"{root}/mcp", asked
    await runner.cleanup()


async def test_gets_a_token_with_a_client_secret(
    open_hub: Any, guarded: tuple[str, list[dict[str, str]]], tmp_path: Any
) -> None:
    url, asked = guarded
    server = McpServer("far", url=url, own_sessions=True, oauth=McpOAuth("me", "secret", url.removesuffix("/mcp")))
    hub = await open_hub(server, state_path=str(tmp_path / "mcp.db"))

    async with mcp.Client(hub.url, mode="legacy") as client:
        await client.list_tools()
        result = await client.call_tool("echo", {"message": "x"})

    assert "one: x" == result.content[0].text
    assert ["client_credentials"] == [form["grant_type"] for form in asked]


async def test_tells_who_has_to_log_in(open_hub: Any, guarded: tuple[str, list[dict[str, str]]]) -> None:
    url, _ = guarded
    hub = await open_hub(McpServer("far", url=url, own_sessions=True, oauth=McpOAuth(client_id="me")))

    async with mcp.Client(hub.url, mode="legacy") as client:
        await client.list_tools()

    assert hub.hub.status()["servers"]["far"]["error"]
