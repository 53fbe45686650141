"""Each client produces 10,000 records, and each reads what every client produced: bytes, keys, headers, order.

Five codecs, null and empty keys and values, duplicate headers, binary, timestamps. The producing cases also read
their own back; the reading cases wait for the others' topics.
"""

from pathlib import Path

from . import records
from .broker import wait_for
from .case import case
from .clients import aiokafka_client, confluent, kafka_python, kcat

PYTHON = {"confluent-kafka": confluent, "kafka-python": kafka_python, "aiokafka": aiokafka_client}
SEED = {"confluent-kafka": 1, "kafka-python": 2, "aiokafka": 3, "java": 4, "kcat": 5}


def topic(client):
    return f"corpus-{client}"


def create(context, name, partitions):
    from confluent_kafka.admin import AdminClient, NewTopic

    admin = AdminClient({"bootstrap.servers": context.bootstrap})
    for f in admin.create_topics([NewTopic(name, partitions, 1)]).values():
        f.result(30)


def tells(client):
    """Tells the reading cases how producing a topic ended."""

    def around(produce):
        def run(context):
            marker = context.work.parent / f"{topic(client)}.told"
            word = "failed"
            try:
                produce(context)
                word = "complete"
            finally:
                marker.with_suffix(".part").write_text(word)
                marker.with_suffix(".part").rename(marker)

        return run

    return around


def sent_by(client):
    """The records that a client's producing case sends."""
    if client == "kcat":
        return [r for _, _, rows in kcat.corpus(SEED["kcat"]) for r in rows]
    m = PYTHON.get(client)
    flags = {"both_null": m.BOTH_NULL, "null_header_values": m.NULL_HEADER_VALUES} if m else {}
    return records.corpus(SEED[client], **flags)


def without_time(client, rows):
    return [r._replace(timestamp=0) for r in rows] if client == "kcat" else rows


def produce_python(client):
    @tells(client)
    def run(context):
        module = PYTHON[client]
        context.version(f"{client} {module.version()}")
        create(context, topic(client), records.PARTITIONS)
        sent = sent_by(client)
        module.produce(context.bootstrap, topic(client), sent)
        difference = records.differences(sent, module.consume(context.bootstrap, topic(client)))
        assert not difference, difference

    return run


def wait_for_topic(context, client):
    marker = context.work.parent / f"{topic(client)}.told"
    wait_for(f"the end of producing {topic(client)}", marker.exists)
    assert marker.read_text() == "complete", f"{topic(client)} could not be produced"


for _client in PYTHON:
    case(f"produce: {_client}")(produce_python(_client))


@case("produce: java", needs=["java"])
@tells("java")
def produce_java(context):
    context.version(f"kafka-clients {context.java('version')['version']}")
    create(context, topic("java"), records.PARTITIONS)
    sent = sent_by("java")
    for codec, part in records.slices():
        path = context.work / f"{codec}.bin"
        records.save(path, sent[part])
        properties = {"compression.type": codec, "linger.ms": 5, "enable.idempotence": codec != "zstd"}
        context.java(
            "produce", bootstrap=context.bootstrap, topic=topic("java"), file=str(path), properties=properties
        )
    got = read_java(context, topic("java"), {})
    difference = records.differences(sent, got)
    assert not difference, difference


@case("produce: kcat", needs=["kcat"])
@tells("kcat")
def produce_kcat(context):
    context.version(kcat.version())
    create(context, topic("kcat"), records.PARTITIONS)
    kcat.produce(context.bootstrap, topic("kcat"), kcat.corpus(SEED["kcat"]))
    compare_kcat(context, "kcat")


def read_java(context, name, properties):
    path = context.work / f"{name}.bin"
    context.java("consume", bootstrap=context.bootstrap, topic=name, file=str(path), properties=properties)
    got = records.load(path)
    Path(path).unlink()
    return got


def compare_kcat(context, client):
    sent = without_time(client, sent_by(client))
    form = kcat.FORMAT.replace("%T", "0") if client == "kcat" else kcat.FORMAT
    for p, rows in records.by_partition(sent).items():
        want = b"".join(kcat.shown(o, r) for o, r in enumerate(rows))
        got = kcat.consume(context.bootstrap, topic(client), p, form)
        if got != want:
            at = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), min(len(got), len(want)))
            raise AssertionError(
                f"{topic(client)}-{p}: {len(got)} bytes instead of {len(want)}, they part at {at}: "
                f"{got[max(0, at - 60) : at + 60]!r} instead of {want[max(0, at - 60) : at + 60]!r}"
            )


def produced(context):
    """Clients whose topics this run has."""
    here = list(PYTHON) + (["java"] if context.java_port else [])
    return here + (["kcat"] if context.values["kcat"] else [])


