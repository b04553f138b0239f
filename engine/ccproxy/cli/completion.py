"""`ccproxy completion`: complete commands, options and the names that they take, from the parsers themselves."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ccproxy.cli.completion_scripts import SCRIPTS, SEPARATOR
from ccproxy.diagnostics.codes import CODES

if TYPE_CHECKING:
    from ccproxy.cli.subparsers import Subparsers

EXAMPLE: Final = "example: ccproxy completion bash >> ~/.bashrc"
# Arguments whose values only the configuration or the mappings know: by the verb and name, or by the name alone.
DYNAMIC: Final[Mapping[str, str]] = {
    "group": "groups",
    "groups use name": "groups",
    "keys revoke name": "keys",
    "key": "keys",
    "client": "clients",
    "provider": "providers",
    "source": "protocols",
    "target": "protocols",
    "quirk": "quirks",
    "code": "codes",
}


@dataclass(frozen=True, slots=True)
class Word:
    """One thing that may be typed, with a line of help."""

    text: str
    help: str = ""


def add_parser(subparsers: Subparsers) -> None:
    """Declare the options."""
    parser = subparsers.add_parser("completion", help="print the completion script of a shell", epilog=EXAMPLE)
    parser.add_argument("shell", choices=sorted(SCRIPTS), help="whose script")
    # Called by the scripts, with the words typed so far; an empty last one begins a new word.
    parser.add_argument("--complete", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Print the script, or complete a line for one."""
    if args.complete is None:
        print(SCRIPTS[args.shell], end="")
        return 0
    for word in complete(args.complete.split(SEPARATOR)):
        print(f"{word.text}\t{word.help}" if word.help and args.shell != "bash" else word.text)
    return 0


def complete(words: Sequence[str]) -> list[Word]:
    """Return what may stand in the place of the last of some words."""
    *before, last = words
    found = candidates(before, last)
    return [word for word in found if word.text.startswith(last)]


def candidates(before: Sequence[str], last: str) -> Iterator[Word]:
    """Yield what may follow, whatever the next word begins with."""
    from ccproxy.cli import main  # noqa: PLC0415 (it imports the module of its verb)

    verb = next((word for word in before if word in main.COMMANDS), "")
    if not verb:
        yield from (Word(name, text) for name, text in main.COMMANDS.items())
        return
    parser, rest = _innermost(main.build_parser(verb, main.module_of(verb)), before)
    waiting = _waiting_option(parser, rest)
    if waiting is not None:
        yield from _values(parser, waiting)
        return
    if last.startswith("-"):
        yield from _options(parser)
        return
    for action in _positionals(parser, rest):
        yield from _values(parser, action)


def _innermost(parser: argparse.ArgumentParser, words: Sequence[str]) -> tuple[argparse.ArgumentParser, list[str]]:
    """Return the parser of the verb that was typed last, and the words after it."""
    rest = list(words)
    while (verbs := _verbs(parser)) is not None:
        place = next((at for at, word in enumerate(rest) if word in verbs), None)
        if place is None:
            break
        parser, rest = verbs[rest[place]], rest[place + 1 :]
    return parser, rest


def _verbs(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser] | None:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return None


def _waiting_option(parser: argparse.ArgumentParser, rest: Sequence[str]) -> argparse.Action | None:
    """Return the option before the cursor if it wants a value."""
    action = parser._option_string_actions.get(rest[-1]) if rest else None
    return action if action is not None and action.nargs != 0 else None


def _options(parser: argparse.ArgumentParser) -> Iterator[Word]:
    for action in parser._actions:
        if action.help != argparse.SUPPRESS:
            yield from (Word(option, _line(action)) for option in action.option_strings if option.startswith("--"))


def _positionals(parser: argparse.ArgumentParser, rest: Sequence[str]) -> Iterator[argparse.Action]:
    """Yield the positional argument that comes next; verbs count as one."""
    typed = [word for at, word in enumerate(rest) if not word.startswith("-") and not _is_value(parser, rest, at)]
    left = len(typed)
    for action in parser._actions:
        if action.option_strings:
            continue
        if left == 0 or action.nargs in ("*", "+"):
            yield action
            return
        left -= 1


def _is_value(parser: argparse.ArgumentParser, rest: Sequence[str], at: int) -> bool:
    action = parser._option_string_actions.get(rest[at - 1]) if at else None
    return action is not None and action.nargs != 0


def _values(parser: argparse.ArgumentParser, action: argparse.Action) -> Iterator[Word]:
    """Yield the values that an argument takes; none where only the shell knows, as for files."""
    verb = parser.prog.partition(" ")[2]
    kind = DYNAMIC.get(f"{verb} {action.dest}", DYNAMIC.get(action.dest))
    if isinstance(action, argparse._SubParsersAction):
        helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
        yield from (Word(str(name), helps.get(str(name), "")) for name in action.choices)
    elif action.choices is not None:
        yield from (Word(str(choice)) for choice in action.choices)
    elif kind == "codes":
        yield from (Word(code, info.title) for code, info in CODES.items())
    elif kind is not None:
        yield from _known(kind)


def _known(kind: str) -> Iterator[Word]:
    """Yield names of the configuration of this folder, or of the mappings; none where these cannot be read."""
    from ccproxy.cli.setup import load_setup  # noqa: PLC0415 (verbs and options are completed without mappings)
    from ccproxy.conversion.errors import MappingError  # noqa: PLC0415

    try:
        setup = load_setup(None)
    except (MappingError, OSError):
        return
    config, index = setup.config, setup.engine.library.index
    match kind:
        case "groups":
            yield from (Word(group.name, group.description) for group in config.groups.values())
        case "keys":
            yield from (Word(key.name) for key in config.access)
        case "providers":
            yield from (Word(name) for name in config.providers)
        case "clients":
            yield from (Word(name, str(facts.get("title", ""))) for name, facts in sorted(index.clients.items()))
        case "protocols":
            yield from (Word(name) for name in setup.engine.protocols)
        case "quirks":
            yield from (Word(name) for name in sorted(index.quirks))


def _line(action: argparse.Action) -> str:
    return " ".join((action.help or "").split()).replace("%%", "%")
