"""`ccproxy serve`: run the proxy."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy import __version__
from ccproxy.cli.file_kinds import CONFIG_FILE
from ccproxy.cli.mappings_option import add_mappings_option, load_engine, mapping_roots
from ccproxy.cli.precompile import check_ahead, compile_ahead, compile_each
from ccproxy.cli.terminal import wants_colour
from ccproxy.config.access import is_loopback
from ccproxy.config.automatic import config_from_environment
from ccproxy.config.loader import load_config
from ccproxy.config.presets import build_presets
from ccproxy.conversion.errors import MappingError
from ccproxy.diagnostics.full import render_full
from ccproxy.diagnostics.model import has_errors, sort_diagnostics
from ccproxy.routing.table import reserved_names
from ccproxy.server.banner import render_banner
from ccproxy.server.embedded import Embedded, embedded_config, find_embedded, free_port, start_model, start_sessions
from ccproxy.server.request_log import write_logs_to_stderr
from ccproxy.server.running import serve
from ccproxy.server.workers import run_workers

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from ccproxy.cli.subparsers import Subparsers
    from ccproxy.config.model import Config
    from ccproxy.config.presets import Preset
    from ccproxy.conversion.engine import Engine
    from ccproxy.diagnostics.model import Diagnostic
    from ccproxy.server.running import Running

EXAMPLE: Final = "example: ccproxy serve --config ccproxy.yaml --port 8080"


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything that is known before the server starts; the embedded provider gets its port when it runs."""

    engine: Engine
    config: Config
    models_from: str
    mappings: tuple[Path, ...]
    embedded: Embedded | None = None


class CannotServeError(Exception):
    """Why the server cannot start, for people."""


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
    parser.add_argument("--replay", action="store_true", help="answer from recorded sessions, whatever is configured")
    add_mappings_option(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal: 0 ended well, 1 could not start."""
    try:
        setup = prepare(args)
    except MappingError as error:
        print(_rendered(error.diagnostics) or error, file=sys.stderr)
        return 1
    except (CannotServeError, LookupError) as error:
        print(error.args[0], file=sys.stderr)
        return 1
    write_logs_to_stderr()
    workers = setup.config.server.workers
    if workers > 1 and setup.embedded is None and setup.config.server.port:
        return run_workers(workers, lambda number: _serve(setup, True, announce=number == 0))
    return _serve(setup, False, announce=True)


def prepare(args: argparse.Namespace) -> Setup:
    """Load mappings and configuration; raise CannotServeError or MappingError with what is wrong."""
    if errors := check_ahead(args.mappings):
        raise MappingError(errors)
    compile_ahead(args.mappings)
    engine = load_engine(args.mappings)
    roots = mapping_roots(args.mappings)
    presets = build_presets(engine.library.index.providers)
    usable = {name: preset for name, preset in presets.items() if preset.protocol in engine.protocols}
    setup = _choose(args, engine, roots, usable)
    server = setup.config.server
    server = replace(
        server,
        host=args.host or server.host,
        port=server.port if args.port is None else args.port,
        workers=args.workers or server.workers,
    )
    if not setup.config.access and not is_loopback(server.host):
        raise CannotServeError(
            f"ccproxy serve: {server.host} is a public address and nobody would need a key. "
            "Add `access: { keys: … }` to the configuration, or listen on 127.0.0.1."
        )
    return replace(setup, config=replace(setup.config, server=server))


def _choose(args: argparse.Namespace, engine: Engine, roots: tuple[Path, ...], presets: Mapping[str, Preset]) -> Setup:
    """Take the configuration file, else the keys in the environment, else what ccproxy carries with it."""
    if not args.replay and not args.local_model:
        file = args.config or (Path(CONFIG_FILE) if Path(CONFIG_FILE).is_file() else None)
        if file is not None:
            return Setup(engine, _config_of(file, engine, presets), str(file), roots)
        found = config_from_environment(presets, os.environ)
        if found is not None:
            names = ", ".join(found.providers)
            return Setup(engine, found, f"{names}, whose keys are in the environment", roots)
    embedded = find_embedded(presets, args.local_model, args.replay)
    return Setup(engine, embedded_config(embedded, 0), embedded.description, roots, embedded)


def _config_of(file: Path, engine: Engine, presets: Mapping[str, Preset]) -> Config:
    reserved = reserved_names(engine.protocols.values())
    config, problems = load_config(file, os.environ, presets, engine.protocols, reserved_groups=reserved)
    _refuse(problems)
    return config


def _refuse(problems: Sequence[Diagnostic]) -> None:
    if has_errors(problems):
        raise CannotServeError(_rendered(problems))


def _rendered(problems: Sequence[Diagnostic]) -> str:
    """Return the problems with the lines that they are about."""
    files = {problem.span.file for problem in problems}
    sources = {name: Path(name).read_text("utf-8-sig", "replace") for name in files if Path(name).is_file()}
    colour = wants_colour(sys.stderr, os.environ)
    return "\n\n".join(render_full(problem, sources, colour) for problem in sort_diagnostics(problems))


def _serve(setup: Setup, share_port: bool, announce: bool) -> int:
    try:
        _runner()(_run(setup, share_port, announce))
    except OSError as error:
        server = setup.config.server
        print(f"ccproxy serve: cannot listen on {server.host}:{server.port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


async def _run(setup: Setup, share_port: bool, announce: bool) -> None:
    config, embedded = setup.config, setup.embedded
    port = 0
    if embedded is not None:
        protocol = setup.engine.protocols[embedded.preset.protocol]
        port = free_port() if embedded.model else await start_sessions(setup.mappings, protocol)
        config = replace(embedded_config(embedded, port), server=config.server)

    async def when_started(running: Running) -> None:
        if announce:
            print(_banner(setup, config, running.port), flush=True)
        if embedded is not None and embedded.model is not None:
            start_model(embedded.model, port)

    await serve(config, setup.engine, share_port, when_started, compile_each(setup.engine))


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
