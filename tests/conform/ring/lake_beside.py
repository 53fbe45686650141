"""Lipno's lake beside what it replaces: `cargo xtask bench-lake --beside [--full] [--out FOLDER]`.

The other side is Apache Kafka, a Kafka Connect worker and Apache Iceberg's sink connector with a catalog in a folder, all
in one machine's memory and on its disk as Lipno is. Both get the same records and are read by the same DuckDB. Measures,
asserts nothing: processor time for flights as JSON to become a table, how long a record takes to be a row, and what is
missing or twice after kill -9 of the worker (which in Lipno is the broker). Needs Java and, the first time, Maven.
"""

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from . import engines
from .broker import Broker, wait_for
from .lake_engines import create
from .lake_speed import cpu_of, freshness, report

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "examples" / "flights"))

PEERS = Path(__file__).resolve().parents[3] / "benches" / "peers"
PARTITIONS = 4


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Side:
    """What both have."""

    def newest(self):
        found = self.ask("max(n)", "fresh")
        return found and found[0]


class Lipno(Side):
    """One process does it all."""

    name = "Lipno"

    def __init__(self, folder, binary):
        self.broker = Broker(binary, folder, ["lake.commit.interval.ms=1000"])
        self.duckdb = None

    bootstrap = property(lambda self: self.broker.bootstrap)

    def create(self, topic):
        create(self.bootstrap, topic, PARTITIONS, lake_mode="off", lake_format="typed")

    def switch_on(self, topic, interval_ms):
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
        for name, value in (("lake.mode", "copy"), ("lake.commit.interval.ms", str(interval_ms))):
            entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
            resource.add_incremental_config(entry)
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        admin.incremental_alter_configs([resource])[resource].result(30)

    def ask(self, what, topic):
        """An aggregate over the table, or None while there is no such table or column."""
        if self.duckdb is None:
            self.duckdb = engines.attached(self.broker.http)
        try:
            return self.duckdb.execute(f"SELECT {what} FROM lake.lipno.{topic}").fetchone()
        except Exception:
            self.duckdb = None
            return None

    def cpu(self):
        return {"all": cpu_of(self.broker.process.pid)}

    def kill(self):
        self.broker.kill()
        self.duckdb = None

    def start(self):
        self.broker.start()

    def bytes(self, topic):
        return sum(f.stat().st_size for f in (self.broker.lake / "lipno" / topic).rglob("*.parquet"))

    def stop(self):
        assert self.broker.stop() == 0


class Sink(Side):
    """Kafka, and a worker beside it."""

    name = "Kafka + Iceberg sink"

    def __init__(self, folder):
        self.folder = Path(folder)
        self.port, self.rest = free_port(), free_port()
        self.logs = (self.folder / "peers.log").open("ab")
        self.kafka = self.run(PEERS / "kafka" / "start", self.port, self.folder / "kafka")
        wait_for("Kafka", lambda: AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0}).list_topics(timeout=5), 120)
        create(self.bootstrap, "control-iceberg")
        self.worker = None
        self.connectors = []
        self.start()

    bootstrap = property(lambda self: f"127.0.0.1:{self.port}")

    def run(self, *command):
        env = {**os.environ, "CONTROLLER_PORT": str(free_port())}
        return subprocess.Popen([*map(str, command)], stdin=subprocess.DEVNULL, stdout=self.logs, stderr=self.logs, env=env)

    def http(self, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.rest}/{path}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as e:
            # 404 and 409: not there yet, or a rebalance is under way.
            if e.code in (404, 409):
                return None
            raise RuntimeError(f"{path}: {e.code} {e.read().decode()}") from None
        except OSError:
            return None

    def start(self):
        self.worker = self.run(PEERS / "sink" / "start", self.rest, self.bootstrap, self.folder / "worker")
        wait_for("the worker", lambda: self.http("connectors") is not None, 120)
        for c in self.connectors:
            self.wait_for_tasks(c)

    def wait_for_tasks(self, name):
        def running():
            status = self.http(f"connectors/{name}/status")
            states = [t["state"] for t in (status or {}).get("tasks", ())]
            assert "FAILED" not in states, json.dumps(status)[:2000]
            return states and set(states) == {"RUNNING"}

        wait_for(f"the tasks of {name}", running, 120)

    def create(self, topic):
        create(self.bootstrap, topic, PARTITIONS)

    def switch_on(self, topic, interval_ms):
        warehouse = self.folder / "warehouse"
        config = {
            "connector.class": "org.apache.iceberg.connect.IcebergSinkConnector",
            "tasks.max": "2",
            "topics": topic,
            "iceberg.tables": f"lake.{topic}",
            "iceberg.tables.auto-create-enabled": "true",
            "iceberg.tables.evolve-schema-enabled": "true",
            "iceberg.control.commit.interval-ms": str(interval_ms),
            "iceberg.catalog.type": "hadoop",
            "iceberg.catalog.warehouse": str(warehouse),
            "consumer.override.auto.offset.reset": "earliest",
        }
        body = {"name": topic, "config": config}
        wait_for("the connector", lambda: self.http("connectors", body) is not None, 120)
        self.connectors.append(topic)
        self.wait_for_tasks(topic)

    def ask(self, what, topic):
        """The same as Lipno's, from the table's folder."""
        if not (self.folder / "warehouse" / "lake" / topic / "metadata" / "version-hint.text").exists():
            return None
        try:
            return engines.connect().execute(
                f"SELECT {what} FROM iceberg_scan('{self.folder}/warehouse/lake/{topic}')"
            ).fetchone()
        except Exception as e:
            self.trouble = str(e)
            return None

    def cpu(self):
        return {"worker": cpu_of(self.worker.pid), "broker": cpu_of(self.kafka.pid)}

    def kill(self):
        self.worker.send_signal(signal.SIGKILL)
        self.worker.wait(30)

    def bytes(self, topic):
        return sum(f.stat().st_size for f in (self.folder / "warehouse" / "lake" / topic).rglob("*.parquet"))

    def stop(self):
        for p in (self.worker, self.kafka):
            p.terminate()
            p.wait(60)


