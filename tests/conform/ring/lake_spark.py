"""Tables seen by Apache Spark through the broker's catalog, vectorised and row by row, on a folder and on S3. Only with --full."""

import json
import re
import subprocess
from datetime import date, datetime, timedelta, timezone

from . import engines, records, s3
from .broker import wait_for
from .case import case
from .clients import confluent
from .lake_engines import command_of, compare, create, own_broker, send, wait_for_lake
from .produce_consume import produced, sent_by, topic, wait_for_topic, without_time

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


class Spark:
    """A session in a JVM of its own, one statement at a time (`java/SparkTable.java`)."""

    def __init__(self, context, http):
        self.log = context.work / "spark.log"
        with self.log.open("ab") as err:
            self.process = subprocess.Popen(
                [*context.values["spark_command"], http],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=err,
                text=True,
            )

    def ask(self, statement):
        self.process.stdin.write(" ".join(statement.split()) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def rows(self, statement):
        answer = self.ask(statement)
        assert "rows" in answer, f"{statement}: {answer['failed'][:2000]}"
        return answer["rows"]

    def one(self, statement):
        (row,) = self.rows(statement)
        return row[0] if len(row) == 1 else row

    def set(self, **switches):
        names = {"vectorised": "iceberg.vectorization.enabled", "pushed": "iceberg.aggregate-push-down.enabled"}
        for switch, on in switches.items():
            self.rows(f"SET `spark.sql.{names[switch]}`={str(on).lower()}")

    def refused(self, statement, reason):
        answer = self.ask(statement)
        assert re.search(reason, answer.get("failed", "")), f"{statement}: {answer}"

    def complaints(self):
        lines = self.log.read_text(errors="replace").splitlines()
        bad = [line for line in lines if re.search(r" (WARN|ERROR|FATAL) ", line)]
        return [line for line in bad if not any(re.search(q, line) for q in QUIET)]

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        self.process.stdin.close()
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = "no end"
        self.process.stdout.close()
        if not failed:
            assert code == 0, f"Spark ended with {code}"
            assert not self.complaints(), self.complaints()[:10]


def plain(value):
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


def rows_of_spark(spark, table, headers):
    """Rows as those of the other engines. Spark reads in batches of columns only what has no lists in it."""
    columns = [c for c in engines.COLUMNS if headers or c != "kafka_headers"]
    query = f"SELECT {', '.join(columns)} FROM lake.lipno.{table} ORDER BY 1, 2"
    out = []
    for row in spark.rows(query):
        p, offset, micros, key, value, *found, error = map(plain, row)
        # A list in a list, and bytes in it.
        found = tuple((k, plain(v)) for k, v in found[0]) if headers else ()
        out.append((p, offset, micros and micros // 1000, key, value, found, error))
    return out


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
    for condition, wanted in (
        (f"kafka_append_time >= timestamp_micros({first})", len(sent)),
        (f"kafka_append_time > timestamp_micros({last})", 0),
        ("kafka_append_time < timestamp '2020-01-01 00:00:00Z'", 0),
        ("kafka_partition = 1 AND kafka_offset < 10", min(10, sum(r.partition == 1 for r in sent))),
        ("kafka_key IS NULL", sum(r.key is None for r in sent)),
        ("kafka_value = X''", sum(r.value == b"" for r in sent)),
        ("kafka_key = X'6B37'", sum(r.key == b"k7" for r in sent)),
        ("kafka_error IS NOT NULL", 0),
    ):
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


EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# Each field with values at its edges; None: the field is null.
FIELDS = {
    "l": [0, 1, -1, 2**63 - 1, -(2**63), 2**31, None],
    "f": [0.5, -0.5, 1.7976931348623157e308, 5e-324, -1e-300, 123456789.123, None],
    "b": [True, False, None],
    "s": ["", "a", "z" * 40, "straße", "\U0001f600" * 20, "\uffff" * 20, "\U0010ffff" * 20, "quote's \\ \"", None],
    "d": ["1970-01-01", "1969-12-31", "0001-01-01", "1582-10-04", "1582-10-15", "9999-12-31", "2024-02-29", None],
    "t": [
        "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "0001-01-01T00:00:00Z",
        "1582-10-04T12:00:00Z",
        "9999-12-31T23:59:59.999999Z",
        "2024-02-29T12:34:56.789+05:30",
        None,
    ],
}


def typed_values(count, first):
    """JSON objects in which each field runs through its values, in steps of its own."""
    out = []
    for i in range(first, first + count):
        v = {n: values[(i // 7 + i) % len(values)] for n, values in FIELDS.items() if (i + len(n)) % 11}
        out.append({"i": i, **v, "o": {"k": v.get("s")}})
    return out


def as_spark(name, value):
    """A field as Spark's rows have it."""
    if value is not None and name == "t":
        return (datetime.fromisoformat(value) - EPOCH) // timedelta(microseconds=1)
    return value


def literal(name, value):
    if name == "s":
        return "'{}'".format(value.replace("\\", "\\\\").replace("'", "\\'"))
    if name == "d":
        return f"date '{value}'"
    if name == "t":
        return f"timestamp_micros({as_spark(name, value)})"
    if name == "l":
        # The smallest of them is no literal of Spark's.
        return f"cast('{value}' AS bigint)"
    return f"{value!r}D" if name == "f" else str(value).lower()


def key(name, value):
    """Spark's order is that of UTF-8's bytes."""
    return value.encode() if name == "s" else as_spark(name, value) if name == "t" else value


def predicates(name):
    """Conditions on a field, each with the function that says so of a value."""
    yield "IS NULL", lambda v: v is None
    yield "IS NOT NULL", lambda v: v is not None
    for value in FIELDS[name]:
        if value is None:
            continue
        at, sql = key(name, value), literal(name, value)
        yield f"= {sql}", lambda v: v is not None and key(name, v) == at
        yield f"> {sql}", lambda v: v is not None and key(name, v) > at
        yield f"<= {sql}", lambda v: v is not None and key(name, v) <= at
        if name == "s":
            start = value[:17]
            yield f"IS NOT NULL AND startswith(s, {literal(name, start)})", lambda v: v is not None and v.startswith(start)


def check_typed(spark, sent, what, predicates_vectorised):
    names = list(FIELDS)
    wanted = [[o["i"], *(as_spark(n, o.get(n)) for n in names), o["o"]["k"]] for o in sent]
    for vectorised in (not predicates_vectorised, predicates_vectorised):
        spark.set(vectorised=vectorised)
        found = spark.rows(f"SELECT i, {', '.join(names)}, o_k FROM lake.lipno.typed ORDER BY kafka_offset")
        assert len(found) == len(wanted), f"{what}: {len(found)} rows, not {len(wanted)}"
        for f, w in zip(found, wanted):
            assert f == w, f"{what}, vectorised {vectorised}: {f} instead of {w}"
    # Files, row groups and pages are left out by their bounds: never one that has such a row.
    for n in names:
        for condition, holds in predicates(n):
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
