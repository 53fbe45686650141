"""The job: three producers at once, a group of three whose members come and go, and a plan of what happens when.

Called by `__main__` (a person) and by the project's tests, which also kill the broker on the way.
"""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

from confluent_kafka.admin import AdminClient, NewTopic

from . import check, data

TOTAL = 336_776


class Process:
    """A producer or consumer; its JSON lines are collected."""

    def __init__(self, module, *args, log):
        self.lines = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"flights.{module}", *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=Path(__file__).parents[1],
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def end(self, seconds=60):
        """Closes its standard input and waits; its exit code."""
        self.process.stdin.close()
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return f"did not end within {seconds} s"
        self.reader.join(10)
        return code

    def kill(self):
        self.process.kill()
        self.process.wait(30)
        self.reader.join(10)


class Job:
    def __init__(self, bootstrap, topic, log, say=print, sample=1, idempotent=True, rate=0):
        self.bootstrap, self.topic, self.log, self.print, self.sample = bootstrap, topic, log, say, sample
        self.began = time.monotonic()
        self.total = len(range(0, TOTAL, sample))
        self.options = json.dumps({"idempotent": idempotent, "rate": rate, "sample": sample})
        self.producers = []
        self.members = {}
        self.everyone = []
        self.crashed = False

    def create_topic(self):
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        # A second instead of a minute: the example should not wait for the lake.
        config = {"lake.commit.interval.ms": "1000"}
        admin.create_topics([NewTopic(self.topic, check.PARTITIONS, 1, config=config)])[self.topic].result(30)

    def say(self, text):
        self.print(f"{time.monotonic() - self.began:5.1f} s  {self.percent():3.0f} %  {text}")

    # What a plan is made of.

    def join(self, name):
        self.say(f"{name} joins the group")
        m = Process("consumer", name, self.bootstrap, self.topic, f"{self.topic}-group", log=self.log)
        self.members[name] = m
        self.everyone.append(m)

    def leave(self, name):
        self.say(f"{name} leaves the group")
        code = self.members.pop(name).end()
        assert code == 0, f"the consumer {name} ended with {code}"

    def crash(self, name):
        self.say(f"{name} is killed (kill -9)")
        self.crashed = True
        self.members.pop(name).kill()

    def acked(self):
        counts = ([line["acked"] for line in p.lines if "acked" in line] for p in self.producers)
        return sum(c[-1] if c else 0 for c in counts)

    def percent(self):
        return 100 * self.acked() / self.total

    def runs(self):
        return [line for m in self.everyone for line in list(m.lines) if "first" in line]

    def consumed(self):
        """Records that the group has got, each counted once."""
        offsets = [set() for _ in range(check.PARTITIONS)]
        for r in self.runs():
            offsets[r["partition"]].update(range(r["first"], r["first"] + r["count"]))
        return sum(len(o) for o in offsets)

    def run(self, plan, seconds=300):
        """Produces everything; `plan` is (percent, action) in rising order."""
        until = time.monotonic() + seconds
        for name in data.PRODUCERS:
            p = Process("producer", name, self.bootstrap, self.topic, self.options, log=self.log)
            self.producers.append(p)
        plan = list(plan)
        while plan or any(p.process.poll() is None for p in self.producers):
            failed = [p.process.args[3] for p in self.producers if p.process.poll() not in (None, 0)]
            assert not failed, f"the producer {failed[0]} failed: see its log"
            assert time.monotonic() < until, f"{self.percent():.0f} % after {seconds} s"
            if plan and self.percent() >= plan[0][0]:
                plan.pop(0)[1]()
            time.sleep(0.05)
        for p in self.producers:
            p.reader.join(10)
        assert self.acked() == self.total, f"{self.acked()} of {self.total} acknowledged"
        self.say(f"all {self.total:,} flights are acknowledged")
        while self.consumed() < self.total:
            assert time.monotonic() < until, f"the group has {self.consumed()} of {self.total} after {seconds} s"
            time.sleep(0.2)
        for name in list(self.members):
            self.leave(name)

    def stop(self):
        """Whatever happened: nothing stays behind."""
        for p in self.producers + self.everyone:
            if p.process.poll() is None:
                p.kill()


def ordinary_plan(job):
    """Members come and go; one crashes."""
    return [
        (0, lambda: job.join("confluent")),
        (10, lambda: job.join("kafka-python")),
        (20, lambda: job.join("aiokafka")),
        (35, lambda: job.leave("confluent")),
        (50, lambda: job.join("confluent")),
        (65, lambda: job.leave("aiokafka")),
        (80, lambda: job.join("aiokafka")),
    ]
