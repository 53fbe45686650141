"""What a case is, and what it is given.

A case is a function of a context, registered by name; it fails by an exception. Each runs in a process of its own
with a bound on its time. A warning in a client's log fails its case unless the case allows it with a reason:
needless retries and odd answers show there first.
"""

import json
import logging
import re
import socket
import subprocess
from pathlib import Path

CASES = {}


class Case:
    def __init__(self, name, run, needs, limit, alone, corpora, full, full_limit):
        self.name = name
        self.run = run
        self.needs = needs
        self.limit = limit
        self.alone = alone
        self.corpora = corpora
        self.full = full
        self.full_limit = full_limit or 3 * limit


def case(name, needs=(), limit=120, alone=False, corpora=False, full=False, full_limit=None):
    """Registers a case. `needs`: toolchains beside Python; `alone`: nothing else runs meanwhile; `corpora`: it reads
    what the producing cases wrote, so they run with it; `full`: only with --full; `full_limit`: its limit then (three
    times the other)."""

    def register(run):
        assert name not in CASES, name
        CASES[name] = Case(name, run, tuple(needs), limit, alone, corpora, full, full_limit)
        return run

    return register


class _Warnings(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


WARNINGS = _Warnings()

# What a client says of the machine that it runs on, not of the broker.
OF_THE_MACHINE = [
    # kafka-python measures how long its own event loop was held up; on a machine with few cores it often is.
    r"blocking the event loop",
]


def of_the_machine(line):
    return any(re.search(p, line) for p in OF_THE_MACHINE)


def watch_logs():
    logging.getLogger().addHandler(WARNINGS)


def logger(name):
    """For libraries that want to be given one."""
    log = logging.getLogger(name)
    log.setLevel(logging.INFO)
    return log


class Context:
    """Where everything is, and what the case found out."""

    def __init__(self, values):
        self.values = values
        self.bootstrap = values["bootstrap"]
        self.http = values["http"]
        self.binary = values["binary"]
        self.java_port = values.get("java_port")
        self.full = values["full"]
        self.work = Path(values["work"])
        self.lake = Path(values["lake"])
        self.notes = []
        self.versions = []
        self.allowed = []

    def note(self, text):
        self.notes.append(text)

    def version(self, text):
        self.versions.append(text)

    def allow_warning(self, pattern, reason):
        assert reason
        self.allowed.append(re.compile(pattern))

    def unexpected_warnings(self):
        allowed = lambda w: of_the_machine(w) or any(a.search(w) for a in self.allowed)
        return [w for w in WARNINGS.lines if not allowed(w)]

    def java(self, op, **arguments):
        """Asks the JVM host; an exception there is one here."""
        with socket.create_connection(("127.0.0.1", self.java_port), timeout=300) as s:
            s.sendall(json.dumps({"op": op, **arguments}).encode() + b"\n")
            answer = json.loads(s.makefile("rb").readline())
        if "failed" in answer and op != "member.events":
            raise AssertionError(f"java {op}: {answer['failed']}")
        return answer

    def tool(self, name, *args, stdin="", code=0):
        """Runs one of Kafka's tools by its class and returns its standard output."""
        answer = self.java("tool", **{"class": name, "args": list(args), "stdin": stdin})
        shown = f"{name.rsplit('.', 1)[-1]} {' '.join(args)}"
        assert answer["code"] == code, f"{shown}: exit {answer['code']}\n{answer['out']}\n{answer['err']}"
        self.last_error = answer["err"]
        return answer["out"]

    def tool_alone(self, name, *args):
        """A tool in a JVM of its own, for one that does its last work when the JVM ends."""
        command = [*self.values["java_command"], name, *args]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, f"{name}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout
