"""kcat: an old librdkafka (2.0.2 in Debian 12), on the command line.

It cannot set timestamps, and its headers hold for a whole run, so its corpus is made of runs.
"""

import subprocess

from .. import records
from ..records import Record

RUNS = 10


def version():
    out = subprocess.run(["kcat", "-V"], capture_output=True, text=True, check=True).stdout
    line = next(part for part in out.splitlines() if part.startswith("Version"))
    return "kcat " + line.split("(")[0].split()[1] + " librdkafka " + line.split("librdkafka ")[1].split()[0]


def run(*args, stdin=b"", quiet=True):
    done = subprocess.run(["kcat", *args], input=stdin, capture_output=True, timeout=100)
    assert done.returncode == 0, f"kcat {' '.join(args)}: {done.stderr.decode(errors='replace')}"
    # What it says on standard error are warnings; a group member also tells of its assignments there.
    assert not quiet or not done.stderr.strip(), f"kcat {' '.join(args)}: {done.stderr.decode(errors='replace')}"
    return done.stdout


def corpus(seed):
    """(arguments, records) of each run; timestamps are the broker's business and left out."""
    import random

    r = random.Random(seed)
    n = records.COUNT // RUNS
    out = []
    for at in range(RUNS):
        codec = records.CODECS[at % len(records.CODECS)]
        headers = [(), (("a", b"1"), ("b", b""), ("a", b"2"))][at % 2]
        nulls = at % 3 == 0
        rows = []
        for i in range(n):
            key = (b"", b"k%d" % r.randrange(20))[min(r.randrange(4), 1)]
            value = (b"", b"v" * r.randrange(1, 300), b'{"run":%d,"n":%d}' % (at, i))[r.randrange(3)]
            if not key and not value:
                value = b"not both"
            rows.append((key, value))
        args = ["-p", str(at % records.PARTITIONS), "-z", codec] + (["-Z"] if nulls else [])
        for name, v in headers:
            args += ["-H", f"{name}={v.decode()}"]
        lines = b"".join(k + b"\x1f" + v + b"\n" for k, v in rows)

        def seen(b, nulls=nulls):
            return None if nulls and not b else b

        sent = [Record(at % records.PARTITIONS, 0, seen(k), seen(v), headers) for k, v in rows]
        out.append((args, lines, sent))
    return out


def produce(bootstrap, topic, runs):
    for args, lines, _ in runs:
        run("-P", "-q", "-b", bootstrap, "-t", topic, "-K", "\x1f", *args, stdin=lines)


def shown(offset, r):
    """What `FORMAT` prints for a record."""

    def size(b):
        return -1 if b is None else len(b)

    # kcat prints header values as C strings: up to the first NUL.
    headers = b",".join(n.encode() + b"=" + (b"NULL" if v is None else v.split(b"\0")[0]) for n, v in r.headers)
    head = b"%d %d %d %d|" % (offset, r.timestamp, size(r.key), size(r.value))
    return head + (r.key or b"") + b"|" + (r.value or b"") + b"|" + headers + b"\n"


FORMAT = "%o %T %K %S|%k|%s|%h\\n"


def consume(bootstrap, topic, partition, form=FORMAT):
    return run("-C", "-q", "-e", "-b", bootstrap, "-t", topic, "-p", str(partition), "-o", "beginning", "-f", form)