def fill(bootstrap, topic, times):
    """All flights so many times; how many records and bytes that is."""
    from flights.data import flights

    p = Producer({"bootstrap.servers": bootstrap, "linger.ms": 20, "batch.size": 1_000_000})
    count = size = 0
    for _ in range(times):
        for _, carrier, value in flights():
            while True:
                try:
                    p.produce(topic, key=carrier, value=value, partition=count % PARTITIONS)
                    break
                except BufferError:
                    p.poll(0.1)
            count += 1
            size += len(value)
    assert p.flush(120) == 0
    return count, size


def backlog(side, topic, times):
    """Processor time from switching the lake on until all of a backlog is in the table."""
    side.create(topic)
    count, size = fill(side.bootstrap, topic, times)
    time.sleep(3)
    before, began = side.cpu(), time.monotonic()
    side.switch_on(topic, 10_000)

    def done():
        found = side.ask("count(*)", topic)
        return found and found[0] >= count

    wait_for("all rows", done, 1_200)
    seconds, after = time.monotonic() - began, side.cpu()
    (rows,) = side.ask("count(*)", topic)
    used = {k: after[k] - before[k] for k in after}
    per_gb = {f"{k}_cpu_s_per_gb": used[k] / size * 1e9 for k in used}
    return {"records": count, "rows": rows, "bytes": size, "seconds": seconds, **per_gb, "parquet_over_raw": side.bytes(topic) / size}


def kills(side, times, seed=11):
    """Numbered records at a steady rate while the worker dies; what is missing or twice at the end."""
    side.create("kills")
    side.switch_on("kills", 1_000)
    p = Producer({"bootstrap.servers": side.bootstrap, "enable.idempotence": True, "linger.ms": 5, "message.timeout.ms": 300_000, "log_level": 0})
    acked, failed, stop = set(), [], threading.Event()

    def told(error, message):
        if error:
            failed.append(str(error))
        else:
            acked.add(json.loads(message.value())["n"])

    def produce():
        n = 0
        while not stop.is_set():
            for _ in range(20):
                with contextlib.suppress(BufferError):
                    p.produce("kills", value=json.dumps({"n": n, "text": f"row {n}"}).encode(), on_delivery=told)
                    n += 1
            p.poll(0)
            time.sleep(0.01)

    thread = threading.Thread(target=produce)
    thread.start()
    r = random.Random(seed)

    def rows():
        found = side.ask("count(*)", "kills")
        return found[0] if found else 0

    back = []
    try:
        wait_for("the first rows", rows, 120)
        for _ in range(times):
            time.sleep(r.uniform(0.5, 3))
            side.kill()
            had, began = rows() if side.name != "Lipno" else None, time.monotonic()
            side.start()
            had = rows() if had is None else had
            wait_for("more rows", lambda had=had: rows() > had, 300)
            back.append(time.monotonic() - began)
    finally:
        stop.set()
        thread.join()
        left = p.flush(120)
    assert left == 0 and not failed, (left, failed[:3])
    with contextlib.suppress(Exception):
        wait_for("all rows", lambda: side.ask("count(DISTINCT n)", "kills")[0] >= len(acked), 90)
    time.sleep(5)
    n, distinct = side.ask("count(*), count(DISTINCT n)", "kills")
    back.sort()
    return {"kills": times, "acked": len(acked), "rows": n, "missing": len(acked) - distinct, "duplicated": n - distinct, "back_s_median": back[len(back) // 2]}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--broker", required=True)
    p.add_argument("--out", type=Path)
    p.add_argument("--full", action="store_true")
    a = p.parse_args()
    found = {}
    # In turns would be fairer to both; but each has its own machine while it runs, and the differences are not small.
    for make in (lambda folder: Lipno(folder, a.broker), Sink):
        folder = tempfile.mkdtemp(prefix="lipno-bench-")
        side = make(folder)
        try:
            of = found.setdefault(side.name, {})

            def told(name, value, of=of, side=side):
                of[name] = value
                print(f"{side.name}: {name}: {json.dumps(value)}", flush=True)

            # A first one warms the JVM up.
            told("first backlog", backlog(side, "first", 1))
            told("backlog", backlog(side, "second", 3 if a.full else 1))

            side.create("fresh")
            side.switch_on("fresh", 1_000)
            told("freshness", freshness(side.bootstrap, side.newest, 60 if a.full else 20))
            told("kills", kills(side, 10 if a.full else 3))
        finally:
            side.stop()
            shutil.rmtree(folder, ignore_errors=True)
    rows = []
    for name, of in found.items():
        b = of["backlog"]
        rows += [
            (f"{name}: processor, flights as JSON to a table", sum(v for k, v in b.items() if k.endswith("per_gb")), "s/GB", 60),
            (f"{name}: produce to a row in DuckDB, p99", of["freshness"]["p99_ms"] / 1000, "s", 3),
            (f"{name}: rows missing after kills", of["kills"]["missing"], "rows", 1),
            (f"{name}: rows twice after kills", of["kills"]["duplicated"], "rows", 1),
            (f"{name}: back after a kill, median", of["kills"]["back_s_median"], "s", 10),
        ]
    report(found, rows, a.out, "lake-beside")


if __name__ == "__main__":
    main()
