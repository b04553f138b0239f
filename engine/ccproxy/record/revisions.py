"""The mappings of another revision, taken out of git into a folder of their own."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path


class RevisionError(Exception):
    """Why a revision's mappings cannot be had."""


def export_revision(revision: str, folder: Path, target: Path) -> Path:
    """Write a folder as it was at a revision below `target`; return where it is."""
    top = Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip())
    inside = folder.resolve().relative_to(top.resolve()).as_posix()
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    archive = _git(top, "archive", "--format=tar", commit.decode().strip(), "--", inside)
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(target, filter="data")
    return target / inside


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=True)
    except FileNotFoundError as error:
        raise RevisionError("git is not installed") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip() or "no such revision"
        raise RevisionError(f"git {arguments[0]} in {folder}: {said.splitlines()[-1]}") from error
    return done.stdout
