"""The command line: exit codes, streams, and that nothing is imported for nothing."""

import subprocess
import sys

import pytest

from ccproxy import __version__
from ccproxy.cli.main import COMMANDS, main


def test_version_is_fast_to_tell():
    code = "import sys; from ccproxy.cli.main import main\ntry: main(['--version'])\nfinally: print(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert output.startswith(f"ccproxy {__version__}\n")
    assert not {"aiohttp", "ruamel.yaml", "jsonschema", "orjson"} & set(output.split())


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["validate", "--format", "fancy"], ["validate", "no/such/path"]]
)
def test_wrong_usage_exits_with_two(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        sys.exit(main(arguments))

    assert stop.value.code == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_verb_has_a_help_with_an_example(verb, capsys):
    with pytest.raises(SystemExit):
        main([verb, "--help"])

    assert "example: ccproxy" in capsys.readouterr().out


def test_the_package_runs_as_a_module():
    run = subprocess.run(
        [sys.executable, "-m", "ccproxy", "explain", "X302"], capture_output=True, text=True, check=True
    )

    assert run.stdout.startswith("X302: undefined function")
