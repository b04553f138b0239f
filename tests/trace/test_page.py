"""The page of a trace: all of it in one file, and nothing that could be run from a message."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from ccproxy.trace.page import render_page
from ccproxy.trace.tracing import Message

LOADS = {"src", "srcset", "data", "poster", "action", "formaction", "background", "ping"}
NASTY = "</script><script>alert(1)</script><img src=x onerror=alert(2)> https://evil.example {{ 7 * 7 }}"
BODY = {
    "model": "m",
    "max_tokens": 100,
    "service_tier": "auto",
    "system": [{"type": "text", "text": NASTY, "cache_control": {"type": "ephemeral"}}],
    "messages": [{"role": "user", "content": NASTY}],
}


class Reader(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self):
        super().__init__()
        self.tags, self.loaded, self.handlers, self.ids = [], [], [], set()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        for name, value in attributes:
            if name in LOADS or (name == "href" and not str(value).startswith("#")):
                self.loaded.append((tag, name, value))
            if name.startswith("on") or name == "style":
                self.handlers.append((tag, name))
            if name == "id":
                self.ids.add(value)


@pytest.fixture(scope="module")
def trace(tracer):
    return tracer.message(Message("request", "claude", "gemini", json.dumps(BODY).encode(), "m"))


@pytest.fixture(scope="module")
def page(trace, files):
    return render_page(trace, files)


@pytest.fixture(scope="module")
def read(page):
    reader = Reader()
    reader.feed(page)
    return reader


def test_nothing_is_loaded_from_anywhere(page, read):
    assert [] == read.loaded
    assert [] == re.findall(r"url\(|@import|fetch\(|XMLHttpRequest|sendBeacon|WebSocket", page)
    assert {"link", "iframe", "img", "object", "embed"}.isdisjoint(read.tags)


def test_a_message_cannot_run_anything(page, read):
    assert 3 == read.tags.count("script") + read.tags.count("style")
    assert [] == read.handlers
    assert "alert(1)</script>" not in page
    assert "{{ 7 * 7 }}" in page


def test_every_stage_is_there_with_its_losses(trace, page, read):
    assert {f"s{number}" for number in range(len(trace.stages))} <= read.ids
    assert {"client request (claude)", "upstream request (gemini)"} <= {stage.title for stage in trace.stages}
    for stage in trace.stages:
        assert stage.title in page
        for drop in stage.drops:
            assert f"<b>{drop.field}</b>" in page


def test_every_history_leads_to_rows_and_frames_of_the_page(page, read):
    data = json.loads(re.search(r'<script type="application/json" id="histories">(.*?)</script>', page, re.DOTALL)[1])

    rows = {name for name in read.ids if re.match(r"f\d+:", name)}
    assert set(data["fields"]) <= rows
    for history in data["fields"].values():
        for source in [*history.get("from", ()), *history.get("given", ())]:
            assert "stage" not in source or f"f{source['stage']}:{source['pointer']}" in rows
        for rule in [history.get("rule", 0), *history.get("via", ())]:
            assert data["rules"][rule]["line"] in dict(data["rules"][rule]["frame"])


def test_a_nonce_is_on_everything_that_a_policy_would_refuse(trace, files):
    page = render_page(trace, files, "bm9uY2U=")

    assert 1 == page.count('<style nonce="bm9uY2U=">')
    assert 1 == page.count('<script nonce="bm9uY2U=">')
    assert "unsafe-inline" not in page
