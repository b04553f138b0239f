"""The dialects as they are shipped, and answers read with them."""

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ccproxy.compat.book import DialectBook
from ccproxy.compat.parser import CallParser
from ccproxy.compat.toolbox import Toolbox

MAPPINGS = Path(__file__).parent.parent.parent / "mappings" / "compat"
DIALECTS = sorted(path.stem for path in MAPPINGS.glob("*.yaml") if path.stem != "rules")


def load_book():
    """All dialects."""
    return DialectBook({path.stem: YAML(typ="safe").load(path) for path in sorted(MAPPINGS.glob("*.yaml"))})


BOOK = load_book()


@pytest.fixture(scope="session")
def book():
    return BOOK


def read_answer(pieces, tools, dialect=None, cut=False):
    """What an answer says: texts, and calls as (name, arguments)."""
    own = BOOK.dialect(dialect) if dialect else BOOK.default
    parser = CallParser(BOOK.grammar(own), Toolbox(tools))
    events = [event for piece in pieces for event in parser.feed(piece)] + parser.finish(cut=cut)
    return joined(events)


def joined(events):
    """Events as texts and calls; arguments that are not JSON stay text."""
    said = []
    for event in events:
        if event.kind == "text":
            if said and isinstance(said[-1], str):
                said[-1] += event.text
            else:
                said.append(event.text)
        elif event.kind == "call":
            said.append([event.text, ""])
        elif event.kind == "arguments":
            said[-1][1] += event.text
        else:
            said[-1] = (said[-1][0], parsed(said[-1][1]))
    return said


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return text
