"""What Lipno does not do yet fails clearly and at once: the error's kind proves that no client kept retrying.

Each client gets a long time-out of its own. An endless retry would end in that time-out's error, which is another
one than what is expected here.
"""

from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from .case import case

MINUTE = 60_000


@case("refused: transactions, java", needs=["java"])
def transactions_java(context):
    properties = {"transactional.id": "refused-java", "max.block.ms": MINUTE}
    a = context.java("transaction", bootstrap=context.bootstrap, properties=properties)
    assert a["error"] == "TransactionalIdAuthorizationException", a
    context.note(f"{a['error']} after {a['ms']} ms")


@case("refused: transactions, librdkafka")
def transactions_librdkafka(context):
    p = Producer({"bootstrap.servers": context.bootstrap, "transactional.id": "refused-librdkafka"})
    try:
        p.init_transactions(60)
        raise AssertionError("transactions began")
    except KafkaException as e:
        error = e.args[0]
        assert error.name() == "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", error
        assert not error.retriable(), error
        context.note(str(error))


@case("refused: transactions, kafka-python")
def transactions_kafka_python(context):
    from kafka import KafkaProducer
    from kafka.errors import TransactionalIdAuthorizationFailedError

    context.allow_warning("Fatal Error handling request FindCoordinatorRequest", "that is the clear error")
    p = KafkaProducer(bootstrap_servers=context.bootstrap, transactional_id="refused-kafka-python", max_block_ms=MINUTE)
    try:
        p.init_transactions()
        raise AssertionError("transactions began")
    except TransactionalIdAuthorizationFailedError as e:
        context.note(repr(e))
    finally:
        p.close(timeout=5)


@case("refused: transactions, aiokafka")
def transactions_aiokafka(context):
    import asyncio

    from aiokafka import AIOKafkaProducer
    from aiokafka.errors import TransactionalIdAuthorizationFailed

    async def run():
        p = AIOKafkaProducer(bootstrap_servers=context.bootstrap, transactional_id="refused-aiokafka")
        try:
            await asyncio.wait_for(p.start(), 60)
            raise AssertionError("transactions began")
        except TransactionalIdAuthorizationFailed as e:
            context.note(repr(e))
        finally:
            await p.stop()

    asyncio.run(run())


@case("refused: group.protocol=consumer, java", needs=["java"])
def consumer_protocol_java(context):
    properties = {"group.id": "refused-848", "group.protocol": "consumer"}
    a = context.java("consumer_protocol", bootstrap=context.bootstrap, topic="refused", properties=properties)
    assert a["error"] == "UnsupportedVersionException", a
    context.note(f"{a['text']} after {a['ms']} ms")


@case("refused: group.protocol=consumer, librdkafka")
def consumer_protocol_librdkafka(context):
    from confluent_kafka import Consumer

    c = Consumer({"bootstrap.servers": context.bootstrap, "group.id": "refused-848-c", "group.protocol": "consumer"})
    c.subscribe(["refused"])
    m = c.poll(5)
    assert m is not None and m.error(), "no error, and no word of why nothing comes"
    assert m.error().fatal() and m.error().name() == "_UNSUPPORTED_FEATURE", m.error()
    context.note(str(m.error()))
    c.close()


@case("refused: config values without effect, with a message")
def config_values(context):
    admin = AdminClient({"bootstrap.servers": context.bootstrap})

    def create(name, **config):
        topic = NewTopic(name, 1, 1, config={k.replace("_", "."): v for k, v in config.items()})
        try:
            admin.create_topics([topic])[name].result(30)
        except KafkaException as e:
            return e.args[0]
        return None

    for value in (
        {"cleanup_policy": "compact"},
        {"cleanup_policy": "compact,delete"},
        {"message_timestamp_type": "LogAppendTime"},
        {"compression_type": "gzip"},
        {"message_timestamp_before_max_ms": "3600000"},
        {"min_cleanable_dirty_ratio": "0.1"},
        {"lake_mode": "single"},
        {"no_such_config": "1"},
    ):
        error = create("refused.config", **value)
        assert error and error.name() == "INVALID_CONFIG", (value, error)
        key = next(iter(value)).replace("_", ".")
        assert key in error.str(), f"the message does not name {key}: {error.str()}"
    # None of them left a topic behind.
    assert "refused.config" not in admin.list_topics(timeout=30).topics
    assert create("refused.config", lake_mode="off", write_caching="true") is None

    def alter(name, value, operation=AlterConfigOpType.SET):
        entry = ConfigEntry(name, value, incremental_operation=operation)
        resource = ConfigResource(ResourceType.TOPIC, "refused.config", incremental_configs=[entry])
        try:
            next(iter(admin.incremental_alter_configs([resource]).values())).result(30)
        except KafkaException as e:
            return e.args[0].name()
        return None

    assert alter("cleanup.policy", "compact") == "INVALID_CONFIG"
    assert alter("cleanup.policy", "compact", AlterConfigOpType.APPEND) == "INVALID_CONFIG"
    assert alter("retention.ms", "1000", AlterConfigOpType.APPEND) == "INVALID_CONFIG"
    assert alter("retention.ms", "1000") is None
    described = admin.describe_configs([ConfigResource(ResourceType.TOPIC, "refused.config")])
    values = {k: v.value for k, v in next(iter(described.values())).result(30).items()}
    assert values["cleanup.policy"] == "delete" and values["retention.ms"] == "1000", values


