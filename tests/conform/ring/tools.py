"""Kafka's command-line tools, unmodified, in one JVM: each does its job and its output is checked."""

import json
import re
import subprocess
import sys

from .broker import wait_for
from .case import case

T = "org.apache.kafka.tools."
TOPICS = T + "TopicCommand"
GROUPS = T + "consumer.group.ConsumerGroupCommand"
CONFIGS = "kafka.admin.ConfigCommand"
OFFSETS = T + "GetOffsetShell"
CONSOLE_PRODUCER = T + "ConsoleProducer"
CONSOLE_CONSUMER = T + "consumer.ConsoleConsumer"


def tool(context, name, *args, **more):
    return context.tool(name, "--bootstrap-server", context.bootstrap, *args, **more)


def same(got, want):
    assert got == want, f"got:\n{got}\nwanted:\n{want}"


def has(text, *wanted):
    for w in wanted:
        assert w in text, f"{w!r} is not in:\n{text}"


def rows(text):
    """Lines of a table as lists of words, without blank ones."""
    return [line.split() for line in text.splitlines() if line.strip()]


def produce(context, topic, lines, *args):
    """`key:value` lines through the console producer."""
    properties = ["--reader-property", "parse.key=true", "--reader-property", "key.separator=:"]
    stdin = "".join(line + "\n" for line in lines)
    tool(context, CONSOLE_PRODUCER, "--topic", topic, *properties, *args, stdin=stdin)


@case("tools: kafka-topics", needs=["java"])
def topics(context):
    out = tool(context, TOPICS, "--create", "--topic", "t.topics", "--partitions", "3", "--config", "retention.ms=3600000")
    has(out, "Created topic t.topics.")
    out = tool(context, TOPICS, "--create", "--topic", "t.topics", code=1)
    has(out, "topic 't.topics' already exists")
    tool(context, TOPICS, "--create", "--topic", "t.topics", "--if-not-exists")
    has(tool(context, TOPICS, "--create", "--topic", "a b", code=1), "has only letters, digits")
    out = tool(context, TOPICS, "--create", "--topic", "t.rf", "--replication-factor", "3", code=1)
    has(out, "replication factor 3")
    assert "t.topics" in tool(context, TOPICS, "--list").split()
    assert "__consumer_offsets" not in tool(context, TOPICS, "--list", "--exclude-internal").split()

    out = tool(context, TOPICS, "--describe", "--topic", "t.topics")
    head, *partitions = out.splitlines()
    has(head, "PartitionCount: 3", "ReplicationFactor: 1", "retention.ms=3600000")
    topic_id = re.search(r"TopicId: (\S{22})\s", head)[1]
    for i, line in enumerate(partitions):
        same(line.split("\t")[1:6], ["Topic: t.topics", f"Partition: {i}", "Leader: 1", "Replicas: 1", "Isr: 1"])
    same(len(partitions), 3)

    tool(context, TOPICS, "--alter", "--topic", "t.topics", "--partitions", "5")
    has(tool(context, TOPICS, "--alter", "--topic", "t.topics", "--partitions", "2", code=1), "has 5 partitions already")
    out = tool(context, TOPICS, "--describe", "--topic", "t.topics")
    has(out, "PartitionCount: 5", topic_id)
    same(len(out.splitlines()), 6)
    for question in ("--under-replicated-partitions", "--unavailable-partitions", "--at-min-isr-partitions"):
        out = tool(context, TOPICS, "--describe", "--topic", "t.topics", question)
        # One replica is also the least that min.insync.replicas asks for.
        same(len(out.splitlines()), 5 if question == "--at-min-isr-partitions" else 0)

    tool(context, TOPICS, "--delete", "--topic", "t.topics")
    assert "t.topics" not in tool(context, TOPICS, "--list").split()
    has(tool(context, TOPICS, "--describe", "--topic", "t.topics", code=1), "does not exist as expected")
    tool(context, TOPICS, "--create", "--topic", "t.topics", "--partitions", "1")
    again = tool(context, TOPICS, "--describe", "--topic", "t.topics")
    assert topic_id not in again, "a topic made again has a new id"


