"""What `ccproxy serve` serves: mappings and a configuration, read at start and again whenever their files change."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ccproxy.cli.file_kinds import CONFIG_FILE
from ccproxy.cli.mappings_option import load_engine, mapping_roots
from ccproxy.cli.precompile import check_ahead, compile_ahead, compile_each
from ccproxy.cli.setup import render_problems
from ccproxy.config.access import is_loopback
from ccproxy.config.automatic import config_from_environment
from ccproxy.config.presets import build_presets
from ccproxy.conversion.engine import Engine
from ccproxy.conversion.errors import MappingError
from ccproxy.diagnostics.model import has_errors
from ccproxy.mapping.stored_library import fingerprint
from ccproxy.server.embedded import Embedded, embedded_config, find_embedded
from ccproxy.server.loading import CannotLoadError, Loaded, Places

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from ccproxy.config.model import Config
    from ccproxy.config.presets import Preset
    from ccproxy.diagnostics.model import Diagnostic
    from ccproxy.server.loading import Stamp

ENVIRONMENT_FILE = ".env"


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything that is known before the server starts; the embedded provider gets its port when it runs.

    `folder` is that of the configuration: names of files in it are relative to this one.
    """

    engine: Engine
    config: Config
    models_from: str
    mappings: tuple[Path, ...]
    embedded: Embedded | None = None
    folder: Path = field(default_factory=Path)


def prepare(args: argparse.Namespace) -> Setup:
    """Load mappings and configuration; raise CannotLoadError or LookupError with what is wrong."""
    try:
        if errors := check_ahead(args.mappings):
            raise MappingError(errors)
        compile_ahead(args.mappings)
        engine = load_engine(args.mappings)
    except MappingError as error:
        raise _refusal(error.diagnostics, str(error)) from error
    return configure(args, engine)


def configure(args: argparse.Namespace, engine: Engine) -> Setup:
    """Load the configuration over mappings; raise CannotLoadError or LookupError with what is wrong."""
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
        raise CannotLoadError(
            f"ccproxy serve: {server.host} is a public address and nobody would need a key. "
            "Add `access: { keys: … }` to the configuration, or listen on 127.0.0.1."
        )
    return replace(setup, config=replace(setup.config, server=server))


def _choose(args: argparse.Namespace, engine: Engine, roots: tuple[Path, ...], presets: Mapping[str, Preset]) -> Setup:
    """Take the configuration file, else the keys in the environment, else what ccproxy carries with it."""
    if not args.replay and not args.local_model:
        file = args.config or (Path(CONFIG_FILE) if Path(CONFIG_FILE).is_file() else None)
        if file is not None:
            config = _config_of(file, engine)
            return Setup(engine, config, str(file), roots, folder=file.parent)
        found = config_from_environment(presets, os.environ)
        if found is not None:
            names = ", ".join(found.providers)
            return Setup(engine, found, f"{names}, whose keys are in the environment", roots)
    embedded = find_embedded(presets, args.local_model, args.replay)
    return Setup(engine, embedded_config(embedded, 0), embedded.description, roots, embedded)


def _config_of(file: Path, engine: Engine) -> Config:
    from ccproxy.cli.checked_config import load_checked  # noqa: PLC0415 (there may be no file)

    config, problems = load_checked(file, os.environ, engine)
    if has_errors(problems):
        raise _refusal(problems, "")
    return config


def _refusal(problems: Sequence[Diagnostic], words: str) -> CannotLoadError:
    return CannotLoadError(render_problems(problems) or words, problems)


class ServedFiles:
    """State: the files behind what is served. Mappings are loaded again only when they changed.

    `port` is that of the embedded provider, 0 when it does not run.
    """

    def __init__(self, args: argparse.Namespace, setup: Setup, port: int = 0) -> None:
        self._args = args
        self._engine = setup.engine
        self._roots = setup.mappings
        self._port = port
        self._stamps: dict[Path, Stamp] = {}
        self._built_from = ""
        self.places = self._places_of(setup.config)

    def begin(self, loaded_at: float) -> Stamp:
        """Return the stamp of what was loaded at a unix time. Called once, in a thread, before all else."""
        self._built_from = fingerprint(())
        self._stamps = {root: stamp.before(loaded_at) for root, stamp in self._stamps_now().items()}
        return self.places.stamp().before(loaded_at)

    def load(self) -> Loaded:
        """Read and check what changed; raises CannotLoadError. Called in a thread."""
        stamps = self._stamps_now()
        changed = [root for root in self._roots if stamps[root] != self._stamps.get(root)]
        engine = self._renewed_engine(changed) if changed else self._engine
        try:
            setup = configure(self._args, engine)
        except LookupError as error:
            raise CannotLoadError(str(error.args[0])) from error
        config = setup.config
        if setup.embedded is not None:
            if not self._port:
                raise CannotLoadError("ccproxy: there is no configuration any more")
            config = replace(embedded_config(setup.embedded, self._port), server=config.server)
        self._engine, self._stamps = engine, stamps
        self.places = self._places_of(config)
        return Loaded(config, engine)

    def _stamps_now(self) -> dict[Path, Stamp]:
        return {root: Places(folders=(root,)).stamp() for root in self._roots}

    def _renewed_engine(self, changed: Sequence[Path]) -> Engine:
        """Return an engine of the mappings as they are now, made ready in another process."""
        if fingerprint(()) != self._built_from:
            raise CannotLoadError("ccproxy itself has changed on disk; restart it to use changed mappings")
        from ccproxy.cli.renewal import RenewalError, renewed_engine  # noqa: PLC0415 (mappings may never change)

        try:
            checked = [root for root in self._roots if root in changed or root in self._args.mappings]
            engine = renewed_engine(self._roots, checked)
            for _ in compile_each(engine):
                time.sleep(0)  # requests go first
        except RenewalError as error:
            raise CannotLoadError(str(error)) from error
        except MappingError as error:
            raise _refusal(error.diagnostics, str(error)) from error
        return engine

    def _places_of(self, config: Config) -> Places:
        """Return where files lie that decide what is served; without a configuration, where one may appear."""
        if self._args.replay or self._args.local_model:
            return Places(folders=self._roots)
        file: Path = self._args.config or Path(CONFIG_FILE)
        return Places((file, file.parent / ENVIRONMENT_FILE, *config.watched), self._roots)
