"""One member of the consumer group as a process: `python -m flights.consumer NAME BOOTSTRAP TOPIC GROUP`.

Prints each run of records that it got and then commits it: at least once, as Kafka's consumers work. A closed
standard input makes it leave the group. A broker that is away is waited for.
"""

import asyncio
import json
import sys
import threading

LEAVE = threading.Event()


def got(partition, first, count):
    print(json.dumps({"partition": partition, "first": first, "count": count}), flush=True)


def note(text):
    print(json.dumps({"note": str(text)}), flush=True)


def confluent(bootstrap, topic, group):
    from confluent_kafka import Consumer, KafkaException, TopicPartition

    c = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 1000,
            "partition.assignment.strategy": "range",
        }
    )
    c.subscribe([topic])
    while not LEAVE.is_set():
        runs = {}
        for m in c.consume(2000, timeout=0.2):
            if m.error():
                note(m.error())
                continue
            runs.setdefault(m.partition(), []).append(m.offset())
        for partition, offsets in runs.items():
            got(partition, offsets[0], len(offsets))
        if runs:
            try:
                c.commit(offsets=[TopicPartition(topic, p, o[-1] + 1) for p, o in runs.items()], asynchronous=False)
            except KafkaException as e:
                note(e)
    c.close()


def kafka_python(bootstrap, topic, group):
    from kafka import KafkaConsumer
    from kafka.coordinator.assignors.range import RangePartitionAssignor
    from kafka.errors import KafkaError
    from kafka.structs import OffsetAndMetadata

    c = KafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=6000,
        heartbeat_interval_ms=1000,
        partition_assignment_strategy=(RangePartitionAssignor,),
    )
    c.subscribe([topic])
    # kafka-python 3.0.12 joins at once, and a second time when its metadata has come; if a poll's time-out ends in that
    # second join, its assignment is lost. With the metadata first there is one join.
    while not c._coordinator._metadata_snapshot:
        LEAVE.wait(0.01)
    while not LEAVE.is_set():
        try:
            runs = c.poll(200, max_records=2000)
            for p, records in runs.items():
                got(p.partition, records[0].offset, len(records))
            if runs:
                c.commit({p: OffsetAndMetadata(r[-1].offset + 1, "", -1) for p, r in runs.items()})
        except KafkaError as e:
            note(repr(e))
            LEAVE.wait(0.1)
    c.close()


def aiokafka(bootstrap, topic, group):
    from aiokafka import AIOKafkaConsumer
    from aiokafka.coordinator.assignors.range import RangePartitionAssignor
    from aiokafka.errors import KafkaError

    def member():
        return AIOKafkaConsumer(
            topic,
            bootstrap_servers=bootstrap,
            group_id=group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=6000,
            heartbeat_interval_ms=1000,
            partition_assignment_strategy=(RangePartitionAssignor,),
        )

    async def run():
        # The other two wait for a broker by themselves; aiokafka's first connection must succeed.
        while not LEAVE.is_set():
            c = member()
            try:
                await c.start()
                break
            except KafkaError as e:
                note(repr(e))
                await c.stop()
                await asyncio.sleep(0.5)
        else:
            return
        while not LEAVE.is_set():
            runs = await c.getmany(timeout_ms=200, max_records=2000)
            for p, records in runs.items():
                got(p.partition, records[0].offset, len(records))
            if runs:
                try:
                    await c.commit({p: r[-1].offset + 1 for p, r in runs.items()})
                except KafkaError as e:
                    note(repr(e))
        await c.stop()

    asyncio.run(run())


def wait_for_end():
    sys.stdin.read()
    LEAVE.set()


if __name__ == "__main__":
    name, *rest = sys.argv[1:]
    threading.Thread(target=wait_for_end, daemon=True).start()
    {"confluent": confluent, "kafka-python": kafka_python, "aiokafka": aiokafka}[name](*rest)