@case("tools: kafka-console-producer and -consumer", needs=["java"])
def console(context):
    tool(context, TOPICS, "--create", "--topic", "t.console", "--partitions", "1")
    produce(context, "t.console", ["a:1", "b:2"])
    produce(context, "t.console", ["c:3"], "--compression-codec", "zstd", "--producer-property", "acks=1")
    headers = ["--reader-property", "parse.key=true", "--reader-property", "parse.headers=true"]
    tool(context, CONSOLE_PRODUCER, "--topic", "t.console", *headers, stdin="h:v,h:w\tk\tvalue ü\n")
    marker = ["--reader-property", "parse.key=true", "--reader-property", "null.marker=NIL"]
    tool(context, CONSOLE_PRODUCER, "--topic", "t.console", *marker, stdin="k2\tNIL\n")
    shown = ["key", "headers", "partition", "offset"]
    form = [w for name in shown for w in ("--formatter-property", f"print.{name}=true")]
    out = tool(context, CONSOLE_CONSUMER, "--topic", "t.console", "--from-beginning", "--max-messages", "5", *form)
    same(
        out.splitlines(),
        [
            "Partition:0\tOffset:0\tNO_HEADERS\ta\t1",
            "Partition:0\tOffset:1\tNO_HEADERS\tb\t2",
            "Partition:0\tOffset:2\tNO_HEADERS\tc\t3",
            "Partition:0\tOffset:3\th:v,h:w\tk\tvalue ü",
            "Partition:0\tOffset:4\tNO_HEADERS\tk2\tnull",
        ],
    )
    has(context.last_error, "Processed a total of 5 messages")
    out = tool(context, CONSOLE_CONSUMER, "--topic", "t.console", "--partition", "0", "--offset", "3", "--max-messages", "1")
    same(out, "value ü\n")
    # A topic that does not exist yet is made by the first record.
    produce(context, "t.console.auto", ["x:y"])
    out = tool(context, CONSOLE_CONSUMER, "--topic", "t.console.auto", "--from-beginning", "--max-messages", "1")
    same(out, "y\n")


