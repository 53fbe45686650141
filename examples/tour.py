"""The README's tour: produce, consume with a group, query the topic as a table. Needs a running broker."""

import glob
import json
import os
import random
import sys
import time

import duckdb
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

BOOTSTRAP = os.environ.get("LIPNO_BOOTSTRAP", "127.0.0.1:9092")
LAKE = os.environ.get("LIPNO_LAKE", "lipno-data/lake")
TOPIC = os.environ.get("LIPNO_TOPIC", "orders")
COUNT = 10_000


def main():
    admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
    if TOPIC not in admin.list_topics(timeout=10).topics:
        topic = NewTopic(TOPIC, num_partitions=3, config={"lake.commit.interval.ms": "2000"})
        admin.create_topics([topic])[TOPIC].result(10)

    random.seed(7)
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "enable.idempotence": True})
    for n in range(COUNT):
        order = {"order": n, "country": random.choice(["AT", "CZ", "DE", "PL"]), "amount": round(random.uniform(1, 500), 2)}
        producer.produce(TOPIC, key=order["country"], value=json.dumps(order))
        producer.poll(0)
    if producer.flush(30):
        sys.exit("not all orders were acknowledged: is the broker running?")
    print(f"produced {COUNT} orders, all acknowledged and synced to disk")

    consumer = Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": f"tour-{time.time_ns()}", "auto.offset.reset": "earliest"})
    consumer.subscribe([TOPIC])
    seen = 0
    while seen < COUNT:
        messages = consumer.consume(1000, timeout=10)
        if not messages:
            sys.exit(f"only {seen} of {COUNT} orders were consumed")
        seen += sum(1 for m in messages if not m.error())
    consumer.close()
    print(f"consumed {seen} orders with a consumer group")

    table = f"{LAKE}/lipno/{TOPIC}/data/**/*.parquet"
    print("waiting for the lake", end="", flush=True)
    deadline = time.monotonic() + 60
    while True:
        rows = 0
        if glob.glob(table, recursive=True):
            rows = duckdb.sql(f"SELECT count(*) FROM read_parquet('{table}')").fetchone()[0]
        if rows >= seen:
            break
        if time.monotonic() > deadline:
            sys.exit(f"\n{rows} rows in {table} after a minute: look at the broker's log")
        print(".", end="", flush=True)
        time.sleep(0.5)
    print(f" {rows} rows")
    print(
        duckdb.sql(
            f"""
            SELECT json_extract_string(decode(kafka_value), '$.country') AS country, count(*) AS orders,
                   round(avg(CAST(json_extract(decode(kafka_value), '$.amount') AS DOUBLE)), 2) AS mean
            FROM read_parquet('{table}') GROUP BY country ORDER BY country
            """
        )
    )


if __name__ == "__main__":
    main()
