"""The `--mappings` option that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ccproxy.conversion.engine import Engine
from ccproxy.datadirs import find_data_dirs

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def add_mappings_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mappings",
        action="append",
        default=[],
        type=Path,
        metavar="DIR",
        help="lay this folder of mappings over the built-in ones (repeatable)",
    )


def mapping_roots(overlays: Sequence[Path]) -> tuple[Path, ...]:
    """The built-in mappings (or those of CCPROXY_MAPPINGS), then the overlays."""
    return (*find_data_dirs("mappings"), *overlays)


def load_engine(overlays: Sequence[Path]) -> Engine:
    """The engine with overlays. Raises MappingError."""
    return Engine.load(*mapping_roots(overlays))
