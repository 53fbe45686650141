"""Classic groups with real clients: joins, leaves, a crash, static members, cooperative and eager, seek by time.

Each group reads a topic of numbered records while its members come and go. At the end every offset was handed out;
only what a crashed member had not committed may come twice; the commits stand at the ends; a new member of the same
group goes on there.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from .broker import Broker, wait_for
from .case import Context, case

PARTITIONS = 6


class ProcessMember:
    """A Python client in a process of its own."""

    def __init__(self, context, client, topic, group, options=None):
        self.events = []
        self.log = (context.work / f"{client}-{id(self)}.txt").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ring.member", client, context.bootstrap, topic, group, json.dumps(options or {})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def poll(self):
        return self.events

    def leave(self):
        self.process.stdin.write("\n")
        self.process.stdin.close()
        self.process.wait(30)
        self.reader.join(30)
        assert self.events[-1]["event"] == "left", self.events[-3:]

    def crash(self):
        """kill -9 of the client: the broker hears nothing, its session ends by time."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        self.reader.join(30)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(30)
        self.log.close()


class JavaMember:
    """A Java client in the JVM host."""

    count = 0

    def __init__(self, context, client, topic, group, options=None):
        assert client == "java"
        JavaMember.count += 1
        self.context = context
        self.id = f"{topic}-{JavaMember.count}"
        self.events = []
        properties = {
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": "false",
            "session.timeout.ms": "6000",
            "heartbeat.interval.ms": "1000",
            **(options or {}),
        }
        context.java(
            "member.start", id=self.id, bootstrap=context.bootstrap, topic=topic, properties=properties
        )
        self.running = True

    def poll(self):
        if self.running:
            self.events += self.context.java("member.events", id=self.id)["events"]
        return self.events

    def leave(self):
        self.running = False
        self.events += self.context.java("member.stop", id=self.id)["events"]

    def end(self):
        if self.running:
            self.leave()


def assigned(member):
    """The partitions that a member has now."""
    has = [e for e in member.poll() if e["event"] == "has"]
    return has[-1]["partitions"] if has else []


def consumed(members):
    """partition -> offsets in the order in which they were handed out."""
    out = {p: [] for p in range(PARTITIONS)}
    for m in members:
        for e in m.poll():
            if e["event"] == "records":
                out[e["partition"]] += range(e["first"], e["first"] + e["count"])
    return out


