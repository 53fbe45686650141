"""Runs the ring: starts a broker and the JVM, runs every case in its own process, prints a table, minds the gaps.

Called by `cargo xtask conform`. Exit code 0: every case passed or is a known gap that still is one.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import case
from .broker import Broker
from .java import Java, spark_command, trino_command

HERE = Path(__file__).resolve().parent.parent
# Cases that wait for a session to end need little CPU: three run at once.
JOBS = 3
SETTINGS = ["lake.commit.interval.ms=1000"]


def arguments():
    p = argparse.ArgumentParser(prog="ring")
    p.add_argument("--broker", required=True)
    p.add_argument("--java")
    p.add_argument("--jars")
    p.add_argument("--classes")
    p.add_argument("--spark-jars", help="folder of Spark's jars")
    p.add_argument("--trino", nargs=2, metavar=("JAVA", "JARS"), help="java of version 25, folder of Trino's jars")
    p.add_argument("--kcat", action="store_true")
    p.add_argument("--cc", action="store_true", help="cc is installed")
    p.add_argument("--missing", action="append", default=[], help="a toolchain that is not here, and why")
    p.add_argument("--full", action="store_true")
    p.add_argument("--only", default="", help="only cases whose name has this text")
    p.add_argument("--logs", required=True, help="folder for the logs of this run")
    return p.parse_args()


def load_cases():
    from . import examples, flights, groups, lake, lake_days, lake_engines, lake_faults, lake_rebuild, lake_spark, lake_trino, produce_consume, refusals, tools  # noqa: F401

    return dict(case.CASES)


def load_gaps(cases):
    gaps = tomllib.loads((HERE / "known_gaps.toml").read_text()).get("gap", [])
    for g in gaps:
        if g["case"] not in cases or not g["reason"].strip():
            raise SystemExit(f"known_gaps.toml: {g} names no case or gives no reason")
    return {g["case"]: g["reason"] for g in gaps}


class Result:
    def __init__(self, name, state, seconds=0.0, note="", detail=""):
        self.name, self.state, self.seconds, self.note, self.detail = name, state, seconds, note, detail


def run_one(c, values, logs):
    """One case in a process of its own; its output goes to a file."""
    work = logs / c.name.replace(" ", "-").replace("/", "-").replace(":", "")
    work.mkdir(parents=True)
    context = {**values, "work": str(work)}
    (work / "context.json").write_text(json.dumps(context))
    started = time.monotonic()
    with (work / "output.txt").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "ring.run_case", c.name, str(work)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=HERE,
            start_new_session=True,
        )
        limit = c.full_limit if values["full"] else c.limit
        timer = threading.Timer(limit, lambda: os.killpg(process.pid, 9))
        timer.start()
        process.wait()
        timer.cancel()
    seconds = time.monotonic() - started
    try:
        r = json.loads((work / "result.json").read_text())
    except FileNotFoundError:
        why = f"no end within {limit} s" if seconds >= limit else f"died with {process.returncode}"
        r = {"error": f"{why}; its output is in {work}/output.txt", "note": ""}
    state = "FAILED" if r["error"] else "passed"
    return Result(c.name, state, seconds, r["note"], r["error"])


def gapped(result, gaps):
    """A known gap may fail; one that works must leave the list."""
    reason = gaps.get(result.name)
    if reason is None or result.state == "skipped":
        return result
    if result.state == "passed":
        text = "this gap is closed: take it out of known_gaps.toml"
        return Result(result.name, "FAILED", result.seconds, text, text)
    return Result(result.name, "gap", result.seconds, reason, "")


def run_all(chosen, values, logs, show):
    together = [c for c in chosen if not c.alone]
    alone = [c for c in chosen if c.alone]
    results = {}

    def go(c):
        results[c.name] = show(run_one(c, values, logs))

    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(go, together))
    for c in alone:
        go(c)
    return [results[c.name] for c in chosen]


def main():
    args = arguments()
    logs = Path(args.logs).resolve()
    logs.mkdir(parents=True, exist_ok=True)
    cases = load_cases()
    gaps = load_gaps(cases)
    here = {"java"} if args.java else set()
    here |= {"kcat"} if args.kcat else set()
    here |= {"cc"} if args.cc else set()
    here |= {"spark"} if args.spark_jars else set()
    here |= {"trino"} if args.trino else set()
    chosen, results = [], []
    corpora = any(c.corpora for c in cases.values() if args.only in c.name and (args.full or not c.full))
    for c in cases.values():
        if c.full and not args.full:
            continue
        absent = [n for n in c.needs if n not in here]
        if args.only not in c.name and not (corpora and c.name.startswith("produce: ")):
            continue
        if absent:
            results.append(Result(c.name, "skipped", note=f"no {', '.join(absent)}"))
        else:
            chosen.append(c)

    def show(r):
        r = gapped(r, gaps)
        print(f"{r.state:8} {r.seconds:6.1f} s  {r.name}  {r.note}", flush=True)
        return r

    started = time.monotonic()
    # Broker data outside the project: it is large and of no use after the run.
    with tempfile.TemporaryDirectory(prefix="lipno-conform-") as folder:
        broker = Broker(args.broker, folder, SETTINGS)
        jvm = Java(args.java, args.jars, args.classes, logs / "java.log") if args.java else None
        try:
            values = {
                "bootstrap": broker.bootstrap,
                "binary": str(Path(args.broker).resolve()),
                "java_port": jvm and jvm.port,
                "java_command": jvm and jvm.command,
                "spark_command": args.spark_jars and spark_command(args.java, args.spark_jars, HERE / "java"),
                "trino_command": args.trino and trino_command(*args.trino, HERE / "java"),
                "lake": str(broker.lake),
                "http": broker.http,
                "full": args.full,
                "kcat": args.kcat,
            }
            results = run_all(chosen, values, logs, show) + results
            # The JVM first: a client that a tool left open would complain of a broker that is gone.
            if jvm:
                jvm.stop()
                name = "java: no unexpected warning from clients or tools"
                results.append(show(Result(name, *verdict(jvm.complaints()))))
            code = broker.stop()
            complaints = [f"exit code {code}"] if code else []
            complaints += broker.complaints()
            (logs / "broker.log").write_text(broker.log_text())
            results.append(show(Result("broker: stops with 0, no warning in its log", *verdict(complaints))))
        finally:
            if jvm:
                jvm.stop()
            if broker.process.poll() is None:
                broker.stop()
    raise SystemExit(report(results, args.missing, time.monotonic() - started))


def verdict(complaints):
    shown = "\n".join(complaints[:20])
    return ("FAILED" if complaints else "passed", 0.0, "", shown)


def report(results, missing, seconds):
    print("\n| case | result | s | what |\n| --- | --- | --- | --- |")
    for r in results:
        print(f"| {r.name} | {r.state} | {r.seconds:.1f} | {r.note.replace('|', '/')} |")
    for m in missing:
        print(f"missing: {m}")
    failed = [r for r in results if r.state == "FAILED"]
    for r in failed:
        print(f"\nFAILED {r.name}\n{r.detail}", file=sys.stderr)
    count = {s: sum(r.state == s for r in results) for s in ("passed", "FAILED", "skipped", "gap")}
    print(f"\nring: {count['gap']} known gaps, {seconds:.0f} s")
    print(f"{count['passed']} passed, {count['FAILED']} failed, {count['skipped']} skipped", flush=True)
    return 1 if failed or not count["passed"] else 0


if __name__ == "__main__":
    main()
