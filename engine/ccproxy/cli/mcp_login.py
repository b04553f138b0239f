"""`ccproxy mcp login`: a person allows the proxy to use a remote server; the tokens are kept in the state file."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web
from mcp.client.auth import AuthorizationCodeResult

from ccproxy.config.mcp_settings import McpOAuth
from ccproxy.mcp.link import EVERYTHING, Link, LinkError
from ccproxy.mcp.oauth import REDIRECT, auth_for
from ccproxy.mcp.store import IN_MEMORY, Store
from ccproxy.mcp.transports import transport_of
from ccproxy.server.mcp_door import state_path

if TYPE_CHECKING:
    import mcp_types as types

    from ccproxy.cli.setup import Setup

PATIENCE_S = 300.0


class Deaf:
    """Ears for a connection that only logs in."""

    async def asked(self, _link: Link, _request: types.ServerRequest, _answer: type[object]) -> types.ErrorData:
        """Answer nothing."""
        raise NotImplementedError

    async def heard(self, _link: Link, _message: types.ServerNotification) -> None:
        """Do nothing."""


async def log_in(setup: Setup, name: str) -> int:
    """Log in: 0 done, 1 failed, 2 no such server."""
    server = setup.config.mcp.servers.get(name)
    if server is None or not server.url:
        print(f"ccproxy mcp login: there is no remote server `{name}`", file=sys.stderr)
        return 2
    path = state_path(setup.config)
    if path == IN_MEMORY:
        print("ccproxy mcp login: tokens need `state: sqlite:///…` in the configuration", file=sys.stderr)
        return 1
    codes: asyncio.Queue[AuthorizationCodeResult] = asyncio.Queue()
    runner = await _listen(codes)
    store = Store(path)
    try:
        chosen = server if server.oauth is not None else replace(server, oauth=McpOAuth())
        auth = auth_for(chosen, store, _show, codes.get)
        link = Link(name, transport_of(chosen, auth), Deaf(), None, EVERYTHING)
        await link.open(PATIENCE_S)
        await link.close()
    except LinkError as error:
        print(f"ccproxy mcp login: {error}", file=sys.stderr)
        return 1
    finally:
        store.close()
        await runner.cleanup()
    print(f"ccproxy mcp login: {name} may be used now", file=sys.stderr)
    return 0


async def _show(url: str) -> None:
    print(f"Open this page and allow access:\n{url}", file=sys.stderr)


async def _listen(codes: asyncio.Queue[AuthorizationCodeResult]) -> web.AppRunner:
    """Wait for the browser to come back."""

    async def handle(request: web.Request) -> web.Response:
        query = request.query
        if "code" in query:
            result = AuthorizationCodeResult(code=query["code"], state=query.get("state"), iss=query.get("iss"))
            await codes.put(result)
        return web.Response(text=query.get("error_description") or query.get("error") or "You may close this page.")

    address = urlsplit(REDIRECT)
    application = web.Application()
    application.router.add_get(address.path, handle)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, address.hostname, address.port).start()
    return runner
