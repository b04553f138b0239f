"""M4xx: a mapping is well-formed, but what it says does not meet the contract of its source or target."""

from ccproxy.diagnostics.catalogue.entry import CodeInfo

MEANING = (
    CodeInfo(
        "M401",
        "missing required target field",
        "The schema of the target requires a field that this template never writes.",
        "to_unified:\n  model: = model",
        "to_unified:\n  model: = model\n  messages: { $each: = messages, $use: message }",
    ),
    CodeInfo(
        "M402",
        "unhandled values in `$match`",
        "The matched value is one of a fixed set, and some of its values have no case. Add the cases, or `$else`.",
        "$match: = role\nuser: {}",
        "$match: = role\nuser: {}\nassistant: {}\n$else: { $reject: { kind: invalid_request, message: unknown role } }",
    ),
    CodeInfo(
        "M403",
        "unknown part",
        "`$use` names neither a part of this protocol folder nor a shared table.",
        "$use: blok",
        "$use: block",
    ),
    CodeInfo(
        "M404",
        "unknown table",
        "No file under mappings/shared/ defines a table of this name.",
        "$use: stop_reasons\n$of: = stop",
        "$use: stop_reason\n$of: = stop",
    ),
    CodeInfo(
        "M405",
        "unused part",
        "Nothing uses this part. Delete it, or use it.",
        "parts:\n  old_block: { type: text }",
        "parts: {}",
    ),
    CodeInfo(
        "M406",
        "source field neither read nor dropped",
        "Nothing is lost in silence: every field of the source schema is read by an expression or listed "
        "under `drops:` with the reason why it has no counterpart.",
        "drops: { to_unified: {} }",
        "drops:\n  to_unified:\n    /service_tier: a billing choice of one provider",
    ),
    CodeInfo(
        "M407",
        "drop that cannot be",
        "`drops:` lists a field that the source schema does not have, or that an expression reads after all.",
        "drops: { to_unified: { /modle: misspelt } }",
        "drops: { to_unified: { /service_tier: a billing choice of one provider } }",
    ),
    CodeInfo(
        "M408",
        "overlay conflict",
        "Two quirks change the same field of the same backend and nothing says which goes first. Give one of "
        "them `after:`.",
        "quirk: second\nrequest: { top_p: 1 }",
        "quirk: second\nafter: [first]\nrequest: { top_p: 1 }",
    ),
    CodeInfo(
        "M409",
        "unreachable case",
        "No value can reach this case: an earlier case takes it, or the matched value can never be that.",
        "$match: = role\nuser|tool: {}\ntool: {}",
        "$match: = role\nuser: {}\ntool: {}",
    ),
    CodeInfo(
        "M410",
        "literal outside the target's values",
        "The target field allows a fixed set of values, and this literal is none of them.",
        "stop: { reason: stopped }",
        "stop: { reason: end }",
    ),
    CodeInfo(
        "M411",
        "wrong type for the target",
        "The value written here can never be of the type that the target field has.",
        "max_tokens: = $string(max_tokens)",
        "max_tokens: = max_tokens",
    ),
    CodeInfo(
        "M412",
        "misused directive",
        "A directive stands where it has no meaning, lacks its partner, or meets one that excludes it.",
        "$of: = content",
        "$use: block\n$of: = content",
    ),
    CodeInfo(
        "M413",
        "duplicate part",
        "Two files of one protocol folder define a part of the same name. Parts are visible in the whole folder.",
        "parts:\n  block: {}",
        "parts:\n  response_block: {}",
    ),
    CodeInfo(
        "M414",
        "part without a value it reads",
        "A part reads a variable that all its uses but this one give it under `$with:`.",
        "$use: wire_part",
        "$use: wire_part\n$with: { marks: = $marks }",
    ),
    CodeInfo(
        "M415",
        "unused name",
        "A `$let` names a value that nothing reads, or `$with` gives a part a value that it does not read. "
        "Often the name is misspelt.",
        "$let: { budgte: = max_tokens }\nlimit: = $budget",
        "$let: { budget: = max_tokens }\nlimit: = $budget",
    ),
    CodeInfo(
        "M416",
        "unused table",
        "No mapping and no quirk uses this shared table.",
        "table: old_words\nvalues: { stop: end }",
        "stop: { $use: old_words, $of: = finish_reason }",
    ),
    CodeInfo(
        "M417",
        "reference to something that is not there",
        "A quirk, provider or protocol file names a quirk, protocol, operation or capability that does not exist.",
        "after: [tool_choise]",
        "after: [tool_choice]",
    ),
    CodeInfo(
        "M418",
        "exchanged cases",
        "What one case writes is named like the other case, and the other way round.",
        "url: { type: file, id: = id }\nfile: { type: url, url: = url }",
        "url: { type: url, url: = url }\nfile: { type: file, id: = id }",
    ),
    CodeInfo(
        "M419",
        "template that cannot be filled",
        "A prompt of a tool dialect is no valid Jinja2 template, or uses a name that it is not given.",
        "prompt: '{% for tool in tool %}{{ tool.name }}{% endfor %}'",
        "prompt: '{% for tool in tools %}{{ tool.name }}{% endfor %}'",
    ),
)
