"""Added latency of a tool call: `python tests/bench/mcp_calls.py [--calls N]`: direct, proxied, the ratio.

The same client calls the same server, a program over stdio and one over HTTP, with and without the proxy, in turns, so
that whatever else the machine does falls on both.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

import mcp

TESTS = Path(__file__).parent.parent
sys.path.insert(0, str(TESTS))
SAMPLE = TESTS / "mcp_parts" / "sample_server.py"
WARM_UP = 20


async def main(calls: int, port: int) -> None:
    """Measure and print."""
    from ccproxy.config.mcp_settings import McpServer, McpSettings
    from mcp_parts.hub_server import start_hub

    remote = await asyncio.create_subprocess_exec(sys.executable, str(SAMPLE), "remote", str(port))
    try:
        await _listening(port)
        url = f"http://127.0.0.1:{port}/mcp"
        program = McpServer("local", command=sys.executable, args=(str(SAMPLE), "local"))
        own = McpServer("remote", url=url, own_sessions=True)
        hub = await start_hub(McpSettings(servers={"local": program, "remote": own}))
        command = mcp.StdioServerParameters(command=sys.executable, args=[str(SAMPLE), "local"])
        for mode in ("legacy", "auto"):
            async with AsyncExitStack() as stack:
                through = await stack.enter_async_context(mcp.Client(hub.url, mode=mode, cache=None))
                to_remote = await stack.enter_async_context(mcp.Client(url, mode=mode, cache=None))
                to_local = await stack.enter_async_context(mcp.Client(command, mode=mode, cache=None))
                await through.list_tools()
                await _report(f"HTTP server, {to_remote.protocol_version}", to_remote, through, "remote_echo", calls)
                await _report(f"stdio program, {to_local.protocol_version}", to_local, through, "local_echo", calls)
        await hub.stop()
    finally:
        remote.kill()
        await remote.wait()


async def _report(title: str, direct: mcp.Client, through: mcp.Client, name: str, calls: int) -> None:
    times: dict[str, list[float]] = {"direct": [], "through": []}
    for number in range(calls + WARM_UP):
        for way, client, tool in (("direct", direct, "echo"), ("through", through, name)):
            started = time.perf_counter()
            result = await client.call_tool(tool, {"message": "x"})
            assert not result.is_error, result
            if number >= WARM_UP:
                times[way].append(time.perf_counter() - started)
    bare, proxied = (statistics.median(times[way]) * 1000 for way in ("direct", "through"))
    print(
        f"{title:<28} direct {bare:6.2f} ms   proxy {proxied:6.2f} ms   added {proxied - bare:6.2f} ms   "
        f"ratio {proxied / bare:5.2f}"
    )


async def _listening(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--port", type=int, default=18931)
    options = parser.parse_args()
    asyncio.run(main(options.calls, options.port))
