"""Days that change under a table: the broker's clock is another one at each start (`clock.c`)."""

import json
import subprocess
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from . import engines
from .case import case
from .lake_engines import create, own_broker, send, wait_for_lake

SOURCE = Path(__file__).resolve().parents[1] / "clock.c"
DAY = 86_400
# Records of the day before yesterday, of yesterday, of today.
COUNTS = (30, 20, 10)


def hurry(bootstrap, topic):
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    resource.add_incremental_config(
        ConfigEntry("lake.commit.interval.ms", "300", incremental_operation=AlterConfigOpType.SET)
    )
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.incremental_alter_configs([resource])[resource].result(30)


def days_of(d, where):
    found = d.execute(f"SELECT CAST(kafka_append_time AS DATE), count(*) FROM lake.lipno.{where} GROUP BY ALL ORDER BY ALL")
    return found.fetchall()


def check_days(broker, topic, today, files):
    wanted = [(today - timedelta(days=back), n) for back, n in zip((2, 1, 0), COUNTS)]
    d = engines.attached(broker.http)
    d.execute("SET TimeZone = 'UTC'")
    assert days_of(d, topic) == wanted, (topic, days_of(d, topic))
    for day, n in wanted:
        only = f"{topic} WHERE kafka_append_time >= TIMESTAMPTZ '{day} 00:00:00+00' AND kafka_append_time < TIMESTAMPTZ '{day + timedelta(days=1)} 00:00:00+00'"
        assert days_of(d, only) == [(day, n)], only
    table = engines.catalog(broker.http).load_table(f"lipno.{topic}")
    partitions = table.inspect.partitions().to_pylist()
    assert sorted((next(iter(p["partition"].values())), p["record_count"]) for p in partitions) == wanted, partitions
    # A query of one day plans the files of that day alone.
    yesterday = today - timedelta(days=1)
    row_filter = f"kafka_append_time >= '{yesterday}T00:00:00+00:00' and kafka_append_time < '{today}T00:00:00+00:00'"
    scan = table.scan(row_filter=row_filter)
    planned = [task.file.file_path for task in scan.plan_files()]
    assert planned and all(f"dt={yesterday}/" in p for p in planned), planned
    assert len(scan.to_arrow()) == COUNTS[1]
    assert len(list(table.scan().plan_files())) == files, topic
    assert broker.lake_command("verify", topic)["ok"]


@case("engines: three days are three partitions, of one range and of many", needs=["cc"])
def days(context):
    shim = context.work / "clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(shim), str(SOURCE)], check=True)
    # It ends long before the day does.
    while datetime.now(timezone.utc).time() > datetime(2000, 1, 1, 23, 59).time():
        time.sleep(1)
    today = datetime.now(timezone.utc).date()
    with own_broker(context) as broker:
        # The broker's clock counts; that of the producer is two days ahead of it.
        ahead = {"message_timestamp_after_max_ms": 7 * DAY * 1000}
        create(broker.bootstrap, "many", **ahead)
        create(broker.bootstrap, "one", **ahead, lake_commit_interval_ms=3_600_000)
        sent = 0
        for back, count in zip((2, 1, 0), COUNTS):
            # Not killed: what is recovered after that has the time of the recovery.
            assert broker.stop() == 0
            broker.env = {"LD_PRELOAD": str(shim), "RING_CLOCK_SECONDS": str(-back * DAY)}
            broker.start()
            values = [json.dumps({"n": n}).encode() for n in range(sent, sent + count)]
            sent += count
            for topic in ("many", "one"):
                send(broker.bootstrap, topic, values)
            wait_for_lake(broker.lake_command, "many")
        hurry(broker.bootstrap, "one")
        wait_for_lake(broker.lake_command, "one")
        for topic in ("many", "one"):
            check_days(broker, topic, today, len(COUNTS))
        context.note(f"{sent} records of {len(COUNTS)} days, twice")
