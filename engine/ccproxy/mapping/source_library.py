"""A library made from mapping files: reads, parses and generates."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ccproxy.mapping.compiled import generate_folder, generate_quirk
from ccproxy.mapping.library import Index, ProtocolEntry, QuirkEntry
from ccproxy.shapes.lenient import lenient_schema
from ccproxy.shapes.schemas import declared_fields, has_schema

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject
    from ccproxy.mapping.codegen.framing import Framing
    from ccproxy.mapping.generated import Generated
    from ccproxy.mapping.model import Folder, Quirk, Tree


class SourceLibrary:
    """A tree of templates, generated as asked for."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    @cached_property
    def index(self) -> Index:
        return Index(
            {name: _protocol_entry(folder) for name, folder in self.tree.folders.items() if folder.facts},
            {name: _quirk_entry(quirk) for name, quirk in self.tree.quirks.items()},
            self.tree.providers,
            self.tree.clients,
            self.tree.compat,
        )

    def folder(self, name: str, framing: Framing | None) -> Generated:
        return generate_folder(self.tree.folders[name], self.tree.tables, framing)

    def quirk(self, name: str) -> Generated:
        return generate_quirk(self.tree.quirks[name], self.tree.tables)

    def request_schema(self, name: str) -> JsonObject:
        return lenient_schema(request_schema_name(name))


def _protocol_entry(folder: Folder) -> ProtocolEntry:
    drops = {key: tuple((entry.pointer, entry.reason) for entry in entries) for key, entries in folder.drops.items()}
    fields = frozenset(field for schema in _request_schemas(folder) for field in declared_fields(schema))
    return ProtocolEntry(folder.facts, {key: pairs for key, pairs in drops.items() if pairs}, fields)


def _request_schemas(folder: Folder) -> list[str]:
    """Schemas of the requests that the folder maps: chat, and operations converted as if they were."""
    operations = folder.facts.get("operations")
    named = operations.items() if isinstance(operations, dict) else ()
    like_chat = [name for name, facts in named if isinstance(facts, dict) and facts.get("convert_as")]
    schemas = [request_schema_name(folder.name), *(f"wire/{folder.name}/{name}_request" for name in like_chat)]
    return [schema for schema in schemas if operations and has_schema(schema)]


def request_schema_name(protocol: str) -> str:
    return f"wire/{protocol}/request"


def _quirk_entry(quirk: Quirk) -> QuirkEntry:
    return QuirkEntry(quirk.name, quirk.applies_to, quirk.after, quirk.capabilities, tuple(quirk.edits))
