"""A configuration with everything that can be known against it: `validate` tells it, `serve` refuses its errors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ccproxy.config.checks.everything import check_config
from ccproxy.config.checks.known import Known
from ccproxy.config.environment import load_variables
from ccproxy.config.loader import load_config
from ccproxy.config.presets import build_presets
from ccproxy.routing.router import SWITCH
from ccproxy.routing.table import reserved_names
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import MapNode

if TYPE_CHECKING:
    from ccproxy.config.model import Config
    from ccproxy.conversion.engine import Engine
    from ccproxy.diagnostics.model import Diagnostic


def load_checked(
    path: Path, environ: Mapping[str, str], engine: Engine, text: str | None = None
) -> tuple[Config, list[Diagnostic]]:
    """Load a configuration and check it against the mappings; with problems, the rest of it is returned."""
    index = engine.library.index
    reserved = reserved_names(engine.protocols.values())
    config, problems = load_config(path, environ, build_presets(index.providers), engine.protocols, text, reserved)
    root = load_yaml(path, text)[0]
    if isinstance(root, MapNode):
        variables = load_variables(path.parent, environ)
        problems += check_config(root, config, Known(index.providers, index.quirks), variables, (SWITCH,))
    return config, problems
