"""A program that is an MCP server, for tests: `sample_server.py NAME [stdio | PORT [sse]]`; its faults are tools."""

from __future__ import annotations

import asyncio
import os
import sys

from mcp.server.mcpserver import Context, MCPServer
from pydantic import BaseModel

NAME = sys.argv[1] if len(sys.argv) > 1 else "sample"
server = MCPServer(NAME, instructions=f"Instructions of {NAME}.", log_level="ERROR")


class Colour(BaseModel):
    """What is asked of a person."""

    colour: str


@server.tool(title="Echo it", annotations={"readOnlyHint": True})
def echo(message: str) -> str:
    """Echo back."""
    return f"{NAME}: {message}"


@server.tool(name=f"only_{NAME}")
def only() -> dict[str, str | None]:
    """Tell who this is."""
    return {"server": NAME, "secret": os.environ.get("CCPROXY_TEST_SECRET"), "given": os.environ.get("GIVEN")}


@server.tool()
async def count(steps: int, ctx: Context) -> int:
    """Report progress."""
    for step in range(steps):
        await ctx.report_progress(step + 1, steps, f"step {step + 1}")
    return steps


@server.tool()
async def die() -> str:
    """End the process in mid-call."""
    print("about to die", file=sys.stderr, flush=True)
    os._exit(3)


@server.tool()
async def hang(seconds: float = 3600.0) -> str:
    """Answer late, or never."""
    await asyncio.sleep(seconds)
    return "late"


@server.tool()
async def ask_colour(ctx: Context) -> str:
    """Ask a person."""
    answer = await ctx.elicit("Which colour?", Colour)
    return f"{answer.action}: {answer.data.colour if answer.action == 'accept' else '-'}"


@server.tool()
async def grow(ctx: Context) -> str:
    """Get one tool more."""
    server.add_tool(only, name="grown")
    await ctx.notify_tools_changed()  # newer clients listen to these
    await ctx.session.send_tool_list_changed()
    return "grown"


@server.tool()
async def say(text: str, ctx: Context) -> str:
    """Write a log message."""
    await ctx.info(text)
    return "said"


@server.tool()
async def flood(messages: int, ctx: Context) -> str:
    """Write very many log messages, and much to stderr."""
    print("noise\n" * messages, file=sys.stderr, flush=True)
    for number in range(messages):
        await ctx.info(f"message {number} " + "x" * 200)
    return "flooded"


@server.prompt()
def hello(name: str) -> str:
    """Greet."""
    return f"Hello {name} from {NAME}"


@server.resource(f"note://{NAME}")
def note() -> str:
    """A note."""
    return f"a note of {NAME}"


@server.resource(f"file://{NAME}/{{path}}")
def read_path(path: str) -> str:
    """A file."""
    return f"{NAME} has {path}"


if __name__ == "__main__":
    for number in range(int(os.environ.get("MORE_TOOLS", "0"))):
        server.add_tool(only, name=f"extra_{number:04d}", description="One of many. " * 10)
    if len(sys.argv) > 2 and sys.argv[2] != "stdio":
        kind = "sse" if "sse" in sys.argv else "streamable-http"
        server.run(kind, host="127.0.0.1", port=int(sys.argv[2]))
    else:
        server.run("stdio")
