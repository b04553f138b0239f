"""Who a tool call is to the client: a unique id, the declared name, kind and namespace."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from ccproxy.jsontypes import Json
from ccproxy.unified.call_draft import CallDraft
from ccproxy.unified.model import Block, Piece
from ccproxy.unified.names import NameMap

KEPT_FIELDS = ("kind", "namespace", "origin", "extra", "cache")


class CallIdentity:
    """Gives the calls of one answer their ids and names; remembers which ids are taken."""

    __slots__ = ("_names", "_new_id", "_prefix", "_taken")

    def __init__(self, names: NameMap, new_id: Callable[[str], str], prefix: str) -> None:
        self._names = names
        self._new_id = new_id
        self._prefix = prefix
        self._taken: set[str] = set()

    def new_call(self, piece: Piece) -> CallDraft:
        fields: Block = {"type": "tool_call", "id": self._unique_id(piece.get("id")), "name": ""}
        call = CallDraft(fields, piece.get("key"))
        call.upstream_id = piece.get("id") or None
        self._describe(call, piece)
        return call

    def learn(self, call: CallDraft, piece: Piece, *, is_open: bool) -> None:
        """Take what a later piece says about a call; what its client has seen stays."""
        if is_open or call.closed:
            return
        if call.upstream_id is None and piece.get("id"):
            call.upstream_id = piece["id"]
            call.fields["id"] = self._unique_id(piece["id"])
        self._describe(call, piece)

    def _describe(self, call: CallDraft, piece: Piece) -> None:
        said = cast("dict[str, Json]", piece)
        known = cast("dict[str, Json]", call.fields)
        for name in KEPT_FIELDS:
            if said.get(name) is not None:
                known[name] = said[name]
        if piece.get("name") and not call.fields["name"]:
            self._name(call, piece["name"])

    def _name(self, call: CallDraft, name: str) -> None:
        identity = self._names.identities.get(name)
        if identity is None:
            call.fields["name"] = name
            return
        call.fields["name"] = identity.name
        if identity.kind == "custom":
            call.fields["kind"] = "custom"
        if identity.namespace is not None:
            call.fields["namespace"] = identity.namespace
        call.wrapped = identity.wrapped
        call.properties = identity.properties

    def _unique_id(self, upstream_id: str | None) -> str:
        call_id = upstream_id or self._new_id(self._prefix)
        while call_id in self._taken or call_id in self._names.call_ids:
            call_id = self._new_id(self._prefix)
        self._taken.add(call_id)
        return call_id