def consume_with(read):
    def run(context):
        others = produced(context)
        for client in others:
            wait_for_topic(context, client)
            difference = records.differences(
                without_time(client, sent_by(client)), without_time(client, read(context, topic(client)))
            )
            assert not difference, f"{topic(client)}: {difference}"
        context.note(f"{len(others) * records.COUNT:,} records of {len(others)} clients")

    return run


for _client in PYTHON:
    case(f"consume: {_client} reads every client's", corpora=True)(
        consume_with(lambda context, name, c=_client: PYTHON[c].consume(context.bootstrap, name))
    )


@case("consume: java reads every client's", needs=["java"], corpora=True)
def consume_java(context):
    consume_with(lambda c, name: read_java(c, name, {}))(context)


@case("consume: java, read_committed and small fetches", needs=["java"], corpora=True)
def consume_java_small(context):
    small = {
        "isolation.level": "read_committed",
        "max.partition.fetch.bytes": 1000,
        "fetch.max.bytes": 3000,
        "max.poll.records": 100,
    }
    wait_for_topic(context, "java")
    difference = records.differences(sent_by("java"), read_java(context, topic("java"), small))
    assert not difference, difference


@case("consume: kcat reads every client's", needs=["kcat"], corpora=True)
def consume_kcat(context):
    for client in produced(context):
        wait_for_topic(context, client)
        compare_kcat(context, client)


@case("large: records of a megabyte, in five codecs")
def large_records(context):
    """Random bytes do not compress: each batch is as large as its record, and larger than a fetch asks for."""
    import random

    from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
    from confluent_kafka.admin import AdminClient, NewTopic
    from kafka import KafkaConsumer
    from kafka import TopicPartition as KafkaPythonPartition

    admin = AdminClient({"bootstrap.servers": context.bootstrap})
    topic = NewTopic("corpus-large", 1, 1, config={"max.message.bytes": "6000000"})
    admin.create_topics([topic])["corpus-large"].result(30)
    r = random.Random(9)
    sent = [r.randbytes(n) for n in (1_000_000, 5_000_000, 10, 3_000_000)]
    for codec in records.CODECS:
        p = Producer(
            {"bootstrap.servers": context.bootstrap, "compression.type": codec, "message.max.bytes": 10_000_000}
        )
        failed = []
        for value in sent:
            p.produce("corpus-large", value=value, on_delivery=lambda e, _: failed.append(e) if e else None)
        assert p.flush(60) == 0 and not failed, failed
    want = sent * len(records.CODECS)
    # At least one batch comes whatever the limits are: both clients ask for less than a record.
    c = Consumer({"bootstrap.servers": context.bootstrap, "group.id": "large", "max.partition.fetch.bytes": 100_000,
                  "fetch.max.bytes": 10_000_000, "enable.auto.commit": False})
    c.assign([TopicPartition("corpus-large", 0, OFFSET_BEGINNING)])
    got = [m.value() for m in c.consume(len(want), timeout=60)]
    c.close()
    assert got == want, "confluent-kafka"
    k = KafkaConsumer(
        bootstrap_servers=context.bootstrap,
        enable_auto_commit=False,
        max_partition_fetch_bytes=1000,
        fetch_max_bytes=2000,
    )
    k.assign([KafkaPythonPartition("corpus-large", 0)])
    k.seek_to_beginning()
    got = []
    while len(got) < len(want):
        got += [m.value for some in k.poll(10_000).values() for m in some]
    k.close()
    assert got == want, "kafka-python"


@case("topics: one is deleted and made again under its producer")
def made_again(context):
    """New topic id, new log: a client goes on without a restart, and sees nothing of the old records."""
    from confluent_kafka import Consumer, Producer
    from confluent_kafka.admin import AdminClient, NewTopic

    name = "corpus-again"
    admin = AdminClient({"bootstrap.servers": context.bootstrap})
    admin.create_topics([NewTopic(name, 1, 1)])[name].result(30)
    p = Producer({"bootstrap.servers": context.bootstrap, "topic.metadata.refresh.interval.ms": 500})
    for i in range(10):
        p.produce(name, value=b"old-%d" % i)
    assert p.flush(30) == 0
    admin.delete_topics([name])[name].result(30)
    assert name not in admin.list_topics(timeout=30).topics
    admin.create_topics([NewTopic(name, 1, 1)])[name].result(30)
    failed = []
    for i in range(10):
        p.produce(name, value=b"new-%d" % i, on_delivery=lambda e, _: failed.append(e) if e else None)
    assert p.flush(60) == 0 and not failed, failed
    c = Consumer({"bootstrap.servers": context.bootstrap, "group.id": "again", "auto.offset.reset": "earliest"})
    c.subscribe([name])
    got = [m.value() for m in c.consume(10, timeout=30)]
    c.close()
    assert got == [b"new-%d" % i for i in range(10)], got
