"""A SQL engine in a JVM of its own that answers one statement at a time: what Spark and Trino have in common here."""

import json
import re
import subprocess


class SqlProcess:
    """Each statement is a line of its standard input, each answer one of its standard output (`java/SparkTable.java`)."""

    NAME = "an engine"
    # Lines of its log that say nothing about the broker.
    QUIET = []

    def __init__(self, context, command):
        self.log = context.work / f"{self.NAME.lower()}.log"
        with self.log.open("ab") as err:
            pipe = subprocess.PIPE
            self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=err, text=True)

    def ask(self, statement):
        self.process.stdin.write(" ".join(statement.split()) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"{self.NAME} has ended; its log is {self.log}"
        return json.loads(answer)

    def rows(self, statement):
        answer = self.ask(statement)
        assert "rows" in answer, f"{statement}: {answer['failed'][:2000]}"
        return answer["rows"]

    def one(self, statement):
        (row,) = self.rows(statement)
        return row[0] if len(row) == 1 else row

    def refused(self, statement, reason):
        answer = self.ask(statement)
        assert re.search(reason, answer.get("failed", "")), f"{statement}: {answer}"

    def complaints(self):
        lines = self.log.read_text(errors="replace").splitlines()
        bad = [line for line in lines if re.search(r"(WARN|ERROR|FATAL)\b", line)]
        return [line for line in bad if not any(re.search(q, line) for q in self.QUIET)]

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
            assert code == 0, f"{self.NAME} ended with {code}"
            assert not self.complaints(), self.complaints()[:10]


def plain(value):
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


def record_of(row):
    """A row of `engines.COLUMNS` as the other engines have it: a list in a list of headers, and bytes in it."""
    p, offset, micros, key, value, headers, error = map(plain, row)
    return (p, offset, micros and micros // 1000, key, value, tuple((k, plain(v)) for k, v in headers), error)


def conditions(sent, first, last, time):
    """Conditions on a topic's table, each with how many of the records sent it holds for.

    `first` and `last` are the append times in microseconds, of which `time` makes a literal.
    """
    return (
        (f"kafka_append_time >= {time(first)}", len(sent)),
        (f"kafka_append_time > {time(last)}", 0),
        (f"kafka_append_time < {time(1_577_836_800_000_000)}", 0),
        ("kafka_partition = 1 AND kafka_offset < 10", min(10, sum(r.partition == 1 for r in sent))),
        ("kafka_key IS NULL", sum(r.key is None for r in sent)),
        ("kafka_value = X''", sum(r.value == b"" for r in sent)),
        ("kafka_key = X'6B37'", sum(r.key == b"k7" for r in sent)),
        ("kafka_error IS NOT NULL", 0),
    )
