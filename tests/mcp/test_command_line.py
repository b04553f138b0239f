"""`ccproxy mcp` from outside."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import mcp
from ccproxy.cli.main import main
from ccproxy.cli.mcp_import import servers_in
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import to_json

SAMPLE = Path(__file__).parent.parent / "mcp_parts" / "sample_server.py"


@pytest.fixture
def config(tmp_path: Path, unused_tcp_port: int) -> Path:
    """A configuration with one server, for a proxy that does not run."""
    server = {"command": sys.executable, "args": [str(SAMPLE), "one"]}
    content = {"server": {"port": unused_tcp_port}, "mcp": {"servers": {"one": server}}}
    file = tmp_path / "ccproxy.yaml"
    file.write_text(json.dumps(content))
    return file


def test_lists_servers_and_tools(config: Path, capsys: Any) -> None:
    listed = main(["mcp", "list", "--config", str(config)])
    servers = capsys.readouterr().out
    told = main(["mcp", "tools", "--config", str(config), "--format", "json"])
    tools = json.loads(capsys.readouterr().out)

    assert (0, 0) == (listed, told)
    assert ["one", "ready", "9"] == servers.splitlines()[1].split()[:3]
    assert {"echo", "hang", "only_one"} <= {tool["name"] for tool in tools}


def test_calls_a_tool(config: Path, capsys: Any) -> None:
    code = main(["mcp", "call", "echo", "--args", '{"message": "hi"}', "--config", str(config)])

    assert (0, "one: hi\n") == (code, capsys.readouterr().out)


@pytest.mark.parametrize(
    ("name", "arguments", "code", "told"),
    [
        ("ecko", "{}", 2, "did you mean `echo`?"),
        ("echo", "[1]", 2, "must be a JSON object"),
        ("die", "{}", 1, ""),
    ],
)
def test_tells_why_a_call_failed(config: Path, capsys: Any, name: str, arguments: str, code: int, told: str) -> None:
    assert code == main(["mcp", "call", name, "--args", arguments, "--config", str(config)])

    assert told in capsys.readouterr().err


def test_a_dead_server_is_a_problem(config: Path, capsys: Any) -> None:
    content = json.loads(config.read_text())
    content["mcp"]["servers"]["dead"] = {"command": "/nonexistent/program"}
    config.write_text(json.dumps(content))

    code = main(["mcp", "list", "--config", str(config)])
    out = capsys.readouterr().out

    assert 1 == code
    assert "failed" in out
    assert "No such file" in out


async def test_bridge_serves_configured_servers_when_no_proxy_runs(config: Path) -> None:
    command = mcp.StdioServerParameters(
        command=sys.executable, args=["-m", "ccproxy", "mcp", "stdio", "--config", str(config)]
    )

    async with mcp.Client(command) as client:
        result = await client.call_tool("echo", {"message": "hi"})

    assert "one: hi" == result.content[0].text


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_bridge_leads_to_a_running_proxy(open_hub: Any, program: Any, config: Path, mode: str) -> None:
    hub = await open_hub(program("two"), program("three"))
    arguments = ["-m", "ccproxy", "mcp", "stdio", "--config", str(config), "--url", hub.url]

    async with mcp.Client(mcp.StdioServerParameters(command=sys.executable, args=arguments), mode=mode) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        result = await client.call_tool("three_echo", {"message": "hi"})

    assert {"two_echo", "three_echo", "only_two"} <= names
    assert "three: hi" == result.content[0].text


def test_imports_servers_of_other_clients(
    config: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("B", "known")
    other = tmp_path / "claude_desktop_config.json"
    servers = {
        "files": {"command": "npx", "args": ["-y", "server-filesystem"], "env": {"A": "${env:B}"}},
        "one": {"command": "other"},
    }
    other.write_text(json.dumps({"mcpServers": servers}))
    config.write_text("# mine\nmcp:\n  servers:\n    one: { command: keep }   # this one\n")

    code = main(["mcp", "import", str(other), "--config", str(config)])

    assert 0 == code, capsys.readouterr().err
    text = config.read_text()
    node, problems = load_yaml(config)
    assert node is not None
    assert [] == problems
    assert {
        "one": {"command": "keep"},
        "files": {"command": "npx", "args": ["-y", "server-filesystem"], "env": {"A": "${B}"}},
    } == to_json(node)["mcp"]["servers"]
    assert "# mine" in text
    assert "# this one" in text


def test_reads_remote_servers_of_other_clients() -> None:
    found = servers_in(
        {"mcpServers": {"a": {"type": "sse", "url": "http://a", "headers": {"X": "y"}}, "b": {"url": "http://b"}}}
    )

    assert {
        "a": {"url": "http://a", "headers": {"X": "y"}, "transport": "sse"},
        "b": {"url": "http://b"},
    } == found
