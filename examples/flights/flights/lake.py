"""DuckDB with the broker's catalog attached: every topic is a table of `lake.lipno`.

Invariant: DuckDB's extensions are packages of this environment; without them DuckDB downloads its own.
"""

from pathlib import Path

import duckdb

EXTENSIONS = ("avro", "httpfs", "iceberg")


def connect():
    """A DuckDB that reads Iceberg tables."""
    packages = Path(duckdb.__file__).parent.parent
    d = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    for name in EXTENSIONS:
        files = list(packages.glob(f"duckdb_extension_{name}/**/*.duckdb_extension"))
        if not files:
            d.execute(f"INSTALL {name}")
        d.execute(f"LOAD '{files[0]}'" if files else f"LOAD {name}")
    d.execute("SET TimeZone = 'UTC'")
    return d


def attached(http):
    """A DuckDB in which `lake` is the catalog of the broker with these `http.listeners`."""
    d = connect()
    d.execute(f"ATTACH '' AS lake (TYPE ICEBERG, ENDPOINT 'http://{http}', AUTHORIZATION_TYPE 'none')")
    return d
