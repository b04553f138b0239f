"""Finds the verb and runs it; only that verb's module is imported, so that the others cost nothing."""

import argparse
import gc
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import ModuleType

from ccproxy import __version__

# Verb -> what it does. Its module, `ccproxy.cli.<verb>` or what MODULES says, has `add_parser(subparsers)` and
# `run(args) -> int`.
COMMANDS: Mapping[str, str] = {
    "init": "write a configuration for what this machine has",
    "serve": "run the proxy",
    "doctor": "check the configuration, each provider, the clock and the port",
    "models": "list what clients can ask for",
    "groups": "list groups, choose the active one",
    "env": "print the settings that point a client at the proxy",
    "keys": "add, list and revoke the keys that clients present",
    "usage": "tell what was asked, how it went and what it cost",
    "mcp": "look at MCP servers, call tools, import servers",
    "validate": "check mappings, schemas, quirks and configuration",
    "convert": "convert one message offline",
    "trace": "show every stage of a conversion and the rule behind every field",
    "replay": "play recorded sessions again through today's mappings",
    "import": "make sessions of VCR cassettes and HAR files",
    "schemas": "tell what providers changed, and which mappings that concerns",
    "compile": "compile mappings and show the Python they become",
    "explain": "tell what a diagnostic code means",
    "completion": "print the completion script of a shell",
}

# Verbs that are words of Python.
MODULES: Mapping[str, str] = {"import": "importing"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line: 0 fine, 1 problems, 2 wrong usage."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    verb = next((word for word in arguments if not word.startswith("-")), "")
    gc.disable()  # imports make much that stays, and looking through it takes a while
    module = module_of(verb) if verb in COMMANDS else None
    gc.freeze()
    gc.enable()
    options = build_parser(verb, module).parse_args(arguments)
    if module is None:
        raise SystemExit(2)
    try:
        return int(module.run(options))
    except BrokenPipeError:  # the reader, e.g. `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def module_of(verb: str) -> ModuleType:
    """Import the module of a verb."""
    return import_module(f"ccproxy.cli.{MODULES.get(verb, verb)}")


def build_parser(verb: str, module: ModuleType | None) -> argparse.ArgumentParser:
    """Make the parser: the chosen verb with its options, the others with their line of help."""
    parser = argparse.ArgumentParser(
        prog="ccproxy",
        description="A proxy between AI clients and AI models of any protocol.",
        epilog="example: ccproxy validate mappings/",
    )
    parser.add_argument("--version", action="version", version=f"ccproxy {__version__}")
    subparsers = parser.add_subparsers(dest="verb", metavar="COMMAND", required=True)
    for name, help_text in COMMANDS.items():
        if module is not None and name == verb:
            module.add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=help_text)
    return parser
