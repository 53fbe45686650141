"""The README's tour: produce, consume with a group, query the topics as tables. Needs a running broker."""

import json
import os
import random
import sys
import time
from pathlib import Path

import duckdb
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

BOOTSTRAP = os.environ.get("LIPNO_BOOTSTRAP", "127.0.0.1:9092")
HTTP = os.environ.get("LIPNO_HTTP", "127.0.0.1:8181")
ORDERS = os.environ.get("LIPNO_TOPIC", "orders")
COUNTRIES = f"{ORDERS}_countries"
COUNT = 10_000
NAMES = {"AT": "Austria", "CZ": "Czechia", "DE": "Germany", "PL": "Poland"}


def lake():
    """A DuckDB in which `lake` is the broker's catalog."""
    d = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    packages = Path(duckdb.__file__).parent.parent
    for name in ("avro", "httpfs", "iceberg"):
        # The extension as a package of this environment; without it DuckDB downloads its own.
        files = list(packages.glob(f"duckdb_extension_{name}/**/*.duckdb_extension"))
        if not files:
            d.execute(f"INSTALL {name}")
        d.execute(f"LOAD '{files[0]}'" if files else f"LOAD {name}")
    d.execute(f"ATTACH '' AS lake (TYPE ICEBERG, ENDPOINT 'http://{HTTP}', AUTHORIZATION_TYPE 'none')")
    return d


def create(admin, name, partitions):
    if name not in admin.list_topics(timeout=10).topics:
        topic = NewTopic(name, num_partitions=partitions, config={"lake.commit.interval.ms": "2000"})
        admin.create_topics([topic])[name].result(10)


def produce(producer, topic, values, key):
    for value in values:
        producer.produce(topic, key=value[key], value=json.dumps(value))
        producer.poll(0)
    if producer.flush(30):
        sys.exit(f"not all of {topic} was acknowledged: is the broker running?")


def rows(d, topic):
    """How many rows the table has; none as long as there is no table."""
    try:
        return d.execute(f"SELECT count(*) FROM lake.lipno.{topic}").fetchone()[0]
    except duckdb.CatalogException:
        return 0


def main():
    admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
    create(admin, ORDERS, 3)
    create(admin, COUNTRIES, 1)

    random.seed(7)
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "enable.idempotence": True})
    orders = [
        {"order": n, "country": random.choice(list(NAMES)), "amount": round(random.uniform(1, 500), 2)}
        for n in range(COUNT)
    ]
    produce(producer, ORDERS, orders, "country")
    produce(producer, COUNTRIES, [{"code": c, "name": n} for c, n in NAMES.items()], "code")
    print(f"produced {COUNT} orders and {len(NAMES)} countries, all acknowledged and synced to disk")

    consumer = Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": f"tour-{time.time_ns()}", "auto.offset.reset": "earliest"})
    consumer.subscribe([ORDERS])
    seen = 0
    while seen < COUNT:
        messages = consumer.consume(1000, timeout=10)
        if not messages:
            sys.exit(f"only {seen} of {COUNT} orders were consumed")
        seen += sum(1 for m in messages if not m.error())
    consumer.close()
    print(f"consumed {seen} orders with a consumer group")

    d = lake()
    print("waiting for the lake", end="", flush=True)
    deadline = time.monotonic() + 60
    while rows(d, ORDERS) < seen or rows(d, COUNTRIES) < len(NAMES):
        if time.monotonic() > deadline:
            sys.exit(f"\n{rows(d, ORDERS)} rows after a minute: look at `lipno lake status` and the broker's log")
        print(".", end="", flush=True)
        time.sleep(0.5)
    print(f" {rows(d, ORDERS)} rows")
    print(
        d.sql(
            f"""
            SELECT c.name AS country, count(*) AS orders, round(avg(o.amount), 2) AS mean
            FROM lake.lipno.{ORDERS} o JOIN (SELECT DISTINCT code, name FROM lake.lipno.{COUNTRIES}) c ON c.code = o.country
            GROUP BY c.name ORDER BY c.name
            """
        )
    )


if __name__ == "__main__":
    main()
