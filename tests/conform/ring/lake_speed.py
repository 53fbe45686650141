"""What the lake costs and how fresh it is: `cargo xtask bench-lake [--full] [--out FOLDER]`.

Measures, asserts nothing: how long a record takes to be a row for DuckDB, what a commit costs in requests and time, what
a thousand idle topics cost. Writes JSON and a plot into the folder, and a table to stdout.
"""

import argparse
import json
import os
import subprocess
import tempfile
import threading
import time
import urllib.request
from datetime import date
from pathlib import Path

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from . import engines, s3
from .broker import Broker, wait_for
from .lake_engines import create, send, wait_for_lake

TICKS = os.sysconf("SC_CLK_TCK")


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * p / 100))]


def cpu_of(pid):
    """User and system time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(broker):
    """Resident memory that belongs to nobody else, in bytes."""
    text = Path(f"/proc/{broker.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("RssAnon")) * 1024


def metrics(broker):
    with urllib.request.urlopen(f"http://{broker.http}/metrics", timeout=20) as answer:
        lines = [line for line in answer.read().decode().splitlines() if line and line[0] != "#"]
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines}


def freshness(bootstrap, newest, seconds):
    """Milliseconds from produce() to the end of the first query that shows the record, from when the table is there.

    `newest` asks an engine for the largest number in the table, or says None if there is none yet.
    """
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 0})
    sent, stop = [], threading.Event()

    def produce():
        due = time.monotonic()
        while not stop.is_set():
            producer.produce("fresh", value=json.dumps({"n": len(sent)}).encode())
            sent.append(time.monotonic())
            producer.poll(0)
            due += 0.01
            time.sleep(max(0, due - time.monotonic()))

    thread = threading.Thread(target=produce)
    thread.start()
    took = []
    try:
        wait_for("the first row", lambda: newest() is not None, 120)
        # What came while the table was made has waited for that.
        first = seen = len(sent)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            began = time.monotonic()
            n, now = newest(), time.monotonic()
            if n is not None and n + 1 > seen:
                took += [(now - at) * 1000 for at in sent[seen : n + 1]]
                seen = n + 1
            time.sleep(max(0, 0.05 - (now - began)))
    finally:
        stop.set()
        thread.join()
        producer.flush(10)
    assert took, f"no row after the first {first}"
    return {"records": len(took), "p50_ms": percentile(took, 50), "p99_ms": percentile(took, 99), "max_ms": max(took)}


def newest_of(broker):
    """Looks with DuckDB through the catalog, fresh each time, as a dashboard does."""
    held = []

    def newest():
        held[:] = held or [engines.attached(broker.http)]
        try:
            return held[0].execute("SELECT max(n) FROM lake.lipno.fresh").fetchone()[0]
        except Exception:
            # Not a column yet.
            held.clear()
            return None

    return newest


def commits(broker, count, requests=None):
    """One small commit after the other: requests of each, and time from the cut of its range to the new version."""
    create(broker.bootstrap, "commits", lake_commit_interval_ms=100)
    send(broker.bootstrap, "commits", [b'{"a":1}'])
    wait_for_lake(broker.lake_command, "commits")
    asked, times = [], []
    key = "lipno_lake_commit_seconds"
    for _ in range(count):
        had, m = requests and requests(), metrics(broker)
        send(broker.bootstrap, "commits", [b'{"a":1}'])
        wait_for("the commit", lambda m=m: metrics(broker)[f"{key}_count"] > m[f"{key}_count"])
        # Copies for readers without a catalog come after it.
        time.sleep(0.3)
        n = metrics(broker)
        done = n[f"{key}_count"] - m[f"{key}_count"]
        times.append((n[f"{key}_sum"] - m[f"{key}_sum"]) * 1000 / done)
        if requests:
            asked.append((requests() - had) / done)
    out = {"commits": count, "p50_ms": percentile(times, 50), "p99_ms": percentile(times, 99)}
    return {**out, "requests": percentile(asked, 50), "requests_mean": sum(asked) / len(asked)} if requests else out


def idle(context, topics, mode, seconds):
    """A broker with so many topics, none of which gets a record: its processor time and memory."""
    with tempfile.TemporaryDirectory(prefix="lipno-bench-") as folder:
        with Broker(context.broker, folder, [f"lake.mode={mode}"]) as broker:
            admin = AdminClient({"bootstrap.servers": broker.bootstrap})
            for at in range(0, topics, 200):
                new = [NewTopic(f"t{n}", 1, 1) for n in range(at, min(topics, at + 200))]
                for done in admin.create_topics(new).values():
                    done.result(60)
            if mode == "copy":
                # Not asked by `status`, which reads every table's metadata into memory.
                hints = broker.lake / "lipno"
                wait_for("all tables", lambda: len(list(hints.glob("*/metadata/version-hint.text"))) == topics, 600)
            time.sleep(5)
            before = cpu_of(broker.process.pid)
            time.sleep(seconds)
            return {"cpu_percent": (cpu_of(broker.process.pid) - before) / seconds * 100, "memory": memory(broker)}


def plot(rows, to):
    """Bars, one for each row, as long as its share of the bound that it has."""
    height, label = 22, 430
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="{(len(rows) + 1) * height}" font-family="sans-serif"'
        ' font-size="12"><rect width="100%" height="100%" fill="white"/>',
        f'<line x1="{label + 200}" x2="{label + 200}" y1="0" y2="{len(rows) * height}" stroke="#c00"/>'
        f'<text x="{label + 170}" y="{len(rows) * height + 14}" fill="#c00">the bound</text>',
    ]
    for n, (name, value, unit, bound) in enumerate(rows):
        width = min(400, 200 * value / bound)
        parts.append(
            f'<text x="4" y="{n * height + 15}">{name}</text><rect x="{label}" y="{n * height + 4}" width="{width:.1f}" '
            f'height="14" fill="#48c"/><text x="{label + width + 6}" y="{n * height + 15}">{value:.3g} {unit}</text>'
        )
    to.write_text("".join(parts) + "</svg>\n")


def report(found, rows, out, kind):
    """A table to stdout; JSON and a plot into the folder."""
    print("\n| what | measured | bound |\n|---|---|---|")
    for name, value, unit, bound in rows:
        print(f"| {name} | {value:.3g} {unit} | {bound} |")
    if out:
        commit = subprocess.run(["git", "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=False).stdout
        at = out / f"{date.today()}-{commit.strip() or 'unknown'}-{kind}"
        at.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")
        plot(rows, at.with_suffix(".svg"))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--broker", required=True)
    p.add_argument("--out", type=Path)
    p.add_argument("--full", action="store_true")
    context = p.parse_args()
    seconds, found = (60 if context.full else 15), {}
    interval = ["lake.commit.interval.ms=1000"]

    def told(name, value):
        found[name] = value
        print(f"{name}: {json.dumps(value)}", flush=True)

    with tempfile.TemporaryDirectory(prefix="lipno-bench-") as folder, Broker(context.broker, folder, interval) as broker:
        create(broker.bootstrap, "fresh")
        told("freshness, folder", freshness(broker.bootstrap, newest_of(broker), seconds))
        told("commit, folder", commits(broker, 40 if context.full else 10))
    moto = s3.Moto()
    proxy = s3.Proxy(moto.port)
    try:
        settings = interval + s3.settings(proxy.port, "speed")
        with tempfile.TemporaryDirectory(prefix="lipno-bench-") as folder, Broker(context.broker, folder, settings) as broker:
            # Empty looks of the broker into its store would be counted, too; there are none between two commits.
            told("commit, S3", commits(broker, 40 if context.full else 10, lambda: proxy.requests))
    finally:
        proxy.stop()
        moto.stop()
    topics = 1_000 if context.full else 200
    off, on = (idle(context, topics, mode, seconds) for mode in ("off", "copy"))
    per_topic = (on["memory"] - off["memory"]) / topics
    told("idle", {"topics": topics, "off": off, "on": on, "bytes_a_topic": per_topic})
    rows = [
        ("produce to a row in DuckDB, interval 1 s, folder: p50", found["freshness, folder"]["p50_ms"] / 1000, "s", 3),
        ("the same: p99", found["freshness, folder"]["p99_ms"] / 1000, "s", 3),
        ("commit of one record, folder: p50", found["commit, folder"]["p50_ms"], "ms", 100),
        ("the same: p99", found["commit, folder"]["p99_ms"], "ms", 100),
        ("requests of a commit with one file, S3, copies included", found["commit, S3"]["requests"], "requests", 6),
        (f"{topics} idle topics with lake on: processor", on["cpu_percent"], "% of a core", 1),
        ("memory of a topic's table", per_topic / 1000, "KB", 20),
    ]
    report(found, rows, context.out, "lake")


if __name__ == "__main__":
    main()
