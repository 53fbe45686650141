"""Tables seen by Trino through the broker's catalog, on a folder and on S3. Only with --full."""

import hashlib
import json
from datetime import datetime, timedelta, timezone

from . import engines, records, s3
from .broker import wait_for
from .case import case
from .clients import confluent
from .lake_engines import command_of, compare, create, own_broker, send, wait_for_lake
from .produce_consume import produced, sent_by, topic, wait_for_topic, without_time
from .sql_process import SqlProcess, conditions, plain, record_of
from .typed_fields import EPOCH, FIELDS, plain_field, predicates, typed_values


class Trino(SqlProcess):
    NAME = "Trino"
    def __init__(self, context, http, **more):
        # What docs/LAKE.md tells a user to put into the catalog's properties.
        properties = {
            "iceberg.catalog.type": "rest",
            "iceberg.rest-catalog.uri": f"http://{http}",
            **(more or {"fs.local.enabled": "true", "local.location": "/"}),
        }
        pairs = [f"{k}={v}" for k, v in properties.items()]
        super().__init__(context, [*context.values["trino_command"], *pairs])


def of_s3(port):
    return {
        "fs.s3.enabled": "true",
        "s3.endpoint": f"http://127.0.0.1:{port}",
        "s3.region": "us-east-1",
        "s3.path-style-access": "true",
        "s3.aws-access-key": "ring",
        "s3.aws-secret-key": "ring",
    }


def time(micros):
    at = EPOCH + timedelta(microseconds=micros)
    # %Y does not pad.
    return f"TIMESTAMP '{at.year:04}-{at:%m-%d %H:%M:%S.%f} UTC'"


def literal(name, value):
    if name == "s":
        return "'{}'".format(value.replace("'", "''"))
    if name == "d":
        return f"DATE '{value}'"
    if name == "t":
        return time(plain_field(name, value))
    if name == "l":
        return f"BIGINT '{value}'"
    return f"DOUBLE '{value!r}'" if name == "f" else str(value).lower()


def check_table(trino, table, sent):
    columns = ", ".join(engines.COLUMNS)
    rows = trino.rows(f"SELECT {columns} FROM lake.lipno.{table} ORDER BY 1, 2")
    compare([record_of(r) for r in rows], sent, f"Trino {table}")
    where = f"FROM lake.lipno.{table}"
    assert trino.one(f"SELECT count(*) {where}") == len(sent)
    first, last = trino.one(f"SELECT min(kafka_append_time), max(kafka_append_time) {where}")
    for condition, wanted in conditions(sent, first, last, time):
        found = trino.one(f"SELECT count(*) {where} WHERE {condition}")
        assert found == wanted, f"Trino {table}: {found} rows instead of {wanted} where {condition}"


@case("trino: reads every client's records through the catalog", needs=["trino"], corpora=True, full=True)
def corpora(context):
    with Trino(context, context.http) as trino:
        for client in produced(context):
            wait_for_topic(context, client)
            name = topic(client)
            wait_for_lake(command_of(context), name)
            check_table(trino, name.replace("-", "_"), without_time(client, sent_by(client)))
    context.note(f"{len(produced(context)) * records.COUNT:,} rows")


@case("trino: the same on S3, with large values", needs=["trino"], full=True)
def on_s3(context):
    moto = s3.Moto()
    try:
        with own_broker(context, *s3.settings(moto.port, "ring/lake"), "message.max.bytes=8000000") as broker:
            create(broker.bootstrap, "corpus", records.PARTITIONS)
            sent = records.corpus(12)
            confluent.produce(broker.bootstrap, "corpus", sent)
            create(broker.bootstrap, "large")
            values = [b"", b"x" * 5_000_000, None, b"y" * 4_999_999 + b"z", b"\x00"]
            send(broker.bootstrap, "large", values, **{"message.max.bytes": 8_000_000})
            for name in ("corpus", "large"):
                wait_for_lake(broker.lake_command, name)
            with Trino(context, broker.http, **of_s3(moto.port)) as trino:
                check_table(trino, "corpus", sent)
                # Not the values themselves: for a row of 5 MB the client in Trino's process waits without end.
                digest = "length(kafka_value), lower(to_hex(sha256(kafka_value)))"
                found = trino.rows(f"SELECT {digest} FROM lake.lipno.large ORDER BY kafka_offset")
                wanted = [[None, None] if v is None else [len(v), hashlib.sha256(v).hexdigest()] for v in values]
                assert found == wanted, found
            context.note(f"{len(sent):,} rows and 5 MB values")
    finally:
        moto.stop()


