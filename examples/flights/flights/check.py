"""The comparison: the log holds every flight exactly once and in order, and SQL over the lake agrees with the CSV."""

import time

import duckdb
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from . import data

PARTITIONS = 6


def read_log(bootstrap, topic):
    """(partition, offset, key, producer, row number) of every record."""
    c = Consumer({"bootstrap.servers": bootstrap, "group.id": f"{topic}-check", "enable.auto.commit": False})
    ends = [c.get_watermark_offsets(TopicPartition(topic, p), timeout=30)[1] for p in range(PARTITIONS)]
    c.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in range(PARTITIONS)])
    out = []
    while left := sum(ends) - len(out):
        # consume() waits for as many as it was asked for.
        got = c.consume(min(left, 5000), timeout=30)
        assert got, f"{left} records did not come"
        for m in got:
            assert not m.error(), m.error()
            # {"n":123,...: the whole JSON is DuckDB's to read.
            n = int(m.value()[5 : m.value().index(b",")])
            out.append((m.partition(), m.offset(), m.key().decode(), dict(m.headers())["producer"].decode(), n))
    c.close()
    return out


def check_log(log, sample=1):
    """Every flight once; in order for each key and producer; each key in one partition."""
    sent = [n for n, _, _ in data.flights(sample)]
    numbers = sorted(r[4] for r in log)
    if numbers != sent:
        once = set(numbers)
        twice = len(numbers) - len(once)
        raise AssertionError(f"{len(set(sent) - once)} flights are missing, {twice} are there more than once")
    last, where = {}, {}
    for partition, offset, key, producer, n in sorted(log):
        assert where.setdefault(key, partition) == partition, f"{key} is in two partitions"
        before = last.get((key, producer), -1)
        assert n > before, f"{partition}/{offset}: {producer} sent {key} {n} before {before}"
        last[key, producer] = n


def check_group(runs, log, may_repeat):
    """The group got every record; without a crash, each once."""
    ends = {}
    for partition, offset, *_ in log:
        ends[partition] = max(ends.get(partition, -1), offset)
    offsets = {p: [] for p in ends}
    for r in runs:
        offsets[r["partition"]] += range(r["first"], r["first"] + r["count"])
    repeated = 0
    for p, end in ends.items():
        seen = set(offsets[p])
        assert seen == set(range(end + 1)), f"partition {p}: the group missed {end + 1 - len(seen)} records"
        repeated += len(offsets[p]) - len(seen)
    assert may_repeat or not repeated, f"{repeated} records came twice without a crash"
    return repeated


def add_airlines(bootstrap, topic):
    """The airlines' names, as a topic of their own: one CSV record each."""
    header, rows = data.airlines()
    config = {"lake.format": "typed", "lake.value.format": "csv", "lake.csv.header": header}
    admin = AdminClient({"bootstrap.servers": bootstrap})
    new = NewTopic(airlines_of(topic), 1, 1, config={**config, "lake.commit.interval.ms": "1000"})
    admin.create_topics([new])[new.topic].result(30)
    p = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True})
    for row in rows:
        p.produce(new.topic, value=row)
    assert p.flush(30) == 0
    return len(rows)


def airlines_of(topic):
    return f"{topic}_airlines"


def wait_for_lake(d, topic, count, seconds=120):
    """Until the table has this many rows; never more."""
    until = time.monotonic() + seconds
    while True:
        try:
            rows = d.execute(f"SELECT count(*) FROM lake.lipno.{topic}").fetchone()[0]
        except duckdb.CatalogException:
            rows = 0
        if rows == count:
            return
        assert rows < count, f"the lake has {rows} rows, more than the topic's {count}"
        assert time.monotonic() < until, f"the lake has {rows} of {count} rows after {seconds} s"
        time.sleep(0.2)


BY_AIRLINE = """
    SELECT a.name AS airline, count(*) AS flights, avg(f.dep_delay) AS mean_delay
    FROM {flights} f JOIN {airlines} a ON a.carrier = f.carrier GROUP BY ALL ORDER BY ALL"""
CSV = """
    (SELECT * FROM (SELECT *, row_number() OVER () - 1 AS n
                    FROM read_csv('{csv}', nullstr = ['NA', ''], types = {{'dep_delay': 'DOUBLE'}}, parallel = false))
     WHERE n % {sample} = 0)"""


def check_lake(d, topic, log, folder, sample=1):
    """The table has the log's records at their offsets, and its figures per airline are the CSV's."""
    query = f"""
        SELECT kafka_partition, kafka_offset, decode(kafka_key), decode(kafka_headers[1].value), n
        FROM lake.lipno.{topic} WHERE kafka_error IS NULL ORDER BY ALL"""
    rows = d.execute(query).fetchall()
    assert rows == sorted(log), f"the lake's {len(rows)} rows are not the topic's {len(log)} records"
    tables = {"flights": f"lake.lipno.{topic}", "airlines": f"lake.lipno.{airlines_of(topic)}"}
    from_lake = d.execute(BY_AIRLINE.format(**tables)).fetchall()
    flights = CSV.format(csv=data.extract_csv(folder), sample=sample)
    airlines = f"(SELECT * FROM read_csv('{data.airlines_csv()}'))"
    from_csv = duckdb.sql(BY_AIRLINE.format(flights=flights, airlines=airlines)).fetchall()
    assert len(from_lake) == len(from_csv) > 10, (from_lake, from_csv)
    for ours, theirs in zip(from_lake, from_csv):
        assert ours[:2] == theirs[:2] and abs(ours[2] - theirs[2]) < 1e-9, f"lake {ours}, CSV {theirs}"
    return from_lake


def as_text(rows):
    lines = [f"{'airline':27}  flights  mean departure delay"]
    lines += [f"{airline:27}  {count:7}  {mean:20.2f}" for airline, count, mean in rows]
    return "\n".join(lines)


