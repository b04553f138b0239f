"""The embedded provider with a model: llama.cpp inside this process, on a loopback port of its own.

The library is an option of the installation and weighs more than all of ccproxy, so nothing here is imported before
somebody wants a model.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import socket
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Final

LIBRARY: Final = "xllamacpp"
_QUIET: Final = -1
_running: list[object] = []


def is_available() -> bool:
    """Whether the library is installed."""
    return importlib.util.find_spec(LIBRARY) is not None


def find_model(folders: Iterable[str] | None = None) -> Path | None:
    """Return the smallest model file that an installed package brings."""
    roots = sys.path if folders is None else folders
    found = [file for root in roots if root for file in Path(root).glob("*/*.gguf")]
    return min(found, key=lambda file: file.stat().st_size, default=None)


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_model(path: Path, port: int) -> None:
    """Load a model and serve it until the process ends. Blocks this process while it loads."""
    library: ModuleType = importlib.import_module(LIBRARY)
    settings = library.CommonParams()
    settings.model.path = str(path)
    settings.model_alias = {path.stem}
    settings.hostnames = ["127.0.0.1"]
    settings.port = port
    settings.n_ctx = 0  # what the model was trained with
    settings.n_parallel = 1
    settings.verbosity = _QUIET
    settings.warmup = False
    settings.ui = False
    settings.fit_params = False
    # With one thread per core, and threads that spin, a busy machine becomes ten times slower.
    for pool in (settings.cpuparams, settings.cpuparams_batch):
        pool.n_threads = max(1, (os.cpu_count() or 2) // 2)
        pool.poll = 0
    _running.append(library.Server(settings))
