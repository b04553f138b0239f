"""Where the data folders are: `mappings/` and `schemas/`.

The first hit wins: directories named by the user, the environment (mappings only), the checkout that holds this
package, the data inside the wheel.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

Kind = Literal["mappings", "schemas"]

_PACKAGE: Final = Path(__file__).resolve().parent
_VARIABLES: Final[Mapping[str, str]] = {"mappings": "CCPROXY_MAPPINGS"}


def find_data_dirs(
    kind: Kind, explicit: Sequence[Path | str] = (), environ: Mapping[str, str] = os.environ
) -> tuple[Path, ...]:
    """Return the folders to read, later ones laid over earlier ones."""
    if explicit:
        return tuple(Path(folder) for folder in explicit)
    named = environ.get(_VARIABLES.get(kind, ""), "")
    if named:
        return tuple(Path(folder) for folder in named.split(os.pathsep) if folder)
    return (find_builtin_dir(kind),)


def find_data_dir(kind: Kind, explicit: Sequence[Path | str] = (), environ: Mapping[str, str] = os.environ) -> Path:
    """Return the first folder of `find_data_dirs`."""
    return find_data_dirs(kind, explicit, environ)[0]


def find_builtin_dir(kind: Kind) -> Path:
    """Return the project's own folder: beside `engine/` in a checkout, inside the package in a wheel."""
    checkout = _PACKAGE.parent.parent / kind
    wheel = _PACKAGE / "_data" / kind
    for folder in (checkout, wheel):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"no {kind} folder at {checkout} or {wheel}")
