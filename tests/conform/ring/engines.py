"""Engines that read tables: DuckDB and PyIceberg, through the catalog or straight from the folder.

Invariant: nothing is downloaded; DuckDB's extensions are packages of the ring's own environment.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "examples" / "flights"))

from flights.lake import attached, connect  # noqa: E402, F401


def catalog(http):
    """PyIceberg's view of the broker's catalog."""
    from pyiceberg.catalog import load_catalog

    return load_catalog("lipno", type="rest", uri=f"http://{http}")


COLUMNS = [
    "kafka_partition",
    "kafka_offset",
    "kafka_timestamp",
    "kafka_key",
    "kafka_value",
    "kafka_headers",
    "kafka_error",
]


def rows_of_duckdb(d, relation):
    """Rows as (partition, offset, timestamp ms, key, value, headers, error), in order."""
    query = f"""
        SELECT kafka_partition, kafka_offset, epoch_ms(kafka_timestamp), kafka_key, kafka_value,
               list_transform(kafka_headers, h -> {{'k': h.key, 'v': h.value}}), kafka_error
        FROM {relation} ORDER BY ALL"""
    return [(*r[:5], tuple((h["k"], h["v"]) for h in r[5]), r[6]) for r in d.execute(query).fetchall()]


def rows_of_pyiceberg(table):
    """The same of a PyIceberg table."""
    arrow = table.scan(selected_fields=tuple(COLUMNS)).to_arrow()
    out = []
    for r in arrow.select(COLUMNS).to_pylist():
        timestamp = r["kafka_timestamp"]
        ms = timestamp and round(timestamp.timestamp() * 1000)
        headers = tuple((h["key"], h["value"]) for h in r["kafka_headers"])
        out.append(
            (r["kafka_partition"], r["kafka_offset"], ms, r["kafka_key"], r["kafka_value"], headers, r["kafka_error"])
        )
    return sorted(out, key=lambda r: r[:2])
