"""Mappings, read once for all traces."""

from __future__ import annotations

import pytest

from ccproxy.conversion.engine import open_library
from ccproxy.conversion.from_source import open_source_library
from ccproxy.datadirs import find_data_dirs
from ccproxy.trace.evaluation import Evaluator
from ccproxy.trace.files import files_of
from ccproxy.trace.tracing import open_tracer
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


@pytest.fixture
def twins_of(library, source, evaluator):
    """Fresh engines, as often as they are needed."""
    return lambda: twins(library, source, evaluator)


@pytest.fixture(scope="session")
def tracer():
    return open_tracer(find_data_dirs("mappings"))


@pytest.fixture(scope="session")
def files():
    return files_of(find_data_dirs("mappings"))
