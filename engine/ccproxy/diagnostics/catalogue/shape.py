"""S2xx: the file does not have the form that its JSON Schema describes."""

from ccproxy.diagnostics.catalogue.entry import CodeInfo

SHAPE = (
    CodeInfo(
        "S201",
        "value of the wrong type",
        "The schema asks for another kind of value here: text, number, list, mapping. Numbers and booleans "
        "that are meant as text need quotes; text that is meant as a number must not have them.",
        'server:\n  port: "11434"',
        "server:\n  port: 11434",
    ),
    CodeInfo(
        "S202",
        "missing key",
        "A key that the schema requires is absent.",
        "table: stop_reason",
        "table: stop_reason\nvalues: { stop: end }",
    ),
    CodeInfo(
        "S203",
        "unknown key",
        "The key is not one that is read at this place, so its value would be ignored. Usually it is misspelt "
        "or indented one level too deep or too little.",
        "server:\n  hots: 127.0.0.1",
        "server:\n  host: 127.0.0.1",
    ),
    CodeInfo(
        "S204",
        "value not allowed",
        "Only certain words are allowed here, and this is none of them.",
        "stream:\n  framing: see",
        "stream:\n  framing: sse",
    ),
    CodeInfo(
        "S205",
        "value does not fit",
        "The value has the right type but breaks another rule of the schema: a pattern, a smallest or "
        "greatest number, a number of items, items that must differ.",
        "server:\n  port: 70000",
        "server:\n  port: 11434",
    ),
    CodeInfo(
        "S206",
        "unknown kind of file",
        "Neither the name of the file, its folder nor its keys tell what it is, so nothing will ever read it. "
        "Usually the name is misspelt or ends in `.yml` instead of `.yaml`.",
        "mappings/my-protocol/reqest.yaml",
        "mappings/my-protocol/request.yaml",
    ),
)
