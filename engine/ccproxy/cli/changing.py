"""Changes of the configuration file by commands."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from ccproxy.cli.checked_config import load_checked
from ccproxy.cli.setup import render_problems
from ccproxy.config.editing import EditRefusedError, edit_config

if TYPE_CHECKING:
    from ccproxy.cli.setup import Setup
    from ccproxy.config.editing import Change
    from ccproxy.diagnostics.model import Diagnostic


def change_file(verb: str, setup: Setup, change: Change) -> bool:
    """Change the file of a setup; tell why not and return False when that is impossible."""
    file = setup.file
    if file is None:
        print(f"ccproxy {verb}: there is no configuration file; `ccproxy init` writes one", file=sys.stderr)
        return False

    def check(text: str) -> list[Diagnostic]:
        return load_checked(file, os.environ, setup.engine, text)[1]

    try:
        edit_config(file, change, check)
    except EditRefusedError as error:
        print(f"ccproxy {verb}: {error}", file=sys.stderr)
        if error.diagnostics:
            print(render_problems(error.diagnostics), file=sys.stderr)
        return False
    except OSError as error:
        print(f"ccproxy {verb}: cannot write {file}: {error.strerror}", file=sys.stderr)
        return False
    return True