@case("tools: kafka-consumer-groups", needs=["java"])
def consumer_groups(context):
    tool(context, TOPICS, "--create", "--topic", "t.groups", "--partitions", "2")
    produce(context, "t.groups", [f"k{i % 10}:v{i}" for i in range(100)])
    ends = dict(end_offsets(context, "t.groups"))
    group = "t-group"
    tool(context, CONSOLE_CONSUMER, "--topic", "t.groups", "--from-beginning", "--max-messages", "100", "--group", group)
    assert group in tool(context, GROUPS, "--list").split()
    assert [group, "Empty"] in rows(tool(context, GROUPS, "--list", "--state"))
    assert [group, "Empty"] in rows(tool(context, GROUPS, "--list", "--state", "empty"))
    assert [group, "Empty"] not in rows(tool(context, GROUPS, "--list", "--state", "stable"))
    assert [group, "Classic", "Empty"] in rows(tool(context, GROUPS, "--list", "--type", "classic", "--state"))
    assert group in tool(context, T + "GroupsCommand", "--list", "--consumer")

    def positions():
        table = rows(tool(context, GROUPS, "--describe", "--group", group))[1:]
        return {int(r[2]): (int(r[3]), int(r[4]), int(r[5])) for r in table}

    def expect(wanted):
        same(positions(), {p: (wanted[p], ends[p], ends[p] - wanted[p]) for p in ends})

    def reset(*how, topic="t.groups"):
        out = tool(context, GROUPS, "--reset-offsets", "--group", group, "--topic", topic, *how)
        return {int(r[2]): int(r[3]) for r in rows(out) if r[0] == group}

    expect(ends)
    state = rows(tool(context, GROUPS, "--describe", "--group", group, "--state"))[1]
    same(state[-2:], ["Empty", "0"])
    zero = {p: 0 for p in ends}
    same(reset("--to-earliest", "--dry-run"), zero)
    expect(ends)
    same(reset("--to-earliest", "--execute"), zero)
    expect(zero)
    same(reset("--shift-by", "5", "--execute"), {p: 5 for p in ends})
    same(reset("--to-offset", "7", "--execute", topic="t.groups:1"), {1: 7})
    expect({0: 5, 1: 7})
    same(reset("--to-datetime", "2020-01-01T00:00:00.000", "--execute"), zero)
    same(reset("--by-duration", "PT0S", "--execute"), ends)
    same(reset("--to-current", "--execute"), ends)
    plan = context.work / "plan.csv"
    plan.write_text("".join(f"t.groups,{p},3\n" for p in ends))
    same(reset("--from-file", str(plan), "--execute"), {p: 3 for p in ends})
    same(reset("--to-latest", "--execute"), ends)

    member = subprocess.Popen(
        [sys.executable, "-m", "ring.member", "confluent", context.bootstrap, "t.groups", group, "{}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for("a stable group", lambda: [group, "Stable"] in rows(tool(context, GROUPS, "--list", "--state")))
        table = rows(tool(context, GROUPS, "--describe", "--group", group, "--members", "--verbose"))
        same((table[1][0], table[1][2], table[1][4]), (group, "/127.0.0.1", "2"))
        # The range assignor of librdkafka, its partitions decoded by Java.
        same(table[1][-3:], ["t.groups:0,1", "-", "-"])
        table = rows(tool(context, GROUPS, "--describe", "--group", group))
        assert all(r[6].startswith("rdkafka-") and r[7] == "/127.0.0.1" for r in table[1:]), table
        state = rows(tool(context, GROUPS, "--describe", "--group", group, "--state"))[1]
        same(state[-3:], ["range", "Stable", "1"])
        out = tool(context, GROUPS, "--delete", "--group", group)
        has(out, "could not be deleted", "GroupNotEmptyException")
        out = tool(context, GROUPS, "--reset-offsets", "--group", group, "--topic", "t.groups", "--to-earliest", "--execute")
        has(out, "Error: Assignments can only be reset if the group", "Stable")
        expect(ends)
    finally:
        member.communicate(b"\n", timeout=30)
    wait_for("an empty group", lambda: [group, "Empty"] in rows(tool(context, GROUPS, "--list", "--state")))
    has(tool(context, GROUPS, "--delete", "--group", group), "was successful")
    assert group not in tool(context, GROUPS, "--list").split()
    has(tool(context, GROUPS, "--describe", "--group", group), f"Group {group} not found.")
    has(tool(context, GROUPS, "--delete", "--group", group), "GroupIdNotFoundException")


@case("tools: kafka-configs", needs=["java"])
def configs(context):
    tool(context, TOPICS, "--create", "--topic", "t.configs", "--partitions", "1", "--config", "retention.ms=86400000")
    topic = ["--entity-type", "topics", "--entity-name", "t.configs"]

    def described(*more):
        out = tool(context, CONFIGS, "--describe", *topic, *more)
        return dict(re.findall(r"^  (\S+?)=(\S*) sensitive=false", out, re.M))

    same(described(), {"retention.ms": "86400000"})
    everything = described("--all")
    same(
        {k: everything[k] for k in ("cleanup.policy", "lake.mode", "lake.commit.bytes", "write.caching", "segment.bytes")},
        {
            "cleanup.policy": "delete",
            "lake.mode": "copy",
            "lake.commit.bytes": "134217728",
            "write.caching": "false",
            "segment.bytes": "1073741824",
        },
    )
    out = tool(context, CONFIGS, "--describe", *topic, "--all")
    # The ring's broker sets this one: the tool shows where each value could come from.
    has(out, "lake.commit.interval.ms=1000 sensitive=false synonyms={STATIC_BROKER_CONFIG:lake.commit.interval.ms=1000, ")
    change = "lake.mode=off,lake.commit.interval.ms=5000,retention.bytes=1000000,write.caching=true"
    has(tool(context, CONFIGS, "--alter", *topic, "--add-config", change), "Completed updating config")
    want = dict(pair.split("=") for pair in change.split(",")) | {"retention.ms": "86400000"}
    same(described(), want)
    tool(context, CONFIGS, "--alter", *topic, "--delete-config", "retention.ms,lake.mode", "--add-config", "segment.ms=60000")
    want = {k: v for k, v in want.items() if k not in ("retention.ms", "lake.mode")} | {"segment.ms": "60000"}
    same(described(), want)
    # Deleting what is not set changes nothing; Kafka's client filters it out of the request.
    for bad, why in {
        "lake.mode=sideways": "lake.mode=sideways: must be one of off, copy",
        "retention.mss=1": "retention.ms",
        "cleanup.policy=compact": "not supported by this version",
        "cleanup.policy=[delete,compact]": "not supported by this version",
        "message.timestamp.type=LogAppendTime": "not supported by this version",
        "compression.type=zstd": "not supported by this version",
        "segment.bytes=1": "must be between",
        "retention.ms=soon": "must be a whole number",
    }.items():
        tool(context, CONFIGS, "--alter", *topic, "--add-config", bad, code=1)
        has(context.last_error, "InvalidConfigurationException", why)
    same(described(), want)
    # What spells Kafka's defaults out is accepted: tools do that.
    tool(context, CONFIGS, "--alter", *topic, "--add-config", "cleanup.policy=delete,compression.type=producer")

    broker = ["--entity-type", "brokers", "--entity-name", "1"]
    out = tool(context, CONFIGS, "--describe", *broker, "--all")
    has(out, "  node.id=1 ", "  log.retention.ms=604800000 ", "  lake.mode=copy ", "STATIC_BROKER_CONFIG:lake.commit.interval.ms=1000")
    same(tool(context, CONFIGS, "--describe", "--entity-type", "brokers", "--entity-default").strip(), "Default configs for brokers in the cluster are:")
    tool(context, CONFIGS, "--alter", *broker, "--add-config", "log.retention.ms=5", code=1)
    has(context.last_error, "InvalidRequestException", "only topic configs can be altered")


def end_offsets(context, topic, *how):
    """(partition, offset) as kafka-get-offsets prints them; a partition without an answer is left out by the tool."""
    out = tool(context, OFFSETS, "--topic", topic, *how)
    return [(int(p), int(o)) for _, p, o in (line.rsplit(":", 2) for line in out.split())]


@case("tools: kafka-get-offsets, all special times", needs=["java"])
def get_offsets(context):
    from confluent_kafka import Producer

    tool(context, TOPICS, "--create", "--topic", "t.offsets", "--partitions", "2")
    # lake.mode=off: nothing is ever uploaded, so the times that speak of uploads have one answer.
    topic = ["--entity-type", "topics", "--entity-name", "t.offsets"]
    tool(context, CONFIGS, "--alter", *topic, "--add-config", "lake.mode=off")
    p = Producer({"bootstrap.servers": context.bootstrap, "linger.ms": 0})
    base = 1_700_000_000_000
    # Partition 0 has ten records, the fourth the youngest by timestamp; partition 1 none.
    for i in range(10):
        p.produce("t.offsets", value=b"x", partition=0, timestamp=base + (5000 if i == 3 else i * 100))
        p.flush(30)
    ask = [  # argument, partition 0, partition 1 (None: the tool prints nothing)
        ("latest", 10, 0),
        ("-1", 10, 0),
        ("earliest", 0, 0),
        ("-2", 0, 0),
        ("max-timestamp", 3, None),
        ("-3", 3, None),
        ("earliest-local", 0, 0),
        ("latest-tiered", None, None),
        ("earliest-pending-upload", None, None),
        (str(base), 0, None),
        (str(base + 150), 2, None),
        (str(base + 500), 3, None),
        (str(base + 5000), 3, None),
        (str(base + 5001), None, None),
    ]
    for time, first, second in ask:
        want = [(n, o) for n, o in enumerate((first, second)) if o is not None]
        got = end_offsets(context, "t.offsets", "--time", time)
        assert got == want, f"--time {time}: {got} instead of {want}"
    same(tool(context, OFFSETS, "--topic-partitions", "t.offsets:1"), "t.offsets:1:0\n")
    out = tool(context, OFFSETS, "--topic-partitions", "t.off.*:0-1", "--exclude-internal-topics")
    same(out, "t.offsets:0:10\n")


@case("tools: kafka-delete-records", needs=["java"])
def delete_records(context):
    tool(context, TOPICS, "--create", "--topic", "t.delete", "--partitions", "1")
    produce(context, "t.delete", [f"k:{i}" for i in range(20)])
    plan = context.work / "plan.json"

    def delete(offset):
        plan.write_text(
            json.dumps({"version": 1, "partitions": [{"topic": "t.delete", "partition": 0, "offset": offset}]})
        )
        return tool(context, T + "DeleteRecordsCommand", "--offset-json-file", str(plan))

    has(delete(7), "partition: t.delete-0\tlow_watermark: 7")
    same(end_offsets(context, "t.delete", "--time", "earliest"), [(0, 7)])
    out = tool(context, CONSOLE_CONSUMER, "--topic", "t.delete", "--from-beginning", "--max-messages", "13")
    same(out.split(), [str(i) for i in range(7, 20)])
    has(delete(21), "partition: t.delete-0\terror: ", "OffsetOutOfRange")
    # Below the log start nothing changes; -1 is the high watermark.
    has(delete(3), "low_watermark: 7")
    has(delete(-1), "low_watermark: 20")
    same(end_offsets(context, "t.delete", "--time", "earliest"), [(0, 20)])
    produce(context, "t.delete", ["k:after"])
    out = tool(context, CONSOLE_CONSUMER, "--topic", "t.delete", "--from-beginning", "--max-messages", "1")
    same(out, "after\n")


@case("tools: kafka-verifiable-producer and -consumer", needs=["java"])
def verifiable(context):
    tool(context, TOPICS, "--create", "--topic", "t.verify", "--partitions", "3")
    n = "5000"
    args = ["--bootstrap-server", context.bootstrap, "--topic", "t.verify", "--max-messages", n]
    out = context.tool_alone(T + "VerifiableProducer", *args, "--acks", "-1", "--value-prefix", "7")
    events = [json.loads(line) for line in out.splitlines()]
    sent = {(e["partition"], e["offset"]): e["value"] for e in events if e["name"] == "producer_send_success"}
    same(sorted(sent.values(), key=lambda v: int(v[2:])), [f"7.{i}" for i in range(int(n))])
    data = next(e for e in events if e["name"] == "tool_data")
    same((data["sent"], data["acked"]), (int(n), int(n)))
    args = ["--group-id", "t-verify", "--max-messages", n, "--reset-policy", "earliest", "--verbose"]
    out = tool(context, T + "VerifiableConsumer", "--topic", "t.verify", *args)
    events = [json.loads(line) for line in out.splitlines()]
    got = {(e["partition"], e["offset"]): e["value"] for e in events if e["name"] == "record_data"}
    same(got, sent)
    commits = [e for e in events if e["name"] == "offsets_committed"]
    assert commits and all(c["success"] for c in commits), commits
    last = {o["partition"]: o["offset"] for c in commits for o in c["offsets"]}
    same(last, {p: end for p, end in end_offsets(context, "t.verify") if end})


@case("tools: kafka-broker-api-versions", needs=["java"])
def api_versions(context):
    out = tool(context, T + "BrokerApiVersionsCommand")
    has(out, "(id: 1 rack: null")
    served = {
        int(key): (low, high or low, usable)
        for key, low, high, usable in re.findall(r"\((\d+)\): (\d+)(?: to (\d+))? \[usable: (\d+)\]", out)
    }
    same(served[0], ("0", "13", "13"))
    same(served[1], ("4", "18", "18"))
    wanted = {0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 32, 37, 42, 44, 55, 60, 75}
    assert wanted <= set(served), f"not served: {sorted(wanted - set(served))}"
    assert all(high == usable for _, high, usable in served.values()), f"Java cannot use our newest of: {served}"
    assert "UNKNOWN" not in out, out
    context.note(f"{len(served)} APIs")


@case("tools: kafka-cluster, -metadata-quorum, -features", needs=["java"])
def cluster(context):
    out = context.tool(T + "ClusterTool", "cluster-id", "--bootstrap-server", context.bootstrap)
    cluster_id = re.fullmatch(r"Cluster ID: (\S{22})\n", out)[1]
    out = context.tool(T + "ClusterTool", "list-endpoints", "--bootstrap-server", context.bootstrap)
    same(rows(out)[1][:3], ["1", *context.bootstrap.split(":")])
    quorum = [T + "MetadataQuorumCommand", "--bootstrap-server", context.bootstrap, "describe"]
    out = context.tool(*quorum, "--status")
    has(out, f"ClusterId:              {cluster_id}", "LeaderId:               1", "MaxFollowerLag:         0", '"id": 1')
    table = rows(context.tool(*quorum, "--replication"))
    same((table[1][0], table[1][3], table[1][-1]), ("1", "0", "Leader"))
    # No feature is finalized: the tool has nothing to print, and does not fail.
    context.tool(T + "FeatureCommand", "--bootstrap-server", context.bootstrap, "describe")


@case("tools: kafka-producer-perf-test, -consumer-perf-test, -e2e-latency", needs=["java"])
def perf(context):
    tool(context, TOPICS, "--create", "--topic", "t.perf", "--partitions", "2")
    n = "50000"
    args = ["--topic", "t.perf", "--num-records", n, "--record-size", "200", "--throughput", "-1"]
    out = context.tool(T + "ProducerPerformance", *args, "--bootstrap-server", context.bootstrap)
    has(out, f"{n} records sent")
    out = tool(context, T + "ConsumerPerformance", "--topic", "t.perf", "--num-records", n)
    same(int(out.splitlines()[1].split(", ")[4]), int(n))
    args = ["--topic", "t.e2e", "--num-records", "200", "--producer-acks", "all", "--record-size", "50"]
    has(context.tool(T + "EndToEndLatency", "--bootstrap-server", context.bootstrap, *args), "Percentiles: 50th")


@case("tools: kafka-streams-application-reset", needs=["java"])
def streams_reset(context):
    tool(context, TOPICS, "--create", "--topic", "t.reset", "--partitions", "2")
    produce(context, "t.reset", ["a:1", "b:2", "c:3"])
    args = ["--topic", "t.reset", "--from-beginning", "--max-messages", "3", "--group", "t-app"]
    tool(context, CONSOLE_CONSUMER, *args)
    out = tool(context, T + "StreamsResetter", "--application-id", "t-app", "--input-topics", "t.reset")
    has(out, "Topic: t.reset Partition: 0 Offset: 0", "Topic: t.reset Partition: 1 Offset: 0")
    table = rows(tool(context, GROUPS, "--describe", "--group", "t-app"))
    same([r[3] for r in table[1:]], ["0", "0"])


# What these need is not served yet; each is in known_gaps.toml. They fail at once, with a clear error.


@case("tools: kafka-consumer-groups --delete-offsets", needs=["java"])
def delete_offsets(context):
    tool(context, TOPICS, "--create", "--topic", "t.doffsets", "--partitions", "1")
    produce(context, "t.doffsets", ["a:1"])
    args = ["--topic", "t.doffsets", "--from-beginning", "--max-messages", "1", "--group", "t-doffsets"]
    tool(context, CONSOLE_CONSUMER, *args)
    out = tool(context, GROUPS, "--delete-offsets", "--group", "t-doffsets", "--topic", "t.doffsets")
    has(out, "Successful")


@case("tools: kafka-log-dirs", needs=["java"])
def log_dirs(context):
    has(tool(context, T + "LogDirsCommand", "--describe"), '"logDirs"')


@case("tools: kafka-acls", needs=["java"])
def acls(context):
    # Kafka without an authorizer: SECURITY_DISABLED. A tool that sees it knows that there is nothing to list.
    has(tool(context, T + "AclCommand", "--list", code=1), "No Authorizer is configured")


@case("tools: kafka-reassign-partitions, -leader-election", needs=["java"])
def reassign(context):
    has(tool(context, T + "reassign.ReassignPartitionsCommand", "--list"), "No partition reassignments found")
    tool(context, T + "LeaderElectionCommand", "--election-type", "preferred", "--all-topic-partitions")


@case("tools: kafka-transactions", needs=["java"])
def transactions(context):
    has(tool(context, T + "TransactionsCommand", "list"), "TransactionalId")
