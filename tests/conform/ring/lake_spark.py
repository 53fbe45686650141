"""Tables seen by Apache Spark through the broker's catalog, vectorised and row by row, on a folder and on S3. Only with --full."""

import json

from . import engines, records, s3
from .broker import wait_for
from .case import case
from .clients import confluent
from .lake_engines import command_of, compare, create, own_broker, send, wait_for_lake
from .produce_consume import produced, sent_by, topic, wait_for_topic, without_time
from .sql_process import SqlProcess, conditions, plain, record_of
from .typed_fields import FIELDS, plain_field, predicates, typed_values

# Lines of Spark's log that say nothing about the broker, each with why.
QUIET = [
    # Of the machine: no libhadoop, a name that is the loopback address.
    r"NativeCodeLoader: Unable to load native-hadoop library",
    r"Utils: (Your hostname|Set SPARK_LOCAL_IP)",
    # A write that must be refused.
    r"AppendDataExec: Data source write support .* abort",
    # More than a hundred columns.
    r"SparkStringUtils: Truncated the string representation of a plan",
]


class Spark(SqlProcess):
    NAME = "Spark"
    QUIET = QUIET

    def __init__(self, context, http):
        super().__init__(context, [*context.values["spark_command"], http])

    def set(self, **switches):
        names = {"vectorised": "iceberg.vectorization.enabled", "pushed": "iceberg.aggregate-push-down.enabled"}
        for switch, on in switches.items():
            self.rows(f"SET `spark.sql.{names[switch]}`={str(on).lower()}")


def rows_of_spark(spark, table, headers):
    """Rows as those of the other engines. Spark reads in batches of columns only what has no lists in it."""
    columns = [c for c in engines.COLUMNS if headers or c != "kafka_headers"]
    query = f"SELECT {', '.join(columns)} FROM lake.lipno.{table} ORDER BY 1, 2"
    return [record_of(r if headers else [*r[:-1], [], r[-1]]) for r in spark.rows(query)]


def check_table(spark, table, sent):
    """Every row in both ways of reading; counts, and what Spark answers from metadata alone."""
    bare = [r._replace(headers=()) for r in sent]
    spark.set(vectorised=True)
    plan = spark.one(f"EXPLAIN SELECT kafka_key, kafka_value FROM lake.lipno.{table}")
    assert "ColumnarToRow" in plan, plan
    compare(rows_of_spark(spark, table, False), bare, f"Spark {table}, vectorised")
    spark.set(vectorised=False)
    plan = spark.one(f"EXPLAIN SELECT kafka_key, kafka_value FROM lake.lipno.{table}")
    assert "ColumnarToRow" not in plan, plan
    compare(rows_of_spark(spark, table, True), sent, f"Spark {table}")
    spark.set(vectorised=True)
    where = f"FROM lake.lipno.{table}"
    assert spark.one(f"SELECT count(*) {where}") == len(sent)
    first, last = spark.one(f"SELECT min(kafka_append_time), max(kafka_append_time) {where}")
    for condition, wanted in conditions(sent, first, last, "timestamp_micros({})".format):
        found = spark.one(f"SELECT count(*) {where} WHERE {condition}")
        assert found == wanted, f"Spark {table}: {found} rows instead of {wanted} where {condition}"
    same_aggregates(spark, table, ["kafka_partition", "kafka_offset", "kafka_timestamp", "kafka_append_time",
                                   "kafka_producer_id", "kafka_error"])


def same_aggregates(spark, table, columns):
    """What the manifests say of a column is what its rows say."""
    for c in columns:
        query = f"SELECT min({c}), max({c}), count({c}), count(*) FROM lake.lipno.{table}"
        spark.set(pushed=True)
        of_metadata = spark.one(query)
        spark.set(pushed=False)
        of_rows = spark.one(query)
        spark.set(pushed=True)
        assert of_metadata == of_rows, f"Spark {table}.{c}: {of_metadata} instead of {of_rows}"


@case("spark: reads every client's records through the catalog", needs=["spark"], corpora=True, full=True)
def corpora(context):
    with Spark(context, context.http) as spark:
        for client in produced(context):
            wait_for_topic(context, client)
            name = topic(client)
            wait_for_lake(command_of(context), name)
            check_table(spark, name.replace("-", "_"), without_time(client, sent_by(client)))
        context.version(f"Spark {spark.one('SELECT version()').split()[0]}")
    context.note(f"{len(produced(context)) * records.COUNT:,} rows in two ways")


@case("spark: the same on S3, with large values", needs=["spark"], full=True)
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
            with Spark(context, broker.http) as spark:
                check_table(spark, "corpus", sent)
                for vectorised in (True, False):
                    spark.set(vectorised=vectorised)
                    found = spark.rows("SELECT kafka_value FROM lake.lipno.large ORDER BY kafka_offset")
                    assert [plain(v) for (v,) in found] == values, f"vectorised: {vectorised}"
            context.note(f"{len(sent):,} rows and 5 MB values")
    finally:
        moto.stop()


