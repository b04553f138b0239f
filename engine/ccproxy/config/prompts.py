"""`prompt:` and `replace_in_prompt:` of groups and aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ccproxy.config.section import Section
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.policy.names import NamePatterns
from ccproxy.policy.prompting import Injection, Replacement
from ccproxy.yamltree.nodes import ListNode, Node, ScalarNode

if TYPE_CHECKING:
    from ccproxy.config.section import Reading

MODES: Final = ("off", "enhance", "replace")
POSITIONS: Final = ("system", "user")


def read_prompt(entry: Section, reading: Reading) -> tuple[Injection, ...] | None:
    """Read `prompt:`; empty when it is off or says nothing, None when it is absent."""
    section = entry.section("prompt")
    if section.node is None:
        return None
    mode = word(section, "mode", MODES, "enhance", reading)
    position = word(section, "position", POSITIONS, "system", reading)
    text = _text(section, mode, reading)
    models = section.texts("models")
    always = section.flag("always", False)
    section.finish()
    if mode == "off" or not text:
        return ()
    patterns = NamePatterns(models) if models else None
    return (Injection(text, mode == "replace", position == "user", always, patterns),)


def read_replacements(entry: Section, reading: Reading) -> tuple[Replacement, ...] | None:
    """Read `replace_in_prompt:`; None when it is absent."""
    node = entry.get("replace_in_prompt")
    if node is None:
        return None
    if not isinstance(node, ListNode):
        reading.report("S201", "`replace_in_prompt` must be a list", node, label="a list is expected here")
        return ()
    found = [_replacement(Section(reading, item, "replace_in_prompt"), reading) for item in node.items]
    return tuple(each for each in found if each is not None)


def word(section: Section, name: str, words: tuple[str, ...], default: str, reading: Reading) -> str:
    """Read one of a few words."""
    node = section.get(name)
    if node is None:
        return default
    text = node.text if isinstance(node, ScalarNode) else ""
    if text in words:
        return text
    reading.report(
        "S204",
        f"`{text}` is no {name}" if text else f"`{name}` must be text",
        node,
        label="not one of the words that are allowed here",
        note=f"allowed are {quoted_list(words, 'and')}",
        suggestion=closest(text, words) or "",
    )
    return default


def _text(section: Section, mode: str, reading: Reading) -> str:
    """Return the prompt. Dollar signs in it are dollar signs: prompts are no place for secrets."""
    text, file = section.get("text"), section.get("file")
    if text is not None and file is not None:
        reading.report("S205", "a prompt has `text` or `file`, not both", file, label="one of them is enough")
    if text is not None:
        return plain_text(text, "prompt.text", reading).strip()
    if file is not None:
        return _content_of(file, reading).strip()
    if mode != "off" and section.node is not None:
        reading.report("S202", "a prompt needs `text` or `file`", section.node, label="says nothing")
    return ""


def plain_text(node: Node, what: str, reading: Reading) -> str:
    """Return a text as it stands."""
    if isinstance(node, ScalarNode):
        return "" if node.value is None else node.text
    reading.report("S201", f"`{what}` must be text", node, label="text is expected here")
    return ""


def _content_of(node: Node, reading: Reading) -> str:
    name = reading.text(node, "prompt.file")
    if not name:
        return ""
    path = reading.folder / name
    reading.watched.append(path)
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        reading.report(
            "C612",
            f"there is no file `{name}`",
            node,
            label="not found",
            help="write the path relative to the folder of this configuration",
        )
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is no text in UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        reading.report("C612", f"`{name}` cannot be read: {reason}", node, label="unreadable")
    return ""


def _replacement(section: Section, reading: Reading) -> Replacement | None:
    if section.node is None:
        return None
    find, put = section.get("find"), section.get("with")
    section.finish()
    if find is None or put is None:
        reading.report("S202", "a replacement needs `find` and `with`", section.node, label="incomplete")
        return None
    text = plain_text(find, "find", reading)
    if not text:
        reading.report("S205", "`find` must not be empty", find, label="nothing to find")
        return None
    return Replacement(text, plain_text(put, "with", reading))
