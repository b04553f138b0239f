"""The shipped mappings are free of problems."""

from ccproxy.cli.checking import check_files
from ccproxy.cli.file_kinds import find_files
from ccproxy.datadirs import find_data_dir
from ccproxy.diagnostics.render import render
from ccproxy.yamltree.schema_store import SchemaStore


def test_validate_finds_nothing():
    root = find_data_dir("mappings")
    files, problems = check_files(find_files([root]), SchemaStore(find_data_dir("schemas")), root.parent)

    assert render(problems, "concise", {}) == ""
    assert len(files) > 50
