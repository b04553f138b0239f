"""All checks of a configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.config.checks.access import check_access
from ccproxy.config.checks.aliases import check_aliases
from ccproxy.config.checks.known import Checking, Known
from ccproxy.config.checks.prices import check_prices
from ccproxy.config.checks.providers import check_providers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ccproxy.config.model import Config
    from ccproxy.diagnostics.model import Diagnostic
    from ccproxy.yamltree.nodes import MapNode


def check_config(
    root: MapNode, config: Config, known: Known, variables: Mapping[str, str], own_groups: Collection[str] = ()
) -> list[Diagnostic]:
    """Return what sections say wrong together; `own_groups` are names that `NAME@model` may have besides groups."""
    checking = Checking(root, config, known, variables)
    check_aliases(checking, own_groups)
    check_providers(checking)
    check_access(checking)
    check_prices(checking)
    return checking.problems
