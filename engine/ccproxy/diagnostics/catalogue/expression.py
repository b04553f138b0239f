"""X3xx: a JSONata expression is wrong by itself or does not fit its surroundings."""

from ccproxy.diagnostics.catalogue.entry import CodeInfo

EXPRESSION = (
    CodeInfo(
        "X301",
        "expression syntax",
        "The text after `=` is not a JSONata expression. The mark shows where reading stopped.",
        "text: = content[0",
        "text: = content[0]",
    ),
    CodeInfo(
        "X302",
        "undefined function",
        "No built-in function of JSONata, no helper of ccproxy, and no shared table has this name. Names are "
        "lower_snake.",
        "stop: = $stopReason(finish_reason)",
        "stop: = $stop_reason(finish_reason)",
    ),
    CodeInfo(
        "X303",
        "undefined variable",
        "A variable is `$index`, `$item`, `$key`, `$value`, one that the file kind provides (`$request`, "
        "`$target`, …), or one that a `$let` or `$with` around this place names.",
        "id: = $tool.id",
        "$let: { tool: = tools[0] }\nid: = $tool.id",
    ),
    CodeInfo(
        "X304",
        "wrong number of arguments",
        "The function takes fewer or more arguments.",
        "name: = $substring()",
        "name: = $substring(name, 0, 64)",
    ),
    CodeInfo(
        "X305",
        "unknown source path",
        "The schema of the source has no such field at this place, so the expression would always give "
        "nothing. Check the spelling, and which value is current: inside `$each` it is the item.",
        "text: = mesage.content",
        "text: = message.content",
    ),
    CodeInfo(
        "X306",
        "value or type that never occurs",
        "By the schema of the source, the argument can never be of a type that the function or operator accepts, or "
        "the compared field never has the value that it is compared with.",
        "size: = $uppercase(usage.input_tokens)",
        "size: = $string(usage.input_tokens)",
    ),
    CodeInfo(
        "X307",
        "value that is always nothing",
        "A condition around this place holds only where the value is missing or empty, and yet it is written here. "
        "Mostly `$then:` and `$else:` were exchanged.",
        "$if: = title\n$then: { type: text }\n$else: { type: titled, title: = title }",
        "$if: = title\n$then: { type: titled, title: = title }\n$else: { type: text }",
    ),
)