@case("refused: records and topics out of bounds")
def out_of_bounds(context):
    admin = AdminClient({"bootstrap.servers": context.bootstrap})
    topic = NewTopic("refused.bounds", 1, 1, config={"max.message.bytes": "2000"})
    admin.create_topics([topic])["refused.bounds"].result(30)
    errors = []
    p = Producer({"bootstrap.servers": context.bootstrap})

    def told(error, message):
        errors.append(error and error.name())

    p.produce("refused.bounds", value=b"x" * 3000, on_delivery=told)
    p.flush(60)
    p.produce("refused.bounds", value=b"x" * 100, on_delivery=told)
    p.flush(60)
    assert errors == ["MSG_SIZE_TOO_LARGE", None], errors
    for name, partitions, replicas, want in (
        ("refused/name", 1, 1, "TOPIC_EXCEPTION"),
        ("x" * 250, 1, 1, "TOPIC_EXCEPTION"),
        ("refused.zero", 0, 1, "INVALID_PARTITIONS"),
        ("refused.many", 90_000, 1, "INVALID_PARTITIONS"),
        ("refused.rf", 1, 2, "INVALID_REPLICATION_FACTOR"),
    ):
        try:
            admin.create_topics([NewTopic(name, partitions, replicas)])[name].result(30)
            raise AssertionError(f"{name} was created")
        except KafkaException as e:
            assert e.args[0].name() == want, (name, e)


@case("idempotence: four clients produce with it and nothing is there twice", needs=["java"])
def idempotent(context):
    """More than five batches in flight and small batches: the window of five is passed many times."""
    from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
    from kafka import KafkaProducer

    admin = AdminClient({"bootstrap.servers": context.bootstrap})
    admin.create_topics([NewTopic("idempotent", 1, 1)])["idempotent"].result(30)
    n = 3000
    small = {"enable.idempotence": True, "batch.num.messages": 7, "linger.ms": 1}
    p = Producer({"bootstrap.servers": context.bootstrap, **small})
    for i in range(n):
        p.produce("idempotent", value=b"confluent-%d" % i)
    assert p.flush(60) == 0
    k = KafkaProducer(bootstrap_servers=context.bootstrap, batch_size=300, linger_ms=1)
    for f in [k.send("idempotent", b"kafka-python-%d" % i) for i in range(n)]:
        f.get(60)
    k.close()
    args = ["--topic", "idempotent", "--num-records", str(n), "--record-size", "30", "--throughput", "-1"]
    context.tool(
        "org.apache.kafka.tools.ProducerPerformance", *args,
        "--bootstrap-server", context.bootstrap, "--command-property", "batch.size=300",
    )
    c = Consumer({"bootstrap.servers": context.bootstrap, "group.id": "idempotent", "enable.auto.commit": False})
    c.assign([TopicPartition("idempotent", 0, OFFSET_BEGINNING)])
    end = c.get_watermark_offsets(TopicPartition("idempotent", 0), timeout=30)[1]
    assert end == 3 * n, end
    values = []
    while len(values) < end:
        values += [m.value() for m in c.consume(1000, timeout=10)]
    c.close()
    for at, name in enumerate((b"confluent", b"kafka-python")):
        want = [b"%s-%d" % (name, i) for i in range(n)]
        assert values[at * n : (at + 1) * n] == want, f"{name.decode()}: out of order or twice"
