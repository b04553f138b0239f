"""Mappings, read once for all traces."""

from __future__ import annotations

import pytest

from ccproxy.conversion.engine import open_library
from ccproxy.conversion.from_source import open_source_library
from ccproxy.datadirs import find_data_dirs
from ccproxy.trace.evaluation import Evaluator
from trace_parts.twins import twins


@pytest.fixture(scope="session")
def library():
    return open_library(find_data_dirs("mappings"))


@pytest.fixture(scope="session")
def source():
    return open_source_library(find_data_dirs("mappings"))


@pytest.fixture(scope="session")
def evaluator(source):
    return Evaluator(source.tree.tables)


@pytest.fixture
def engines(library, source, evaluator):
    """The engine that converts, and the one that is traced."""
    return twins(library, source, evaluator)
