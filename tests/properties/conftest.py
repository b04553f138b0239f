"""What every property needs."""

from __future__ import annotations

import pytest

from ccproxy.conversion.engine import Engine

pytest.register_assert_rewrite("properties.client_streams")


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine.load()
