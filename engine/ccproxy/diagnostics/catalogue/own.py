"""B9xx: our own bugs."""

from ccproxy.diagnostics.catalogue.entry import CodeInfo

OWN = (
    CodeInfo(
        "B901",
        "bug in ccproxy",
        "ccproxy itself failed while it checked or ran this place. Your file may be right. Please report it "
        "with the text of the message and the file.",
        "(any file)",
        "(a report with the message and the file)",
    ),
)
