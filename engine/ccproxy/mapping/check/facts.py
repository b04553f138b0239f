"""`protocol.yaml` and provider presets: names and places that they refer to, and files that a protocol lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic, Span
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.mapping.check.contracts import Contract
from ccproxy.mapping.drops import pointer_steps
from ccproxy.mapping.model import DIRECTIONS, KINDS
from ccproxy.yamltree.nodes import ListNode, MapNode, ScalarNode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ccproxy.mapping.model import Folder, Tree
    from ccproxy.shapes.shape import Shape
    from ccproxy.yamltree.nodes import Node

PLACES = ("model", "stream")  # settings of an operation that may lie in the body


def check_facts(tree: Tree, folder: Folder) -> Iterator[Diagnostic]:
    """Report what protocol.yaml says wrongly about its own folder."""
    root = folder.facts_node
    if root is None:
        return
    contract = Contract(tree, folder)
    name = root.get("protocol")
    if isinstance(name, ScalarNode) and name.text != folder.name:
        yield _unknown("protocol", name, [folder.name], f"the folder is named `{folder.name}`")
    operations = root.get("operations")
    for entry in operations.entries if isinstance(operations, MapNode) else ():
        yield from _check_operation(entry.value, operations.keys() if isinstance(operations, MapNode) else (), contract)
    stream = root.get("stream")
    event_name = stream.get("event_name") if isinstance(stream, MapNode) else None
    if isinstance(event_name, ScalarNode) and event_name.value is not None:
        yield from _check_field(event_name, [event_name.text], contract.wire("stream"), "events")
    yield from _check_natives(root, tree)
    yield from _missing_directions(folder, root)
    yield from _unknown_operations(folder, contract)


def _check_operation(node: Node, names: Collection[str], contract: Contract) -> Iterator[Diagnostic]:
    if not isinstance(node, MapNode):
        return
    other = node.get("convert_as")
    if isinstance(other, ScalarNode) and other.text not in names:
        yield _unknown("operation", other, names, "no operation of this protocol has this name")
    if other is None:
        for key in PLACES:
            place = node.get(key)
            body = place.get("body") if isinstance(place, MapNode) else None
            if isinstance(body, ScalarNode):
                yield from _check_field(body, pointer_steps(body.text), contract.wire("request"), "requests")


def _check_field(node: ScalarNode, steps: list[str], shape: Shape, what: str) -> Iterator[Diagnostic]:
    for step in steps:
        if shape.is_any or shape.is_nothing:
            return
        found = shape.property(step)
        if not found.known:
            names = sorted(shape.property_names())
            near = closest(step, names)
            meant = node.text.replace(step, near) if near else ""
            yield Diagnostic(
                "M417",
                f"{what} of this protocol have no field `{step}`",
                node.span,
                label="the schema has no such field",
                help=f"write `{meant}`" if meant else f"its fields: {quoted_list(names, 'and')}",
                suggestion=meant,
            )
            return
        shape = found.shape


def _check_natives(root: MapNode, tree: Tree) -> Iterator[Diagnostic]:
    normal_form = root.get("normal_form")
    natives = normal_form.get("natives") if isinstance(normal_form, MapNode) else None
    for item in natives.items if isinstance(natives, ListNode) else ():
        if isinstance(item, ScalarNode) and item.text not in tree.folders:
            yield _unknown("protocol", item, tree.folders, "no folder has this name")


def _missing_directions(folder: Folder, root: MapNode) -> Iterator[Diagnostic]:
    """A protocol that can only be half spoken."""
    wanted = ((kind, direction) for kind in KINDS for direction in DIRECTIONS)
    missing = [f"{kind}.yaml {direction}" for kind, direction in wanted if (kind, direction) not in folder.transforms]
    if missing:
        yield Diagnostic(
            "W703",
            f"protocol `{folder.name}` has no {quoted_list(missing, 'and', 8)}",
            root.entries[0].key.span,
            label="messages of these kinds cannot be converted",
            help="write the missing files",
            severity="warning",
        )


def _unknown_operations(folder: Folder, contract: Contract) -> Iterator[Diagnostic]:
    """Files of operations that the unified format does not know: nothing converts what they say."""
    told: set[str] = set()
    for (kind, _), template in folder.transforms.items():
        operation = kind.rpartition("_")[0]
        if operation and operation not in told and not contract.is_known(operation):
            told.add(operation)
            meant = closest(operation, contract.known_operations())
            yield Diagnostic(
                "M417",
                f"unknown operation `{operation}`",
                Span(template.node.span.file, 1, 1, 2),
                label="the unified format has no such operation",
                help=f"name the file `{meant}.yaml`" if meant else "",
                suggestion=meant or "",
            )


def check_providers(tree: Tree, nodes: Mapping[str, Node]) -> Iterator[Diagnostic]:
    """Report protocols and quirks that provider presets name and nobody defines."""
    for node in nodes.values():
        if not isinstance(node, MapNode) or node.get("provider") is None:
            continue
        protocol = node.get("protocol")
        if isinstance(protocol, ScalarNode) and protocol.text not in tree.folders:
            yield _unknown("protocol", protocol, tree.folders, "no protocol has this name")
        quirks = node.get("quirks")
        for item in quirks.items if isinstance(quirks, ListNode) else ():
            if isinstance(item, ScalarNode) and item.text not in tree.quirks:
                yield _unknown("quirk", item, tree.quirks, "no quirk has this name")


def _unknown(what: str, node: ScalarNode, known: Collection[str], label: str) -> Diagnostic:
    meant = closest(node.text, known)
    only = next(iter(known)) if len(known) == 1 else None
    return Diagnostic(
        "M417",
        f"unknown {what} `{node.text}`",
        node.span,
        label=label,
        help=f"write `{meant or only}`" if meant or only else f"there is {quoted_list(sorted(known), 'and')}",
        suggestion=meant or "",
    )