def literal(name, value):
    if name == "s":
        return "'{}'".format(value.replace("\\", "\\\\").replace("'", "\\'"))
    if name == "d":
        return f"date '{value}'"
    if name == "t":
        return f"timestamp_micros({plain_field(name, value)})"
    if name == "l":
        # The smallest of them is no literal of Spark's.
        return f"cast('{value}' AS bigint)"
    return f"{value!r}D" if name == "f" else str(value).lower()


def check_typed(spark, sent, what, predicates_vectorised):
    names = list(FIELDS)
    wanted = [[o["i"], *(plain_field(n, o.get(n)) for n in names), o["o"]["k"]] for o in sent]
    for vectorised in (not predicates_vectorised, predicates_vectorised):
        spark.set(vectorised=vectorised)
        found = spark.rows(f"SELECT i, {', '.join(names)}, o_k FROM lake.lipno.typed ORDER BY kafka_offset")
        assert len(found) == len(wanted), f"{what}: {len(found)} rows, not {len(wanted)}"
        for f, w in zip(found, wanted):
            assert f == w, f"{what}, vectorised {vectorised}: {f} instead of {w}"
    # Files, row groups and pages are left out by their bounds: never one that has such a row.
    for n in names:
        for condition, holds in predicates(n, literal, "startswith"):
            count = sum(holds(o.get(n)) for o in sent)
            found = spark.one(f"SELECT count(*) FROM lake.lipno.typed WHERE {n} {condition}")
            assert found == count, f"{what}: {found} rows instead of {count} where {n} {condition}"
    same_aggregates(spark, "typed", ["i", *names, "o_k"])


@case("spark: typed columns, predicates, time travel, merged files; writes are refused", needs=["spark"], full=True)
def typed(context):
    with own_broker(context, "lake.upkeep.interval.ms=1000") as broker:
        create(broker.bootstrap, "typed")
        create(broker.bootstrap, "empty")
        create(broker.bootstrap, "dead", lake_bad_records="dlq")
        send(broker.bootstrap, "dead", [b'{"a":1}', b"broken", b'{"a":2}'])
        sent = []
        for n in range(5):
            # Every commit has values of its own, so that bounds leave files out.
            values = typed_values(200 if n == 0 else 3, len(sent))
            send(broker.bootstrap, "typed", [json.dumps(v).encode() for v in values])
            sent += values
            wait_for_lake(broker.lake_command, "typed")
        first = broker.lake_command("snapshot", "typed", "--partition", "0", "--offset", "0")
        with Spark(context, broker.http) as spark:
            check_typed(spark, sent, "five files", predicates_vectorised=True)
            travelled = spark.one(f"SELECT count(*) FROM lake.lipno.typed VERSION AS OF {first['snapshot_id']}")
            assert travelled == first["offsets"]["0"] == 200, (travelled, first)
            for view in ("snapshots", "history", "refs", "files", "entries", "manifests", "partitions", "all_data_files",
                         "metadata_log_entries", "data_files", "all_entries", "all_manifests"):
                assert spark.rows(f"SELECT * FROM lake.lipno.typed.{view}"), view
            for n in range(6):
                values = typed_values(3, len(sent))
                send(broker.bootstrap, "typed", [json.dumps(v).encode() for v in values])
                sent += values
                wait_for_lake(broker.lake_command, "typed")
            replaced = "SELECT count(*) FROM lake.lipno.typed.snapshots WHERE operation = 'replace'"
            wait_for("a merge", lambda: spark.one(replaced), 60)
            check_typed(spark, sent, "merged", predicates_vectorised=False)
            assert spark.one(f"SELECT count(*) FROM lake.lipno.typed VERSION AS OF {first['snapshot_id']}") == 200
            assert spark.one("SELECT count(*), max(kafka_offset) FROM lake.lipno.empty") == [0, None]
            assert spark.one("SELECT sum(a), count(*) FROM lake.lipno.dead") == [3, 2]
            (dead,) = spark.rows("SELECT kafka_offset, kafka_value, kafka_error FROM lake.lipno.dead_dlq")
            assert dead[0] == 1 and plain(dead[1]) == b"broken" and "JSON object" in dead[2], dead
            tables = sorted(t for _, t, _ in spark.rows("SHOW TABLES IN lake.lipno"))
            assert tables == ["dead", "dead_dlq", "empty", "typed"], tables
            files = sorted(broker.lake.rglob("*"))
            for write in ("INSERT INTO lake.lipno.empty (kafka_partition, kafka_offset, kafka_append_time, kafka_attributes,"
                          " kafka_headers) SELECT 0, 0L, current_timestamp(), 0, array()",
                          "DELETE FROM lake.lipno.typed", "ALTER TABLE lake.lipno.typed ADD COLUMN q int"):
                spark.refused(write, "read-only")
            for write in ("DROP TABLE lake.lipno.typed", "CREATE TABLE lake.lipno.z (a int)", "CREATE NAMESPACE lake.zz"):
                spark.refused(write, "Server does not support endpoint|read-only")
            spark.refused("SELECT * FROM lake.lipno.none", "TABLE_OR_VIEW_NOT_FOUND")
            left = [f for f in sorted(broker.lake.rglob("*")) if f not in files and f.is_file()]
            context.note(f"{len(sent)} rows, {len(left)} files of refused writes are left")
        for name in ("typed", "dead", "empty"):
            assert broker.lake_command("verify", name)["ok"]
