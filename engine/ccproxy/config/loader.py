"""`ccproxy.yaml` to a `Config`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ccproxy.config.access import is_loopback, read_access
from ccproxy.config.environment import load_variables
from ccproxy.config.groups import check_group_names, read_groups, report_unknown_group
from ccproxy.config.log import read_log
from ccproxy.config.mcp import read_mcp
from ccproxy.config.model import DEFAULT_GROUP, Config, Resilience, ServerSettings
from ccproxy.config.prices import read_prices
from ccproxy.config.providers import read_providers
from ccproxy.config.section import Reading, Section
from ccproxy.config.state import read_state
from ccproxy.yamltree.loader import load_yaml

if TYPE_CHECKING:
    from ccproxy.config.presets import Preset
    from ccproxy.diagnostics.model import Diagnostic


def load_config(
    path: Path,
    environ: Mapping[str, str],
    presets: Mapping[str, Preset],
    protocols: Collection[str],
    text: str | None = None,
    reserved_groups: Collection[str] = (),
) -> tuple[Config, list[Diagnostic]]:
    """Load a configuration; with problems, the rest of it is returned all the same."""
    node, problems = load_yaml(path, text)
    if node is None:
        return Config(), problems
    reading = Reading(load_variables(path.parent, environ), problems, path.parent)
    root = Section(reading, node, "")
    config = read_config(root, presets, protocols, reading)
    check_group_names(root.section("groups"), reserved_groups, reading)
    return config, reading.problems


def read_config(root: Section, presets: Mapping[str, Preset], protocols: Collection[str], reading: Reading) -> Config:
    """Read every section."""
    providers = read_providers(root.section("providers"), presets, protocols, reading)
    named = {*providers, *(name for name, _ in root.section("providers").entries())}
    groups = read_groups(root.section("groups"), named, reading)
    config = Config(
        server=_read_server(root.section("server")),
        access=read_access(root.section("access"), groups, reading),
        providers=providers,
        groups=groups,
        active_group=root.text("active_group") or DEFAULT_GROUP,
        resilience=_read_resilience(root.section("resilience")),
        log=read_log(root.section("log"), reading),
        state=read_state(root, reading),
        prices=read_prices(root.section("prices")),
        mcp=read_mcp(root.section("mcp"), groups, reading),
        watched=tuple(dict.fromkeys(reading.watched)),
    )
    root.finish()
    _check_active_group(root, config, reading)
    _check_exposure(root, config, reading)
    return config


def _read_server(section: Section) -> ServerSettings:
    default = ServerSettings()
    settings = ServerSettings(
        host=section.text("host") or default.host,
        port=section.integer("port", default.port, 0, 65535),
        workers=section.integer("workers", default.workers, 1, 256),
        max_body_bytes=section.size("max_body", default.max_body_bytes),
        keep_alive_every_s=section.duration("keep_alive_every", default.keep_alive_every_s),
        shutdown_after_s=section.duration("shutdown_after", default.shutdown_after_s),
    )
    section.finish()
    return settings


def _read_resilience(section: Section) -> Resilience:
    default = Resilience()
    settings = Resilience(
        retries=section.integer("retries", default.retries, 0, 100),
        cooldown_s=section.duration("cooldown", default.cooldown_s),
        retry_for_s=section.duration("retry_for", default.retry_for_s),
        sticky=section.flag("sticky", default.sticky),
    )
    section.finish()
    return settings


def _check_active_group(root: Section, config: Config, reading: Reading) -> None:
    node = root.node.get("active_group") if root.node else None
    if node is not None and config.active_group not in config.groups:
        report_unknown_group(config.active_group, node, config.groups, reading)


def _check_exposure(root: Section, config: Config, reading: Reading) -> None:
    server = Section(Reading({}), root.node.get("server") if root.node else None, "server")
    host = server.get("host")
    if host is not None and not config.access and not is_loopback(config.server.host):
        reading.report(
            "C609",
            f"`{config.server.host}` is a public address and nobody needs a key",
            host,
            label="anybody could reach this",
            help="add a key under `access: { keys: … }`, or listen on 127.0.0.1",
        )
