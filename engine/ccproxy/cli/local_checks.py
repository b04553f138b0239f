"""What can be checked without any provider: the configuration, the mappings, the port, the folders, the versions."""

from __future__ import annotations

import json
import platform
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.request import ProxyHandler, build_opener

from ccproxy import __version__
from ccproxy.cli.findings import Finding, State
from ccproxy.cli.setup import root_url
from ccproxy.state.opening import file_of
from ccproxy.state.store import StoreError

if TYPE_CHECKING:
    from ccproxy.cli.setup import Setup
    from ccproxy.config.model import ServerSettings

PATIENCE_S: Final = 2.0
PACKAGES: Final = ("aiohttp", "uvloop", "orjson", "jsonschema-rs", "ruamel.yaml")


def local_findings(setup: Setup) -> Iterator[Finding]:
    """Yield everything but what the configuration's problems say."""
    yield _versions()
    protocols, quirks = len(setup.engine.protocols), len(setup.engine.library.index.quirks)
    yield Finding("mappings", State.GOOD, f"{protocols} protocols, {quirks} quirks, {len(setup.presets)} presets")
    yield config_finding(setup)
    yield port_finding(setup.config.server)
    folder = setup.file.parent if setup.file else Path()
    yield state_finding(setup.config.state, folder)
    log = setup.config.log
    if log.traffic:
        yield _folder_finding("log", folder / log.dir)


def config_finding(setup: Setup) -> Finding:
    """Tell which configuration counts, and whether it is good."""
    errors = sum(problem.severity == "error" for problem in setup.problems)
    groups, providers = len(setup.config.groups), len(setup.config.providers)
    has = f"{providers} provider{'s' * (providers != 1)}, {groups} group{'s' * (groups != 1)}"
    if setup.file is None:
        if not providers:
            said = "no file and no provider's key in the environment"
            return Finding("configuration", State.DOUBTFUL, said, "`ccproxy init` writes one")
        return Finding("configuration", State.GOOD, f"from the environment: {has}")
    if errors:
        said = f"{setup.file}: {errors} error{'s' * (errors != 1)}: {setup.problems[0].message}"
        return Finding("configuration", State.BROKEN, said, f"ccproxy validate {setup.file}")
    if setup.problems:
        said = f"{setup.file}: {has}, {len(setup.problems)} warnings"
        return Finding("configuration", State.DOUBTFUL, said, f"ccproxy validate {setup.file}")
    return Finding("configuration", State.GOOD, f"{setup.file}: {has}")


def port_finding(server: ServerSettings) -> Finding:
    """Tell whether the port is free, or who has it."""
    where = f"{server.host}:{server.port}"
    if not server.port or can_listen(server.host, server.port):
        return Finding("port", State.GOOD, f"{where} is free")
    if is_ccproxy(root_url(server)):
        return Finding("port", State.GOOD, f"ccproxy listens on {where} already")
    return Finding("port", State.BROKEN, f"{where} is taken by another program", "stop it, or choose another `port:`")


def can_listen(host: str, port: int) -> bool:
    """Whether nobody else listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def is_ccproxy(root: str) -> bool:
    """Whether a ccproxy answers at an address."""
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(f"{root}/health", timeout=PATIENCE_S) as answer:
            told = json.loads(answer.read(65536))
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and "status" in told and "configuration" in told


def state_finding(address: str | None, folder: Path) -> Finding:
    """Tell whether the state can be written."""
    try:
        file = file_of(address, folder)
    except StoreError as error:
        return Finding("state", State.BROKEN, str(error))
    if file is None:
        return Finding("state", State.GOOD, "in memory; usage is not kept (`state: sqlite:///ccproxy.db` keeps it)")
    if not file.exists():
        return _folder_finding("state", file.parent, f"{file} will be made")
    try:
        with closing(sqlite3.connect(file, timeout=PATIENCE_S)) as database:
            database.execute("begin immediate")
            database.rollback()
    except sqlite3.Error as error:
        return Finding("state", State.BROKEN, f"{file} cannot be written: {error}", "check its owner and the disk")
    return Finding("state", State.GOOD, f"{file} can be written")


def _folder_finding(about: str, folder: Path, detail: str = "") -> Finding:
    """Tell whether files can be made in a folder that is there, or in the nearest one above."""
    there = next((each for each in (folder, *folder.resolve().parents) if each.is_dir()), folder)
    probe = there / ".ccproxy-doctor"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        return Finding(about, State.BROKEN, f"no files can be made in {there}: {error.strerror}", "check its owner")
    return Finding(about, State.GOOD, detail or f"{folder} can be written")


def _versions() -> Finding:
    packages = ", ".join(f"{name} {found}" for name in PACKAGES if (found := _version(name)))
    return Finding("versions", State.GOOD, f"ccproxy {__version__}, Python {platform.python_version()}, {packages}")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
