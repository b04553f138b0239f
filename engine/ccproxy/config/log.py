"""The `log:` section: one line per request, and whether traffic is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ccproxy.config.model import LogSettings
from ccproxy.config.recording import read_recording

if TYPE_CHECKING:
    from ccproxy.config.section import Reading, Section

FORMATS: Final = ("text", "json")


def read_log(section: Section, reading: Reading) -> LogSettings:
    """Read the section; names of files are relative to the folder of the configuration."""
    default = LogSettings()
    file = section.text("file")
    settings = LogSettings(
        requests=section.flag("requests", default.requests),
        format=_read_format(section, reading) or default.format,
        file=str(reading.folder / file) if file else default.file,
        max_file_bytes=section.size("max_file", default.max_file_bytes),
        keep_files=section.integer("keep_files", default.keep_files, 1, 1000),
        traffic=section.flag("traffic", default.traffic),
        dir=str(reading.folder / (section.text("dir") or default.dir)),
        recording=read_recording(section, reading),
    )
    section.finish()
    return settings


def _read_format(section: Section, reading: Reading) -> str | None:
    node, text = section.get("format"), section.text("format")
    if node is None or text in FORMATS:
        return text
    reading.report("S205", "`log.format` must be `text` or `json`", node, label="no such format")
    return None
