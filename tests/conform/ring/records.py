"""The corpus that every client produces and consumes, and its form on disk.

Invariants: the same seed makes the same records; a record is (partition, timestamp, key, value, headers) with `None`
for null, so that two lists compare with `==`. `java/Clients.java` reads and writes the same form: for each record
int32 partition, int64 timestamp, key, value, int32 header count, (name, value)...; bytes are int32 length (-1 for
null) and the bytes.
"""

import random
import struct
from typing import NamedTuple

COUNT = 10_000
PARTITIONS = 3
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
BASE_TIMESTAMP = 1_700_000_000_000


class Record(NamedTuple):
    partition: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple  # of (str, bytes | None)


def _headers(r, null_header_values):
    """No headers, one, several, the same name twice, empty and null values, names that are not ASCII."""
    kind = r.randrange(6)
    if kind < 2:
        return ()
    if kind == 2:
        return (("trace", r.randbytes(16)),)
    if kind == 3:
        return (("twice", b"1"), ("other", b"x"), ("twice", b"2"), ("twice", b"2"))
    if kind == 4:
        return (("empty", b""), ("null", None if null_header_values else b"\x00"))
    return (("straße", "grün".encode()), ("", b"no name"))


def corpus(seed, both_null=True, null_header_values=True):
    """10,000 records. The flags leave out what a client's own interface cannot express."""
    r = random.Random(seed)
    out = []
    for i in range(COUNT):
        key = (None, b"", b"k%d" % r.randrange(50), r.randbytes(r.randrange(1, 40)))[r.randrange(4)]
        value = (None, b"", b'{"n":%d}' % i, r.randbytes(r.randrange(1, 1000)))[min(r.randrange(8), 3)]
        if key is None and value is None and not both_null:
            key = b"not both"
        timestamp = BASE_TIMESTAMP + i * 10 - r.randrange(5)
        out.append(Record(r.randrange(PARTITIONS), timestamp, key, value, _headers(r, null_header_values)))
    return out


def slices():
    """Each codec has a fifth of the corpus: (codec, slice)."""
    n = COUNT // len(CODECS)
    return [(codec, slice(i * n, (i + 1) * n)) for i, codec in enumerate(CODECS)]


def _put(b):
    return struct.pack(">i", -1) if b is None else struct.pack(">i", len(b)) + b


def save(path, records):
    with open(path, "wb") as f:
        for r in records:
            f.write(struct.pack(">iq", r.partition, r.timestamp) + _put(r.key) + _put(r.value))
            f.write(struct.pack(">i", len(r.headers)))
            for name, value in r.headers:
                f.write(_put(name.encode()) + _put(value))


def load(path):
    data = open(path, "rb").read()
    at = 0

    def take(form):
        nonlocal at
        out = struct.unpack_from(form, data, at)
        at += struct.calcsize(form)
        return out

    def text():
        nonlocal at
        (n,) = take(">i")
        if n < 0:
            return None
        at += n
        return data[at - n : at]

    out = []
    while at < len(data):
        partition, timestamp = take(">iq")
        key, value = text(), text()
        (count,) = take(">i")
        headers = tuple((text().decode(), text()) for _ in range(count))
        out.append(Record(partition, timestamp, key, value, headers))
    return out


def by_partition(records):
    out = {p: [] for p in range(PARTITIONS)}
    for r in records:
        out[r.partition].append(r)
    return out


def differences(sent, got):
    """What differs, as text; empty if everything is there, in order, byte for byte."""
    sent, got = by_partition(sent), by_partition(got)
    for p in range(PARTITIONS):
        if len(sent[p]) != len(got[p]):
            return f"partition {p}: {len(got[p])} records instead of {len(sent[p])}"
        for at, (a, b) in enumerate(zip(sent[p], got[p])):
            if a != b:
                return f"partition {p}, record {at}: sent {a}, got {b}"
    return ""
