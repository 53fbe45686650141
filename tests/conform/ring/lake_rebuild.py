"""`lipno lake rebuild`: a table in another format, also of rows that the log has no more, whatever happens meanwhile."""

import json
import random
import subprocess
import time

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from . import engines
from .case import case
from .lake_engines import create, own_broker, send, wait_for_lake
from .lake_faults import TOPIC, Load, world


def alter(bootstrap, name, **config):
    entries = [ConfigEntry(k.replace("_", "."), v, incremental_operation=AlterConfigOpType.SET) for k, v in config.items()]
    resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=entries)
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.incremental_alter_configs([resource])[resource].result(30)


def one(broker, query):
    return engines.attached(broker.http).execute(query).fetchone()


@case("lake rebuild: into each format, also rows that the log has no more; time travel and dead letters stay right")
def formats(context):
    with own_broker(context) as broker:
        create(broker.bootstrap, "t", 3, lake_format="raw")
        values = [json.dumps({"a": n, "b": f"x{n}"}).encode() if n % 10 else b"no object" for n in range(4_000)]
        send(broker.bootstrap, "t", values[:3_000])
        wait_for_lake(broker.lake_command, "t")
        # The log loses most of it.
        admin = AdminClient({"bootstrap.servers": broker.bootstrap})
        ends = broker.lake_command("offsets", "t")["offsets"]
        cut = [TopicPartition("t", int(p), end // 2) for p, end in ends.items()]
        for answer in admin.delete_records(cut).values():
            answer.result(30)
        send(broker.bootstrap, "t", values[3_000:])
        wait_for_lake(broker.lake_command, "t")
        before = broker.lake_command("offsets", "t")
        total = sum(n for n in range(4_000) if n % 10)
        rows, bad = 4_000, 400

        def rebuilt(letters=0, kept=0, **config):
            alter(broker.bootstrap, "t", **config)
            done = broker.lake_command("rebuild", "t")
            assert (done["kept"] > 0) == (kept > 0), done
            verdict = broker.lake_command("verify", "t")
            assert verdict["ok"], verdict
            (s,) = broker.lake_command("status", "t")["tables"]
            assert letters is None or s["dead_letters"] == letters, s
            return done

        done = rebuilt(lake_format="raw+typed")
        assert done["rows"] == rows and done["replaced"] > 0, done
        counts = "count(*), sum(a), count(kafka_error), count(kafka_value), count(DISTINCT (kafka_partition, kafka_offset))"
        assert one(broker, f"SELECT {counts} FROM lake.lipno.t") == (rows, total, bad, rows, rows)
        # What was is still there for whoever asks for it.
        old = f"SELECT count(*) FROM lake.lipno.t AT (VERSION => {before['snapshot_id']})"
        assert one(broker, old) == (rows,)
        rebuilt(lake_bad_records="dlq", letters=bad)
        assert one(broker, f"SELECT {counts} FROM lake.lipno.t") == (rows - bad, total, 0, rows - bad, rows - bad)
        assert one(broker, "SELECT count(*), count(DISTINCT (kafka_partition, kafka_offset)) FROM lake.lipno.t_dlq") == (bad, bad)
        # Again: letters of the log's part are replaced, those before stay; none is there twice.
        rebuilt(lake_format="typed", letters=bad)
        assert one(broker, f"SELECT {counts} FROM lake.lipno.t") == (rows - bad, total, 0, 0, rows - bad)
        # Back: rows that only the table has, without their values, stay as they are.
        done = rebuilt(lake_format="raw", lake_bad_records="raw", letters=None, kept=1)
        found = one(broker, "SELECT count(*), count(kafka_value), count(a) FROM lake.lipno.t")
        assert 0 < found[1] < found[0] and found[2] > 0, found
        # Each record is a row or a letter.
        letters = one(broker, "SELECT count(*) FROM lake.lipno.t_dlq")[0]
        assert 0 < letters < bad and found[0] + letters == rows, (found, letters)
        assert broker.lake_command("rebuild", "t", "--cancel")["cancelled"] is False
        broker.lake_command("rebuild", "nothing", code=2)
        # A table without rows has nothing to do.
        create(broker.bootstrap, "empty")
        wait_for_lake(broker.lake_command, "empty")
        assert broker.lake_command("rebuild", "empty")["files"] == 0
        context.note(f"{rows:,} rows in five formats, {found[0] - found[1]:,} of them without values in the end")


@case("lake rebuild: killed again and again while records arrive, it goes on; each record is one row", limit=300)
def killed(context):
    with world(context, "folder") as (broker, _):
        load = Load(broker.bootstrap, 2_000)
        rng = random.Random(5)
        kills = 12 if context.full else 4
        try:
            time.sleep(3)
            for n in range(kills):
                alter(broker.bootstrap, TOPIC, lake_format=["typed", "raw+typed", "raw"][n % 3])
                command = [broker.binary, "lake", "rebuild", TOPIC, "--json", "--http", broker.http]
                running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(rng.uniform(0.02, 0.6))
                broker.kill()
                running.wait(30)
                broker.start()
            alter(broker.bootstrap, TOPIC, lake_format="raw+typed")
            broker.lake_command("rebuild", TOPIC)
        finally:
            acked = load.stop()
        rows = check_all(broker, acked)
        context.note(f"{kills} kills, {rows:,} rows")


def check_all(broker, acked):
    """As `check` does, but for values that an earlier rebuild without values cost."""
    wait_for_lake(broker.lake_command, TOPIC, 120)
    verdict = broker.lake_command("verify", TOPIC)
    assert verdict["ok"], json.dumps(verdict)
    d = engines.attached(broker.http)
    found = d.execute(f"SELECT kafka_partition, kafka_offset FROM lake.lipno.{TOPIC} ORDER BY ALL").fetchall()
    assert len(found) == len(set(found)) == len(acked), f"{len(found)} rows, {len(acked)} acknowledged"
    return len(found)
