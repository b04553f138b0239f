"""`ccproxy serve`: run the proxy."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy import __version__
from ccproxy.cli.file_kinds import CONFIG_FILE
from ccproxy.cli.mappings_option import add_mappings_option
from ccproxy.cli.precompile import compile_each
from ccproxy.cli.serving import ServedFiles, prepare
from ccproxy.server.banner import render_banner
from ccproxy.server.embedded import embedded_config, free_port, start_model, start_sessions
from ccproxy.server.lasting import Lasting
from ccproxy.server.loading import CannotLoadError
from ccproxy.server.reload import Following, say_on_stderr
from ccproxy.server.request_log import write_logs_to_stderr
from ccproxy.server.running import serve
from ccproxy.server.switches import SwitchFile
from ccproxy.server.traffic import Traffic
from ccproxy.server.workers import run_workers
from ccproxy.state.opening import open_state, shared_address
from ccproxy.state.store import StoreError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Coroutine

    from ccproxy.cli.serving import Setup
    from ccproxy.cli.subparsers import Subparsers
    from ccproxy.config.model import Config
    from ccproxy.server.running import Running

EXAMPLE: Final = "example: ccproxy serve --config ccproxy.yaml --port 8080"


@dataclass(frozen=True, slots=True)
class Job:
    """What one process has to do: the first of several announces, and tells of reloads."""

    args: argparse.Namespace
    setup: Setup
    state: str | None
    loaded_at: float
    switch_file: SwitchFile
    share_port: bool = False
    announces: bool = True


def add_parser(subparsers: Subparsers) -> None:
    """Declare the options."""
    parser = subparsers.add_parser("serve", help="run the proxy", epilog=EXAMPLE)
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help=f"configuration (default: ./{CONFIG_FILE} if there)"
    )
    parser.add_argument("--host", metavar="H", help="address to listen on")
    parser.add_argument("--port", type=int, metavar="P", help="port to listen on (0: any free one)")
    parser.add_argument("--workers", type=int, metavar="N", help="processes that share the port")
    parser.add_argument("--local-model", type=Path, metavar="FILE", help="a .gguf model to run inside ccproxy")
    parser.add_argument("--record", type=Path, metavar="DIR", help="write every request as a session, without secrets")
    parser.add_argument(
        "--replay",
        nargs="?",
        type=Path,
        const=True,
        default=False,
        metavar="DIR",
        help="answer from sessions recorded in DIR, or from those that ccproxy carries, whatever is configured",
    )
    add_mappings_option(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal: 0 ended well, 1 could not start."""
    loaded_at = time.time()
    try:
        setup = prepare(args)
    except (CannotLoadError, LookupError) as error:
        print(error.args[0], file=sys.stderr)
        return 1
    write_logs_to_stderr()
    config = setup.config
    workers = config.server.workers if setup.embedded is None and config.server.port else 1
    try:
        with ExitStack() as until_end:
            state = until_end.enter_context(shared_address(config.state, setup.folder, workers))
            if workers == 1:
                return _serve(Job(args, setup, state, loaded_at, SwitchFile()))
            folder = until_end.enter_context(tempfile.TemporaryDirectory(prefix="ccproxy-"))
            job = Job(args, setup, state, loaded_at, SwitchFile(Path(folder) / "switches"), share_port=True)
            return run_workers(workers, lambda number: _serve(replace(job, announces=number == 0)))
    except StoreError as error:
        print(f"ccproxy serve: {error}", file=sys.stderr)
        return 1


def _serve(job: Job) -> int:
    try:
        _runner()(_run(job))
    except StoreError as error:
        print(f"ccproxy serve: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        server = job.setup.config.server
        print(f"ccproxy serve: cannot listen on {server.host}:{server.port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


async def _run(job: Job) -> None:
    setup, config = job.setup, job.setup.config
    embedded, port = setup.embedded, 0
    if embedded is not None:
        protocol = setup.engine.protocols[embedded.preset.protocol]
        port = free_port() if embedded.model else await start_sessions(setup.mappings, protocol, embedded.recorded)
        config = replace(embedded_config(embedded, port), server=config.server)

    async def when_started(running: Running) -> None:
        if job.announces:
            print(_banner(setup, config, running.port), flush=True)
        if embedded is not None and embedded.model is not None:
            start_model(embedded.model, port)

    source = ServedFiles(job.args, setup, port)
    say = say_on_stderr if job.announces else _say_nothing
    await serve(
        config,
        setup.engine,
        job.share_port,
        when_started,
        compile_each(setup.engine),
        Lasting(open_state(job.state, setup.folder), traffic=Traffic(setup.mappings, job.args.record)),
        Following(source, job.loaded_at, job.switch_file, say),
    )


def _say_nothing(_text: str) -> None:
    """The first worker says it for all."""


def _banner(setup: Setup, config: Config, port: int) -> str:
    host = config.server.host
    shown = f"[{host}]" if ":" in host else host
    root = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else shown}:{port}"
    return render_banner(__version__, root, config, setup.models_from, setup.engine.library.index.clients)


def _runner() -> Callable[[Coroutine[object, object, None]], None]:
    """Run on uvloop where there is one."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return asyncio.run
    return uvloop.run