def check_typed(trino, sent, what):
    names = list(FIELDS)
    wanted = [[o["i"], *(plain_field(n, o.get(n)) for n in names), o["o"]["k"]] for o in sent]
    found = trino.rows(f"SELECT i, {', '.join(names)}, o_k FROM lake.lipno.typed ORDER BY kafka_offset")
    assert len(found) == len(wanted), f"{what}: {len(found)} rows, not {len(wanted)}"
    for f, w in zip(found, wanted):
        assert f == w, f"{what}: {f} instead of {w}"
    # Files, row groups and pages are left out by their bounds: never one that has such a row.
    for n in names:
        for condition, holds in predicates(n, literal, "starts_with"):
            count = sum(holds(o.get(n)) for o in sent)
            found = trino.one(f"SELECT count(*) FROM lake.lipno.typed WHERE {n} {condition}")
            assert found == count, f"{what}: {found} rows instead of {count} where {n} {condition}"


VIEWS = (
    *("properties", "history", "snapshots", "manifests", "all_manifests", "partitions", "files", "entries"),
    *("all_entries", "refs", "metadata_log_entries"),
)


@case("trino: typed columns, predicates, time travel, merged files; writes are refused", needs=["trino"], full=True)
def typed(context):
    with own_broker(context, "lake.upkeep.interval.ms=1000") as broker:
        create(broker.bootstrap, "typed")
        create(broker.bootstrap, "empty")
        create(broker.bootstrap, "dead", lake_bad_records="dlq")
        send(broker.bootstrap, "dead", [b'{"a":1}', b"broken", b'{"a":2}'])
        sent = []

        def more(count):
            # Every commit has values of its own, so that bounds leave files out.
            values = typed_values(count, len(sent))
            send(broker.bootstrap, "typed", [json.dumps(v).encode() for v in values])
            sent.extend(values)
            wait_for_lake(broker.lake_command, "typed")

        for n in range(5):
            more(200 if n == 0 else 3)
        first = broker.lake_command("snapshot", "typed", "--partition", "0", "--offset", "0")
        travelled = f"SELECT count(*) FROM lake.lipno.typed FOR VERSION AS OF {first['snapshot_id']}"
        with Trino(context, broker.http) as trino:
            check_typed(trino, sent, "five files")
            assert trino.one(travelled) == first["offsets"]["0"] == 200, first
            after = datetime.now(timezone.utc).isoformat(sep=" ").replace("+00:00", " UTC")
            assert trino.one(f"SELECT count(*) FROM lake.lipno.typed FOR TIMESTAMP AS OF TIMESTAMP '{after}'") == len(sent)
            for view in VIEWS:
                assert trino.rows(f'SELECT * FROM lake.lipno."typed${view}"'), view
            for _ in range(6):
                more(3)
            replaced = "SELECT count(*) FROM lake.lipno.\"typed$snapshots\" WHERE operation = 'replace'"
            wait_for("a merge", lambda: trino.one(replaced), 60)
            check_typed(trino, sent, "merged")
            assert trino.one(travelled) == 200
            assert trino.one("SELECT count(*), max(kafka_offset) FROM lake.lipno.empty") == [0, None]
            assert trino.one("SELECT sum(a), count(*) FROM lake.lipno.dead") == [3, 2]
            (dead,) = trino.rows("SELECT kafka_offset, kafka_value, kafka_error FROM lake.lipno.dead_dlq")
            assert dead[0] == 1 and plain(dead[1]) == b"broken" and "JSON object" in dead[2], dead
            tables = sorted(t for (t,) in trino.rows("SHOW TABLES FROM lake.lipno"))
            assert tables == ["dead", "dead_dlq", "empty", "typed"], tables
            for write in ("INSERT INTO lake.lipno.empty (kafka_partition, kafka_offset, kafka_append_time, kafka_attributes,"
                          " kafka_headers) SELECT 0, BIGINT '0', current_timestamp, 0, ARRAY[]",
                          "DELETE FROM lake.lipno.typed", "ALTER TABLE lake.lipno.typed ADD COLUMN q int"):
                trino.refused(write, "read-only")
            for write in ("DROP TABLE lake.lipno.typed", "CREATE TABLE lake.lipno.z (a int)", "CREATE SCHEMA lake.zz"):
                trino.refused(write, "Server does not support endpoint|read-only")
            trino.refused("SELECT * FROM lake.lipno.none", "does not exist")
        for name in ("typed", "dead", "empty"):
            assert broker.lake_command("verify", name)["ok"]
        context.note(f"{len(sent)} rows")
