"""Measures conversions and writes the table of the README: `python tests/bench/readme.py [--seconds S]`."""

from __future__ import annotations

import argparse
import gc
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).parent))

from ccproxy import Engine
from conversions import cases, cpu_us
from documents.pages import README, with_section

HEAD = "| conversion | by hand | ccproxy | ratio |\n|---|--:|--:|--:|\n"


def rows(seconds: float) -> list[str]:
    """One row per case: CPU microseconds by hand, compiled from mappings, and their ratio."""
    gc.collect()
    gc.freeze()
    found = []
    for name, (by_hand, compiled) in cases(Engine.load()).items():
        hand_us, compiled_us = cpu_us((by_hand, compiled), seconds)
        found.append(f"| {name} | {hand_us:.0f} µs | {compiled_us:.0f} µs | {compiled_us / hand_us:.2f} |\n")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="per case")
    table = HEAD + "".join(rows(parser.parse_args().seconds))
    README.write_text(with_section(README.read_text(encoding="utf-8"), "conversions", table), encoding="utf-8")
    print(table, end="")


if __name__ == "__main__":
    main()
