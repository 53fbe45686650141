"""The lake seen by DuckDB: every client's records as rows, at their offsets, whatever they were compressed with."""

import glob
import time

import duckdb
from confluent_kafka import Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from . import records
from .broker import wait_for
from .case import case
from .produce_consume import produced, sent_by, topic, wait_for_topic, without_time


def files(context, table):
    return f"{context.lake}/lipno/{table}/data/**/*.parquet"


def rows(context, table):
    pattern = files(context, table)
    if not glob.glob(pattern, recursive=True):
        return 0
    return duckdb.sql(f"SELECT count(*) FROM read_parquet('{pattern}')").fetchone()[0]


def wait_for_rows(context, table, count):
    wait_for(lambda: f"{count} rows in {table}, now {rows(context, table)}", lambda: rows(context, table) >= count)
    assert rows(context, table) == count


@case("lake: the records of every client are rows, byte for byte", corpora=True)
def corpora(context):
    for client in produced(context):
        wait_for_topic(context, client)
        table = topic(client).replace("-", "_")
        wait_for_rows(context, table, records.COUNT)
        query = f"""
            SELECT kafka_partition, kafka_offset, epoch_ms(kafka_timestamp), kafka_key, kafka_value,
                   list_transform(kafka_headers, h -> {{'k': h.key, 'v': h.value}}), kafka_error,
                   kafka_headers IS NULL OR kafka_append_time IS NULL
            FROM read_parquet('{files(context, table)}') ORDER BY kafka_partition, kafka_offset"""
        sent = records.by_partition(without_time(client, sent_by(client)))
        for p, offset, timestamp, key, value, headers, error, is_null in duckdb.sql(query).fetchall():
            want = sent[p][offset]
            got = records.Record(
                p,
                0 if client == "kcat" else timestamp,
                key,
                value,
                tuple((h["k"], h["v"]) for h in headers),
            )
            assert got == want, f"{table}-{p}/{offset}: {got} instead of {want}"
            assert error is None and not is_null, (table, p, offset)
    context.note(f"{len(produced(context)) * records.COUNT:,} rows, five codecs")


def send(context, name, count):
    p = Producer({"bootstrap.servers": context.bootstrap, "linger.ms": 5})
    for i in range(count):
        p.produce(name, value=b"%d" % i)
    assert p.flush(30) == 0


@case("lake: modes, names that collide, a topic made again")
def modes_and_names(context):
    admin = AdminClient({"bootstrap.servers": context.bootstrap})

    def create(name, **config):
        admin.create_topics([NewTopic(name, 1, 1, config={k.replace("_", "."): v for k, v in config.items()})])[
            name
        ].result(30)

    # Names that are one after cleaning: the second folder gets a part of its topic id.
    create("Lake.One")
    send(context, "Lake.One", 100)
    wait_for_rows(context, "lake_one", 100)
    create("lake_one")
    send(context, "lake_one", 50)
    wait_for_rows(context, "lake_one__????????", 50)
    assert rows(context, "lake_one") == 100

    # Off keeps a topic out; switched on later, all of it comes.
    create("lake_off", lake_mode="off")
    send(context, "lake_off", 30)
    create("lake_marker")
    send(context, "lake_marker", 1)
    wait_for_rows(context, "lake_marker", 1)
    # One more interval than the marker needed.
    time.sleep(1.5)
    assert rows(context, "lake_off") == 0
    entry = ConfigEntry("lake.mode", "copy", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, "lake_off", incremental_configs=[entry])
    next(iter(admin.incremental_alter_configs([resource]).values())).result(30)
    wait_for_rows(context, "lake_off", 30)

    # A topic made again is another table: old and new rows never mix.
    create("lake_again")
    send(context, "lake_again", 20)
    wait_for_rows(context, "lake_again", 20)
    admin.delete_topics(["lake_again"])["lake_again"].result(30)
    create("lake_again")
    send(context, "lake_again", 7)
    wait_for_rows(context, "lake_again__????????", 7)
    assert rows(context, "lake_again") == 20

    internal = glob.glob(f"{context.lake}/lipno/*consumer_offsets*")
    assert not internal, internal
