"""The settings of tools for models."""

from __future__ import annotations

from ccproxy.config.mcp_settings import McpInject

CONFIG = """
    providers:
      local: {{ protocol: chat, base_url: "http://127.0.0.1:8080/v1" }}
    groups:
      default: {{ aliases: {{ "*": local/a }} }}
    mcp:
      servers: {{ files: {{ command: npx }}, web: {{ url: "http://127.0.0.1:9/mcp" }} }}
      inject: {inject}
"""


def test_everything_is_read(load) -> None:  # type: ignore[no-untyped-def]
    said = '{ tools: ["files.read_*", w*.get], groups: [default], rounds: 3, timeout: 5s, max_result: 1KiB }'
    config, problems = load(CONFIG.format(inject=said))

    assert [] == problems
    assert McpInject(("files.read_*", "w*.get"), ("default",), 3, 5.0, 1024) == config.mcp.inject


def test_it_is_off_unless_tools_are_named(load) -> None:  # type: ignore[no-untyped-def]
    config, problems = load(CONFIG.replace("inject: {inject}", "page_size: 10").format())

    assert [] == problems
    assert not config.mcp.inject.is_for("default")


def test_unknown_names_are_found(load) -> None:  # type: ignore[no-untyped-def]
    _, problems = load(CONFIG.format(inject='{ tools: [file.read, "*.get"], groups: [defualt] }'))

    assert [("C607", "unknown group `defualt`"), ("S204", "unknown MCP server `file`")] == sorted(
        (problem.code, problem.message) for problem in problems
    )
    assert {"default", "files"} == {problem.suggestion for problem in problems}
