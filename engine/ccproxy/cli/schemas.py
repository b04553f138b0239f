"""`ccproxy schemas diff`: what providers changed since the wire schemas were made, and which mappings it concerns."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from ccproxy.cli.drift_report import RENDERERS, Drift, judge
from ccproxy.cli.mappings_option import add_mappings_option, mapping_roots
from ccproxy.cli.subparsers import Subparsers
from ccproxy.datadirs import find_data_dir
from ccproxy.jsontypes import JsonObject
from ccproxy.mapping.check.mentions import find_mentions
from ccproxy.mapping.loader import read_tree
from ccproxy.schemagen.drift import Change, compare_schemas
from ccproxy.schemagen.plan import Plan, load_plans

SUFFIX = ".schema.json"
NO_SDKS = (
    "the official packages are not all installed: pip install 'ccproxy[test]', or name a folder of schemas by --against"
)
Files = Mapping[str, JsonObject]  # `protocol/kind` -> schema
Failures = dict[str, str]  # protocol -> why its schemas cannot be made


class UsageError(Exception):
    """Nothing can be compared."""


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "schemas",
        help="tell what providers changed, and which mappings that concerns",
        epilog="example: ccproxy schemas diff",
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    diff = actions.add_parser(
        "diff",
        help="compare the wire schemas with those of newer packages",
        description="List new, changed and removed fields with the mappings they concern. Exit 1 when something is "
        "new that no mapping names, or gone that one names.",
        epilog="example: ccproxy schemas diff --against openai==3.60.0 --format markdown",
    )
    diff.add_argument("protocols", nargs="*", metavar="PROTOCOL", help="only these (default: all)")
    diff.add_argument(
        "--against",
        metavar="FOLDER|PACKAGE==VERSION",
        help="schemas in a folder, or of a package that is fetched for it (default: of the packages installed)",
    )
    diff.add_argument("--format", choices=sorted(RENDERERS), default="text", help="form of the output (default: text)")
    add_mappings_option(diff)


def run(args: argparse.Namespace) -> int:
    try:
        new, failures = newer_schemas(args.against)
    except UsageError as problem:
        print(f"ccproxy schemas diff: {problem}", file=sys.stderr)
        return 2
    changes = [change for change in find_changes(new) if not args.protocols or _protocol(change) in args.protocols]
    drifts = judged(changes, args.mappings)
    print(RENDERERS[args.format](drifts, failures), end="")
    return 1 if failures or not all(drift.settled for drift in drifts) else 0


def find_changes(new: Files) -> Iterator[Change]:
    """What differs from the schemas of this installation."""
    folder = find_data_dir("schemas") / "wire"
    for name, schema in sorted(new.items()):
        path = folder / f"{name}{SUFFIX}"
        yield from compare_schemas(name, _load(path) if path.is_file() else {}, schema)


def judged(changes: list[Change], overlays: list[Path]) -> list[Drift]:
    """The changes with the places of the mappings that they concern."""
    loader = read_tree(mapping_roots(overlays))
    tree = loader.tree()
    known = {
        name: find_mentions(tree, loader.nodes, name) for name in {_protocol(c) for c in changes} & tree.folders.keys()
    }
    return [judge(change, known[_protocol(change)]) for change in changes if _protocol(change) in known]


def newer_schemas(against: str | None) -> tuple[Files, Failures]:
    """The schemas to compare with. Raises UsageError."""
    if against is None:
        return generated_schemas()
    if Path(against).is_dir():
        return schemas_in(Path(against)), {}
    if "==" not in against:
        raise UsageError(f"`{against}` is neither a folder nor PACKAGE==VERSION")
    with tempfile.TemporaryDirectory() as folder:
        return fetched_schemas(against, Path(folder))


def schemas_in(folder: Path) -> Files:
    """Schemas of a folder like `schemas/wire`, by `protocol/kind`."""
    found = {
        path.relative_to(folder).as_posix().removesuffix(SUFFIX): _load(path) for path in folder.glob(f"*/*{SUFFIX}")
    }
    if not found:
        raise UsageError(f"no `PROTOCOL/KIND{SUFFIX}` in {folder}")
    return found


def generated_schemas() -> tuple[Files, Failures]:
    """What the packages that are installed say today."""
    plans = load_plans(find_data_dir("schemas") / "wire" / "additions")
    if find_spec("pydantic") is None or any(find_spec(_module(plan)) is None for plan in plans):
        raise UsageError(NO_SDKS)
    generate = import_module("ccproxy.schemagen.generation").generate
    files: dict[str, JsonObject] = {}
    failures: Failures = {}
    for plan in plans:
        try:
            files |= {name.removesuffix(SUFFIX): json.loads(text) for name, text in generate(plan)}
        except (ValueError, KeyError, AttributeError, ImportError) as problem:
            failures[plan.protocol] = str(problem)
    return files, failures


def _module(plan: Plan) -> str:
    """The module that a plan's types come from."""
    for source in plan.sources:
        for place in (source.body_type, *(named for _, named in source.definition_types)):
            if place:
                return place.partition(":")[0].partition(".")[0]
    return plan.package


def fetched_schemas(package: str, folder: Path) -> tuple[Files, Failures]:
    """Fetch a package beside those that are installed, and let it speak in a process of its own."""
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), package]
    fetched = subprocess.run(install, capture_output=True, text=True, check=False)
    if fetched.returncode:
        raise UsageError(f"pip cannot fetch {package}: {fetched.stderr.strip()[-300:]}")
    program = f"import sys; sys.path.insert(0, {str(folder)!r}); from ccproxy.cli.schemas import tell; tell()"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    if told.returncode:
        raise UsageError(told.stderr.strip()[-300:])
    files, failures = json.loads(told.stdout)
    return cast(Files, files), cast(Failures, failures)


def tell() -> None:
    """Print what `generated_schemas` finds in this process."""
    json.dump(generated_schemas(), sys.stdout)


def _protocol(change: Change) -> str:
    return change.schema.partition("/")[0]


def _load(path: Path) -> JsonObject:
    return cast(JsonObject, json.loads(path.read_text(encoding="utf-8")))
