"""The index page: a page for browsers, a text for everybody else."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from functools import cache
from os import urandom
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy import __version__
from ccproxy.pipeline.reply import header_line
from ccproxy.server.overview import build_overview
from ccproxy.server.status import moment
from ccproxy.server.visitors import visitor_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp.web import BaseRequest
    from jinja2 import Template

    from ccproxy.config.model import ServerSettings
    from ccproxy.pipeline.reply import Reply
    from ccproxy.server.overview import GroupPart, Overview
    from ccproxy.server.version import Version

TEMPLATE: Final = Path(__file__).with_name("templates") / "index.html"
_HOST: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?")
_COMMON: Final = (
    b"cache-control: no-store\r\nvary: accept\r\nx-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n"
)


async def answer_index(request: BaseRequest, reply: Reply, version: Version) -> None:
    """Answer with the page that the client can read."""
    overview = build_overview(version, visitor_of(request, version), root_of(request, version.config.server))
    with_body = request.method != "HEAD"
    if "text/html" not in request.headers.get("accept", ""):
        text = render_text(overview).encode()
        reply.send(200, _COMMON + b"content-type: text/plain; charset=utf-8\r\n", text, with_body)
        return
    nonce = b64encode(urandom(16)).decode()
    # The first time, the template's language has to be loaded.
    page = await asyncio.to_thread(render_html, overview, nonce)
    head = b"content-type: text/html; charset=utf-8\r\n" + header_line("content-security-policy", _policy(nonce))
    reply.send(200, _COMMON + head, page.encode(), with_body)


def root_of(request: BaseRequest, server: ServerSettings) -> str:
    """Return the address under which the client reached the proxy."""
    host = request.headers.get("host", "")
    scheme = "https" if request.headers.get("x-forwarded-proto", "").strip().lower() == "https" else "http"
    if not _HOST.fullmatch(host):
        host = f"[{server.host}]:{server.port}" if ":" in server.host else f"{server.host}:{server.port}"
    return f"{scheme}://{host}"


def render_html(overview: Overview, nonce: str) -> str:
    """Return the page; may take a while the first time."""
    return _template().render(page=overview, version=__version__, since=moment(overview.since), nonce=nonce)


def render_text(overview: Overview) -> str:
    """Return the same in short for a terminal."""
    lines = ["ccproxy is running", ""]
    for group in overview.groups:
        lines += [*_group_lines(group), ""]
    if overview.mcp:
        lines += [f"tools (MCP): {overview.mcp}", ""]
    if not overview.sees_details:
        lines += ["Groups and targets are told to those who present an access key.", ""]
    return "\n".join(lines)


def _group_lines(group: GroupPart) -> Iterator[str]:
    yield f"{group.name}: {group.note}" if group.note else group.name
    width = max((len(endpoint.protocol) for endpoint in group.endpoints), default=0)
    for endpoint in group.endpoints:
        yield f"  {endpoint.protocol.ljust(width)}  {endpoint.method} {endpoint.address}"
    for alias in group.aliases:
        targets = ", ".join(f"{target.name} ({target.state})" for target in alias.targets)
        yield f"  {alias.pattern} -> {targets}"


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 (nobody may ever open the page)

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(TEMPLATE.read_text("utf-8"))


def _policy(nonce: str) -> str:
    return (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