class Group:
    """A topic, a producer of numbered records, and the members that there ever were."""

    def __init__(self, context, client, name, options=None):
        self.context, self.client, self.name, self.options = context, client, name, options or {}
        self.topic = f"g.{name}"
        self.members = []
        self.produced = 0
        self.admin = AdminClient({"bootstrap.servers": context.bootstrap})
        for f in self.admin.create_topics([NewTopic(self.topic, PARTITIONS, 1)]).values():
            f.result(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for m in self.members:
            m.end()

    def produce(self, each):
        p = Producer({"bootstrap.servers": self.context.bootstrap, "enable.idempotence": True})
        for partition in range(PARTITIONS):
            for _ in range(each):
                p.produce(self.topic, value=b"x", partition=partition)
        assert p.flush(30) == 0
        self.produced += each

    def start(self, client=None, options=None):
        kind = JavaMember if (client or self.client) == "java" else ProcessMember
        m = kind(self.context, client or self.client, self.topic, self.name, {**self.options, **(options or {})})
        self.members.append(m)
        return m

    def balanced(self, *members):
        """Waits until these members share the partitions evenly."""
        share = PARTITIONS // len(members)

        def even():
            has = [assigned(m) for m in members]
            flat = sorted(p for h in has for p in h)
            return flat == list(range(PARTITIONS)) and all(len(h) == share for h in has) and has

        return wait_for(lambda: f"{len(members)} members balanced: {[m.poll()[-4:] for m in members]}", even)

    def all_read(self):
        def complete():
            return all(set(o) >= set(range(self.produced)) for o in consumed(self.members).values())

        def missing():
            got = consumed(self.members)
            return {p: len(set(o)) for p, o in got.items()}

        wait_for(lambda: f"all {self.produced} records of each partition: {missing()}", complete)

    def committed(self):
        wanted = [ConsumerGroupTopicPartitions(self.name)]
        result = self.admin.list_consumer_group_offsets(wanted)[self.name].result(30)
        return {p.partition: p.offset for p in result.topic_partitions if p.topic == self.topic}

    def state(self):
        described = self.admin.describe_consumer_groups([self.name])[self.name].result(30)
        return described.state.name

    def check_once(self, twice=None):
        """Every offset exactly once, in order; in the partitions `twice` some may be repeated."""
        for p, offsets in consumed(self.members).items():
            if twice and p in twice:
                assert sorted(set(offsets)) == list(range(self.produced)), f"partition {p}: gaps"
            else:
                assert sorted(offsets) == list(range(self.produced)), f"partition {p}: {repeats(offsets)}"

    def check_quiet(self, *allowed):
        bad = {"error", "warning", "commit failed", "failed", "lost"} - set(allowed)
        seen = [e for m in self.members for e in m.poll() if e["event"] in bad]
        assert not seen, seen[:10]


def repeats(offsets):
    seen = set()
    return sorted(o for o in offsets if o in seen or seen.add(o))[:20]


def come_and_go(client):
    def run(context):
        with Group(context, client, f"eager-{client}") as g:
            g.produce(300)
            a = g.start()
            g.balanced(a)
            b = g.start()
            g.balanced(a, b)
            g.produce(300)
            c = g.start()
            g.balanced(a, b, c)
            g.produce(300)
            g.all_read()
            b.leave()
            g.balanced(a, c)
            twice = set()
            if client != "java":
                twice = set(assigned(c))
                g.produce(300)
                c.crash()
                g.produce(300)
                # Only when its session has ended does the other get everything.
                g.balanced(a)
                c = g.start()
                g.balanced(a, c)
            g.produce(300)
            g.all_read()
            a.leave()
            c.leave()
            g.check_once(twice)
            g.check_quiet(*(["commit failed"] if client in ("kafka_python", "aiokafka_client") else []))
            wait_for("an empty group", lambda: g.state() == "EMPTY")
            assert g.committed() == {p: g.produced for p in range(PARTITIONS)}, g.committed()
            # A new member goes on where the group stopped.
            g.produce(10)
            d = g.start()
            g.all_read()
            d.leave()
            g.check_once(twice)
            assert g.committed() == {p: g.produced for p in range(PARTITIONS)}, g.committed()

    return run


for _client, _needs in (("confluent", ()), ("kafka_python", ()), ("aiokafka_client", ()), ("java", ("java",))):
    case(f"groups: {_client}, three members come, go and crash", needs=_needs)(come_and_go(_client))


def cooperative(client, options):
    def run(context):
        with Group(context, client, f"cooperative-{client}", options) as g:
            g.produce(200)
            a = g.start()
            g.balanced(a)
            b = g.start()
            g.balanced(a, b)
            g.produce(200)
            c = g.start()
            g.balanced(a, b, c)
            g.produce(200)
            g.all_read()
            # Nobody ever gave up a partition that it kept afterwards: that is what cooperative means.
            revoked = [e["partitions"] for e in a.poll() if e["event"] == "revoked" and e["partitions"]]
            assert sorted(p for r in revoked for p in r) == sorted(set(range(PARTITIONS)) - set(assigned(a))), revoked
            b.leave()
            g.balanced(a, c)
            revoked_later = [e["partitions"] for e in a.poll() if e["event"] == "revoked" and e["partitions"]]
            assert revoked_later == revoked, f"a lost partitions because another left: {revoked_later}"
            g.produce(200)
            g.all_read()
            a.leave()
            c.leave()
            g.check_once()
            g.check_quiet()
            assert g.committed() == {p: g.produced for p in range(PARTITIONS)}

    return run


STICKY = "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"
case("groups: confluent, cooperative-sticky")(
    cooperative("confluent", {"partition.assignment.strategy": "cooperative-sticky"})
)
case("groups: java, cooperative-sticky", needs=["java"])(
    cooperative("java", {"partition.assignment.strategy": STICKY})
)


@case("groups: java, static members restart without a rebalance", needs=["java"])
def static_java(context):
    with Group(context, "java", "static-java") as g:
        g.produce(100)
        a = g.start(options={"group.instance.id": "one"})
        g.balanced(a)
        b = g.start(options={"group.instance.id": "two"})
        shares = g.balanced(a, b)
        g.all_read()
        generation = [e for e in a.poll() if e["event"] == "has"][-1]["generation"]
        seen = len(a.poll())
        b.leave()
        g.produce(100)
        again = g.start(options={"group.instance.id": "two"})
        assert g.balanced(a, again) == shares
        g.all_read()
        has = [e for e in again.poll() if e["event"] == "has"][-1]
        assert has["generation"] == generation, "a static member's restart began a new generation"
        moved = [e for e in a.poll()[seen:] if e["event"] in ("revoked", "assigned")]
        assert not moved, f"the other member noticed: {moved}"
        # The leader of the group restarts, too: still the same generation.
        a.leave()
        leader = g.start(options={"group.instance.id": "one"})
        assert g.balanced(leader, again) == shares
        has = [e for e in leader.poll() if e["event"] == "has"][-1]
        assert has["generation"] == generation, "the static leader's restart began a new generation"
        leader.leave()
        again.leave()
        g.check_once()
        # Static members do not leave by closing: an administrator removes them.
        out = context.tool(
            "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
            "--bootstrap-server", context.bootstrap, "--describe", "--group", g.name, "--members",
        )
        assert "one" in out and "two" in out, out
        context.java("remove_members", bootstrap=context.bootstrap, group=g.name, instances=["one", "two"])
        wait_for("an empty group", lambda: g.state() == "EMPTY")
        assert g.committed() == {p: g.produced for p in range(PARTITIONS)}


@case("groups: confluent, static members, and a twin is fenced")
def static_confluent(context):
    with Group(context, "confluent", "static-confluent") as g:
        g.produce(100)
        a = g.start(options={"group.instance.id": "one"})
        b = g.start(options={"group.instance.id": "two"})
        shares = g.balanced(a, b)
        g.all_read()
        seen = len(a.poll())
        b.leave()
        g.produce(100)
        again = g.start(options={"group.instance.id": "two"})
        assert g.balanced(a, again) == shares
        g.all_read()
        moved = [e for e in a.poll()[seen:] if e["event"] in ("revoked", "assigned")]
        assert not moved, f"the other member noticed: {moved}"
        g.check_once()
        # A twin with the same instance id takes the place; the elder is told that it is fenced, fatally.
        twin = g.start(options={"group.instance.id": "two"})
        fatal = wait_for(
            "the elder to be fenced",
            lambda: [e for e in again.poll() if e["event"] == "error" and e["fatal"]],
        )
        assert "fenced" in fatal[0]["text"].lower(), fatal
        assert g.balanced(a, twin) == shares
        a.leave()
        twin.leave()


@case("groups: clients of four libraries share one group", needs=["java"])
def mixed(context):
    java = {"partition.assignment.strategy": "org.apache.kafka.clients.consumer.RangeAssignor"}
    with Group(context, "confluent", "mixed") as g:
        g.produce(300)
        a = g.start("confluent", {"partition.assignment.strategy": "range"})
        b = g.start("kafka_python")
        g.balanced(a, b)
        g.produce(300)
        c = g.start("java", java)
        g.balanced(a, b, c)
        g.produce(300)
        a.leave()
        d = g.start("aiokafka_client")
        g.balanced(b, c, d)
        g.produce(300)
        g.all_read()
        for m in (b, c, d):
            m.leave()
        g.check_once()
        assert g.committed() == {p: g.produced for p in range(PARTITIONS)}


@case("groups: the broker restarts and nobody is asked to join again", needs=["java"])
def broker_restarts(context):
    """Groups are read back from their topic: same members, same generation, with SIGTERM and with kill -9."""
    with tempfile.TemporaryDirectory(prefix="lipno-conform-") as folder, Broker(context.binary, folder) as broker:
        own = Context({**context.values, "bootstrap": broker.bootstrap})
        # Java and librdkafka say that a broker went away; that is what happens here.
        with Group(own, "java", "restart") as g:
            g.produce(100)
            long = {"session.timeout.ms": "20000"}
            java = {"partition.assignment.strategy": "org.apache.kafka.clients.consumer.RangeAssignor"}
            a = g.start("java", java | long)
            b = g.start("confluent", {"partition.assignment.strategy": "range"} | long)
            shares = g.balanced(a, b)
            g.all_read()
            generation = [e for e in a.poll() if e["event"] == "has"][-1]["generation"]
            seen = {m: len(m.poll()) for m in (a, b)}
            for stop in (broker.stop, broker.kill):
                stop()
                broker.start()
                g.produce(100)
                g.all_read()
            assert [assigned(m) for m in (a, b)] == shares
            assert [e for e in a.poll() if e["event"] == "has"][-1]["generation"] == generation
            for m in (a, b):
                moved = [e for e in m.poll()[seen[m] :] if e["event"] in ("revoked", "assigned", "lost")]
                assert not moved, moved
            a.leave()
            b.leave()
            g.check_once(twice=range(PARTITIONS))
            assert g.committed() == {p: g.produced for p in range(PARTITIONS)}
        assert broker.stop() == 0
        bad = [line for line in broker.complaints() if "torn bytes" not in line]
        assert not bad, bad[:5]


@case("groups: kcat -G, an old librdkafka", needs=["kcat"])
def old_librdkafka(context):
    from .clients import kcat

    with Group(context, "confluent", "kcat") as g:
        g.produce(50)
        # -e: ends when every partition has been read.
        out = kcat.run("-b", context.bootstrap, "-G", "kcat", g.topic, "-q", "-e", "-X", "auto.offset.reset=earliest",
                       "-f", "%p %o\n", quiet=False)
        got = sorted(tuple(map(int, line.split())) for line in out.decode().splitlines())
        assert got == [(p, o) for p in range(PARTITIONS) for o in range(50)], got[:10]
        wait_for("an empty group", lambda: g.state() == "EMPTY")
        assert g.committed() == {p: 50 for p in range(PARTITIONS)}, g.committed()
        out = json.loads(kcat.run("-L", "-J", "-b", context.bootstrap, "-t", g.topic))
        assert len(out["topics"][0]["partitions"]) == PARTITIONS and out["controllerid"] == 1, out
        out = kcat.run("-Q", "-b", context.bootstrap, "-t", f"{g.topic}:0:-1", "-t", f"{g.topic}:1:-2").decode()
        assert f"{g.topic} [0] offset 50" in out and f"{g.topic} [1] offset 0" in out, out


@case("groups: seek by time and by offset", needs=["java"])
def seek(context):
    from kafka import KafkaConsumer
    from kafka import TopicPartition as KafkaPythonPartition

    base = 1_700_000_000_000
    admin = AdminClient({"bootstrap.servers": context.bootstrap})
    for f in admin.create_topics([NewTopic("g.seek", 2, 1)]).values():
        f.result(30)
    p = Producer({"bootstrap.servers": context.bootstrap, "compression.type": "zstd"})
    for i in range(2000):
        p.produce("g.seek", value=b"%d" % i, partition=i % 2, timestamp=base + i)
    assert p.flush(30) == 0
    # Time t is record t: offset t / 2 in its partition, the next one in the other.
    for t in (0, 1, 777, 1998, 1999):
        want = {0: (t + 1) // 2, 1: t // 2}
        want = {q: o if o < 1000 else -1 for q, o in want.items()}
        found = context.java("offsets_for_time", bootstrap=context.bootstrap, topic="g.seek", time=base + t)
        assert {int(q): o for q, o in found.items()} == want, (t, found, want)
        c = Consumer({"bootstrap.servers": context.bootstrap, "group.id": "seek", "enable.auto.commit": False})
        got = c.offsets_for_times([TopicPartition("g.seek", q, base + t) for q in (0, 1)], timeout=30)
        # librdkafka answers "none" with the end.
        assert {x.partition: x.offset for x in got} == {q: o if o >= 0 else -1 for q, o in want.items()}, got
        if want[0] >= 0:
            c.assign([TopicPartition("g.seek", 0, got[0].offset)])
            assert c.poll(10).value() == b"%d" % (want[0] * 2)
        c.close()
        k = KafkaConsumer(bootstrap_servers=context.bootstrap, enable_auto_commit=False)
        got = k.offsets_for_times({KafkaPythonPartition("g.seek", q): base + t for q in (0, 1)})
        assert {x.partition: (o.offset if o else -1) for x, o in got.items()} == want, got
        k.close()
