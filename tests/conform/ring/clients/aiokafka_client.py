"""aiokafka."""

import asyncio
import threading

import aiokafka
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from .. import records
from ..records import Record

BOTH_NULL = False
NULL_HEADER_VALUES = True


def version():
    return aiokafka.__version__


def produce(bootstrap, topic, all_records):
    asyncio.run(_produce(bootstrap, topic, all_records))


async def _produce(bootstrap, topic, all_records):
    for codec, part in records.slices():
        p = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            compression_type=None if codec == "none" else codec,
            enable_idempotence=codec in ("gzip", "snappy"),
            linger_ms=5,
        )
        await p.start()
        try:
            sent = [
                await p.send(
                    topic,
                    value=r.value,
                    key=r.key,
                    partition=r.partition,
                    timestamp_ms=r.timestamp,
                    headers=list(r.headers),
                )
                for r in all_records[part]
            ]
            await asyncio.gather(*sent)
        finally:
            await p.stop()


def consume(bootstrap, topic):
    return asyncio.run(_consume(bootstrap, topic))


async def _consume(bootstrap, topic):
    c = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    await c.start()
    try:
        all_partitions = [TopicPartition(topic, p) for p in range(records.PARTITIONS)]
        c.assign(all_partitions)
        await c.seek_to_beginning()
        left = sum((await c.end_offsets(all_partitions)).values())
        out = []
        while len(out) < left:
            for got in (await c.getmany(timeout_ms=10_000, max_records=2000)).values():
                out.extend(Record(m.partition, m.timestamp, m.key, m.value, tuple(m.headers)) for m in got)
        return out
    finally:
        await c.stop()


class Member(ConsumerRebalanceListener):
    """A group member for `ring.member`."""

    def __init__(self, bootstrap, topic, group, options, event):
        self.arguments = (bootstrap, topic, group, options)
        self.event = event
        self.stop = threading.Event()

    async def on_partitions_revoked(self, revoked):
        self.event(event="revoked", partitions=sorted(p.partition for p in revoked))

    async def on_partitions_assigned(self, assigned):
        self.event(event="assigned", partitions=sorted(p.partition for p in assigned))

    def run(self):
        asyncio.run(self._run())

    async def _run(self):
        bootstrap, topic, group, options = self.arguments
        c = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=6000,
            heartbeat_interval_ms=1000,
            # Its own default is round-robin alone; range is what all libraries know.
            partition_assignment_strategy=(RangePartitionAssignor,),
            **options,
        )
        await c.start()
        c.subscribe([topic], listener=self)
        try:
            while not self.stop.is_set():
                got = await c.getmany(timeout_ms=100, max_records=500)
                for p, some in sorted(got.items()):
                    self.event(event="records", partition=p.partition, first=some[0].offset, count=len(some))
                if got:
                    try:
                        await c.commit({p: some[-1].offset + 1 for p, some in got.items()})
                    except aiokafka.errors.KafkaError as e:
                        self.event(event="commit failed", text=repr(e))
                self.event(event="has", partitions=sorted(p.partition for p in c.assignment()))
        finally:
            await c.stop()
