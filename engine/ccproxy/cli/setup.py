"""What daily commands work on: the mappings, and the configuration that `ccproxy serve` would take."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy.cli.checked_config import load_checked
from ccproxy.cli.file_kinds import CONFIG_FILE
from ccproxy.cli.mappings_option import load_engine
from ccproxy.cli.terminal import wants_colour
from ccproxy.config.automatic import config_from_environment
from ccproxy.config.environment import load_variables
from ccproxy.config.model import Config
from ccproxy.config.presets import build_presets
from ccproxy.conversion.errors import MappingError
from ccproxy.diagnostics.full import render_full
from ccproxy.diagnostics.model import has_errors, sort_diagnostics

if TYPE_CHECKING:
    import argparse

    from ccproxy.config.model import ServerSettings
    from ccproxy.config.presets import Preset
    from ccproxy.conversion.engine import Engine
    from ccproxy.diagnostics.model import Diagnostic

MISSING_VARIABLE: Final = "C602"
EVERYWHERE: Final = ("0.0.0.0", "::")


@dataclass(frozen=True, slots=True)
class Setup:
    """Mappings and configuration; `file` is None when the configuration comes from the environment or is empty."""

    engine: Engine
    presets: Mapping[str, Preset]
    config: Config
    file: Path | None
    variables: Mapping[str, str]
    problems: tuple[Diagnostic, ...] = ()


def add_config_option(parser: argparse.ArgumentParser) -> None:
    """Declare `--config`."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help=f"configuration (default: ./{CONFIG_FILE} if there)"
    )


def load_setup(file: Path | None, overlays: Sequence[Path] = ()) -> Setup:
    """Load what `ccproxy serve` would; raises MappingError, and OSError when a named file cannot be read."""
    engine = load_engine(overlays)
    presets = build_presets(engine.library.index.providers)
    if file is not None:
        file.open("rb").close()
    elif Path(CONFIG_FILE).is_file():
        file = Path(CONFIG_FILE)
    if file is None:
        found = config_from_environment(presets, os.environ)
        return Setup(engine, presets, found or Config(), None, os.environ)
    config, problems = load_checked(file, os.environ, engine)
    return Setup(engine, presets, config, file, load_variables(file.parent, os.environ), tuple(problems))


def load_mappings(verb: str, overlays: Sequence[Path]) -> Engine | None:
    """Load the mappings, or tell what is wrong with them and return None."""
    try:
        engine = load_engine(overlays)
    except MappingError as error:
        print(f"ccproxy {verb}: {error}", file=sys.stderr)
        return None
    return engine


def usable_setup(verb: str, file: Path | None, overlays: Sequence[Path] = ()) -> Setup | None:
    """Load the setup, or tell what is wrong with it and return None."""
    try:
        setup = load_setup(file, overlays)
    except OSError as error:
        print(f"ccproxy {verb}: cannot read {error.filename}: {error.strerror}", file=sys.stderr)
        return None
    except MappingError as error:
        print(error, file=sys.stderr)
        return None
    # Whoever only asks need not have the providers' keys.
    serious = [problem for problem in setup.problems if problem.code != MISSING_VARIABLE]
    if has_errors(serious):
        print(render_problems(serious), file=sys.stderr)
        return None
    return setup


def render_problems(problems: Sequence[Diagnostic]) -> str:
    """Return the problems with the lines that they are about, for standard error."""
    files = {problem.span.file for problem in problems}
    sources = {name: Path(name).read_text("utf-8-sig", "replace") for name in files if Path(name).is_file()}
    colour = wants_colour(sys.stderr, os.environ)
    return "\n\n".join(render_full(problem, sources, colour) for problem in sort_diagnostics(problems))


def root_url(server: ServerSettings) -> str:
    """Return the address at which clients of this machine reach the proxy."""
    host = "127.0.0.1" if server.host in EVERYWHERE else server.host
    return f"http://{f'[{host}]' if ':' in host else host}:{server.port}"
