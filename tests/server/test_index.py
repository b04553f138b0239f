"""The index page, for browsers and terminals; and pages of other sites that call the proxy."""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from ccproxy.config.mcp_settings import McpServer, McpSettings
from ccproxy.config.model import AccessKey, Alias, Group, Target
from server.conftest import Build, House
from server.scripted_upstream import whole
from server.small_engine import SmallEngine

HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
OTHER = "/%3Cb%3Eother%3C%2Fb%3E/v1/east"
KEYS = (
    AccessKey("zed", sha256(b"CANARY-zed").digest(), ("default",)),
    AccessKey("all", sha256(b"CANARY-all").digest()),
)


class Page(HTMLParser):
    """Tags that are open, text by tag, and what refers to elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.codes: list[str] = []
        self.references: list[str] = []
        self.buttons: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.references += [str(value) for name, value in attrs if name in ("src", "href", "action")]
        if tag == "button":
            self.buttons.append(found.get("aria-label") or "")
        if tag == "code":
            self.codes.append("")
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "code":
            self.codes[-1] += data


async def furnished(build: Build, keys: tuple[AccessKey, ...] = (), mcp: bool = False) -> House:
    house = await build(whole(b"{}"))
    current = house.proxy.current
    other = Group("<b>other</b>", (Alias("big-*", (Target("east", "*"), Target("west", "huge"))),), "default")
    tools = McpSettings(servers={"files": McpServer("files", url="http://127.0.0.1:9/mcp")} if mcp else {})
    groups = {**current.given.groups, other.name: other}
    current.adopt(replace(current.given, groups=groups, access=keys, mcp=tools), SmallEngine())
    return house


async def page_of(house: House, **headers: str) -> str:
    async with house.client.get(house.url + "/", headers={**HTML, **headers}) as response:
        assert (200, "text/html") == (response.status, response.content_type)
        assert "default-src 'none'" in response.headers["content-security-policy"]
        return await response.text()


async def test_shows_endpoints_targets_and_clients(build: Build) -> None:
    house = await furnished(build)
    house.proxy.current.lasting.state.shared.rest("target west huge", 4e9)

    text = await page_of(house)
    page = Page(text)

    assert [] == page.open
    assert [] == page.references
    addresses = {f"{house.url}{path}" for path in ("/v1/east", "/v1/west", "/switch/v1/east", OTHER)}
    assert addresses < set(page.codes)
    assert f"export PEN_URL={house.url}/v1\nexport PEN_KEY=any\npen" in page.codes
    assert {"east/same name", "west/huge", "big-*"} < set(page.codes)
    assert re.search(r'class="bad">rests for \d+ s<', text)
    assert "Copy the shell lines for The <Pen>" in page.buttons
    assert "<b>other" not in text
    assert "provider-key" not in text


async def test_names_the_tools_where_there_are_some(build: Build) -> None:
    with_tools, without = await furnished(build, mcp=True), await furnished(build)

    assert f"{with_tools.url}/mcp/http" in Page(await page_of(with_tools)).codes
    assert "/mcp" not in await page_of(without)


async def test_terminals_get_text(build: Build) -> None:
    house = await furnished(build)

    async with house.client.get(house.url + "/", headers={"accept": "*/*"}) as response:
        text = await response.text()

    assert "text/plain" == response.content_type
    assert text.startswith("ccproxy is running\n")
    assert f"POST {house.url}/v1/west" in text
    assert "big-* -> east/same name (ready), west/huge (ready)" in text


async def test_strangers_see_no_groups_and_nobody_sees_keys(build: Build) -> None:
    house = await furnished(build, KEYS)

    stranger = await page_of(house)
    zed = await page_of(house, authorization="Bearer CANARY-zed")
    everything = await page_of(house, authorization="Bearer CANARY-all")

    assert OTHER not in stranger
    assert "west-model" not in stranger
    assert "YOUR_KEY" in stranger
    assert (OTHER in zed, "west-model" in zed) == (False, True)
    assert OTHER in everything
    assert "CANARY" not in stranger + zed + everything


@pytest.mark.parametrize(
    ("headers", "root"),
    [
        ({"host": "proxy.example:8443", "x-forwarded-proto": "https"}, "https://proxy.example:8443"),
        ({"host": 'evil"><script>'}, "http://127.0.0.1:0"),
    ],
)
async def test_addresses_are_those_that_the_client_used(build: Build, headers: dict[str, str], root: str) -> None:
    house = await furnished(build)

    page = Page(await page_of(house, **headers))

    assert f"{root}/v1/east" in page.codes


async def test_a_page_of_another_site_may_ask_models(build: Build) -> None:
    house = await build(whole(b'{"text": "a"}'))
    origin = {"origin": "https://chat.example"}
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type,bad header\t",
    }

    async with house.client.options(f"{house.url}/v1/east", headers={**origin, **asked}) as preflight:
        assert 204 == preflight.status
        assert "*" == preflight.headers["access-control-allow-origin"]
        assert "POST" in preflight.headers["access-control-allow-methods"]
        assert "authorization, content-type" == preflight.headers["access-control-allow-headers"]
    async with house.client.post(
        f"{house.url}/v1/east", json={"model": "west", "words": "x"}, headers=origin
    ) as answer:
        assert (200, "*") == (answer.status, answer.headers["access-control-allow-origin"])
    async with house.client.post(f"{house.url}/nowhere", headers=origin) as refusal:
        assert (404, "*") == (refusal.status, refusal.headers["access-control-allow-origin"])


async def test_keys_are_needed_from_pages_too(build: Build) -> None:
    house = await build(whole(b'{"text": "a"}'), keys=("zed",))

    async with house.client.post(
        f"{house.url}/v1/east", json={"model": "west", "words": "x"}, headers={"origin": "https://chat.example"}
    ) as answer:
        assert (401, "*") == (answer.status, answer.headers["access-control-allow-origin"])


async def test_nothing_is_said_about_origins_to_other_clients(build: Build) -> None:
    house = await build(whole(b'{"text": "a"}'))

    async with house.client.post(f"{house.url}/v1/east", json={"model": "west", "words": "x"}) as answer:
        assert "access-control-allow-origin" not in answer.headers
