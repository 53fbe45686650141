"""What the documentation tells people to type."""

import os
import re
import subprocess
import sys
from pathlib import Path

from .case import case

ROOT = Path(__file__).resolve().parents[3]


def run(context, *args, cwd=ROOT, **env):
    done = subprocess.run(
        [sys.executable, *args], cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, f"{args}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@case("examples: the README's tour, with the versions that it names")
def tour(context):
    out = run(
        context,
        "examples/tour.py",
        LIPNO_BOOTSTRAP=context.bootstrap,
        LIPNO_HTTP=context.http,
        LIPNO_TOPIC="tour_orders",
    )
    for wanted in ("produced 10000 orders", "consumed 10000 orders", "10000 rows", "│ Germany", "│ Poland"):
        assert wanted in out, f"{wanted!r} is not in:\n{out}"
    # The versions that the README installs are the ones that ran here.
    here = (ROOT / "tests/conform/requirements.txt").read_text().split()
    for name in ("README.md", "examples/flights/requirements.txt"):
        pinned = re.findall(r"[a-z0-9_-]+==[0-9.a-z]+", (ROOT / name).read_text())
        assert pinned and set(pinned) <= set(here), f"{name}: {sorted(set(pinned) - set(here))} are not what is tested"


@case("examples: flights, every fiftieth, against a running broker")
def flights(context):
    args = ["--bootstrap", context.bootstrap, "--http", context.http, "--topic", "flights_sample"]
    out = run(context, "-m", "flights", *args, "--sample", "50", cwd=ROOT / "examples/flights")
    assert "flights  mean departure delay" in out and "each once, in order" in out, out
