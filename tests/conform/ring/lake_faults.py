"""The lake under faults: the broker dies at every named step, the store fails in every way; no row is lost or twice."""

import contextlib
import itertools
import json
import random
import subprocess
import tempfile
import threading
import time

from confluent_kafka import Producer

from . import engines, s3
from .broker import Broker, wait_for
from .case import case, logger
from .lake_engines import create, delete, send, wait_for_lake

STEPS = [
    "cut",
    "encode",
    "put",
    "put-reply",
    "manifest",
    "list",
    "metadata",
    "cas-proposed",
    "cas-applied",
    "copy",
    "local-release",
]
PARTITIONS = 3
TOPIC = "load"
PAD = "some text that compresses well " * 16


class Load:
    """Produces numbered records until it is told to stop, through whatever happens to the broker."""

    def __init__(self, bootstrap, rate):
        self.acked = []
        self.sent = 0
        self.rate = rate
        self.stopping = threading.Event()
        self.producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "linger.ms": 2,
                "message.timeout.ms": 300_000,
                "reconnect.backoff.max.ms": 200,
                "retry.backoff.max.ms": 200,
                "logger": logger("librdkafka"),
            }
        )
        self.failed = []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def told(self, error, message):
        if error:
            self.failed.append(error)
        else:
            self.acked.append((message.partition(), message.offset(), message.value()))

    def run(self):
        while not self.stopping.is_set():
            # Most are objects with a column that comes and goes; some are no objects at all.
            n = self.sent
            value = json.dumps({"n": n, f"c{n // 5_000 % 40}": n / 2, "pad": PAD}) if n % 50 else f"text {n}"
            try:
                self.producer.produce(TOPIC, value=value.encode(), partition=n % PARTITIONS, on_delivery=self.told)
                self.sent += 1
            except BufferError:
                pass
            self.producer.poll(0)
            if self.sent % 10 == 0:
                time.sleep(10 / self.rate)

    def stop(self):
        self.stopping.set()
        self.thread.join()
        assert self.producer.flush(120) == 0 and not self.failed, self.failed[:3]
        return self.acked


def check(broker, acked):
    """Every acknowledged record is one row, with its bytes, and the table equals the log."""
    wait_for_lake(broker.lake_command, TOPIC, 120)
    verdict = broker.lake_command("verify", TOPIC)
    assert verdict["ok"], json.dumps(verdict)
    d = engines.attached(broker.http)
    found = d.execute(f"SELECT kafka_partition, kafka_offset, kafka_value FROM lake.lipno.{TOPIC} ORDER BY ALL").fetchall()
    # A producer whose broker dies may be told of no offset (-1) for what the broker had already.
    wanted = sorted(acked)
    if any(offset < 0 for _, offset, _ in acked):
        found, wanted = ([(p, v) for p, _, v in rows] for rows in (found, wanted))
        found, wanted = sorted(found), sorted(wanted)
    assert found == wanted, f"{len(found)} rows, {len(wanted)} acknowledged"
    return len(found)


@contextlib.contextmanager
def world(context, on, seed=1, faults=False):
    """A broker whose lake is a folder or S3 behind the proxy."""
    context.allow_warning("FAIL|Disconnected|reset by peer|refused|brokers are down", "the broker is killed on purpose")
    moto = proxy = None
    settings = [
        "lake.commit.interval.ms=100",
        "log.segment.bytes=1048576",
        "log.retention.bytes=1048576",
        "log.retention.check.interval.ms=200",
        "lake.orphan.age.ms=3000",
        "lake.upkeep.interval.ms=500",
    ]
    with tempfile.TemporaryDirectory(prefix="lipno-conform-") as folder, contextlib.ExitStack() as stack:
        if on == "S3":
            moto = s3.Moto()
            stack.callback(moto.stop)
            proxy = s3.Proxy(moto.port, seed)
            stack.callback(proxy.stop)
            settings += s3.settings(proxy.port, "faults")
        broker = stack.enter_context(Broker(context.binary, folder, settings))
        stack.callback(lambda: (context.work / "broker.log").write_text(broker.log_text()))
        create(broker.bootstrap, TOPIC, PARTITIONS)
        yield broker, proxy
        code = broker.stop()
        assert code == 0, f"the broker ended with {code}"
        # A write that a kill cut short leaves a tail, and failures of a store that was made to fail are spoken of.
        known = ("torn bytes", "WARN lake:") if faults else ("torn bytes", "of unknown outcome")
        bad = [line for line in broker.complaints() if not any(k in line for k in known)]
        assert not bad, bad[:10]


def die_at(broker, step, n):
    """Restarts the broker with the order to die at a step, and waits until it has."""
    broker.kill()
    broker.crash_at = f"{step}:{n}"
    broker.start()
    try:
        broker.process.wait(30)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"the broker never came to step {step} for the {n}. time") from None
    finally:
        broker.crash_at = None
    assert broker.process.returncode == -9, f"it ended with {broker.process.returncode}"
    broker.process.stdout.close()
    broker.start()


def kills(context, on):
    rounds = 25 if context.full else 2
    r = random.Random(7)
    with world(context, on) as (broker, _):
        load = Load(broker.bootstrap, 4_000)
        died = 0
        rows = 0
        try:
            for n, step in itertools.product(range(rounds), STEPS):
                die_at(broker, step, 1 if step == "local-release" else r.randrange(1, 4))
                died += 1
                # Proved now and then while records still come, and at the end.
                if died % 11 == 0:
                    verdict = broker.lake_command("verify", TOPIC)
                    assert verdict["ok"], json.dumps(verdict)
                del n
        finally:
            acked = load.stop() if broker.process.poll() is None else []
        rows = check(broker, acked)
        context.note(f"{died} kills, {rows:,} rows")


@case("lake faults: killed at every named step, folder", limit=240)
def kills_on_folder(context):
    kills(context, "folder")


@case("lake faults: killed at every named step, S3", limit=240, full_limit=1_800)
def kills_on_s3(context):
    kills(context, "S3")


@case("lake faults: a store that drops replies, answers 503 and 500, hangs and truncates", limit=240)
def store_fails(context):
    with world(context, "S3", seed=3, faults=True) as (broker, proxy):
        load = Load(broker.bootstrap, 2_000)
        try:
            for kind, method in (
                ("503", None),
                ("500", "PUT"),
                ("500-after", "PUT"),
                ("drop", "PUT"),
                ("truncate", "GET"),
                ("hang", "PUT"),
                ("drop", None),
            ):
                for share in (0.3, 0.05):
                    proxy.trouble = s3.Trouble(kind, share, method)
                    time.sleep(6 if context.full else 1.5)
                    if kind in ("drop", "500-after"):
                        # A restart in the middle of it: what was unknown is found out from the store.
                        broker.kill()
                        broker.start()
                proxy.trouble = None
        finally:
            proxy.trouble = None
            acked = load.stop()
        rows = check(broker, acked)
        assert proxy.made > 20, f"only {proxy.made} requests were troubled"
        context.note(f"{proxy.made} of {proxy.requests} requests troubled, {rows:,} rows")


@case("lake faults: a store that is away under load: nobody notices, the backlog drains, nothing is twice", limit=240, full_limit=3_600)
def outage(context):
    with world(context, "S3", seed=5, faults=True) as (broker, proxy):
        # Half an hour of it has to fit into this process.
        load = Load(broker.bootstrap, 1_000 if context.full else 2_000)
        try:
            time.sleep(2)
            before = len(load.acked)
            assert before > 0
            proxy.trouble = s3.Trouble("refuse")
            away = 1_800 if context.full else 10
            until = time.monotonic() + away
            slowest = 0.0
            while time.monotonic() < until:
                at, had = time.monotonic(), len(load.acked)
                wait_for("more acknowledgements", lambda: len(load.acked) > had, 10)
                slowest = max(slowest, time.monotonic() - at)
                time.sleep(0.1)
            (s,) = broker.lake_command("status", TOPIC)["tables"] if not context.full else ({"lag_offsets": 1},)
            assert s["lag_offsets"] > 0
            during = len(load.acked) - before
        finally:
            proxy.trouble = None
            acked = load.stop()
        began = time.monotonic()
        rows = check(broker, acked)
        context.note(
            f"{away} s away, {during:,} records meanwhile, longest silence {slowest:.1f} s, "
            f"all there {time.monotonic() - began:.0f} s after, {rows:,} rows"
        )


@case("lake faults: a topic is dropped while the store removes nothing, and the broker dies", limit=240)
def dropped(context):
    values = [b'{"a":1}', b"broken", b'{"a":2}']
    with world(context, "S3", seed=9, faults=True) as (broker, proxy):

        def topic_of(values):
            create(broker.bootstrap, "gone", lake_on_topic_delete="drop", lake_bad_records="dlq")
            send(broker.bootstrap, "gone", values)
            wait_for_lake(broker.lake_command, "gone")

        topic_of(values)
        had = {k for k in s3.keys(proxy.port) if "/gone" in k}
        assert any("__dlq_" in k for k in had) and any(k.endswith(".parquet") for k in had), had
        removals = ("DELETE", "POST")
        proxy.trouble = s3.Trouble("503", 1, removals)
        delete(broker.bootstrap, "gone")
        # Its name is free at once, and the new table has nothing of the old one.
        topic_of(values * 2)
        for again in (False, True):
            if again:
                broker.kill()
                broker.start()
            tried = proxy.made
            wait_for("the removal is tried", lambda: proxy.made > tried + 2, 60)
        assert had <= s3.keys(proxy.port), "nothing was removed"
        # Removed, and nobody is told: what is gone already is no failure.
        proxy.trouble = s3.Trouble("500-after", 0.5, removals)
        wait_for("the dropped table is gone", lambda: not had & s3.keys(proxy.port), 60)
        proxy.trouble = None
        verdict = broker.lake_command("verify", "gone")
        assert verdict["ok"] and [p["rows"] for p in verdict["partitions"]] == [4], json.dumps(verdict)
        context.note(f"{len(had)} objects")
