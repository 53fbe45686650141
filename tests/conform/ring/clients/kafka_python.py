"""kafka-python."""

import threading

import kafka
from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from .. import records
from ..records import Record

# Its interface refuses a record with neither key nor value.
BOTH_NULL = False
# Its interface refuses a header value of None.
NULL_HEADER_VALUES = False


def version():
    return kafka.__version__


def produce(bootstrap, topic, all_records):
    for codec, part in records.slices():
        p = KafkaProducer(
            bootstrap_servers=bootstrap,
            compression_type=None if codec == "none" else codec,
            enable_idempotence=codec in ("none", "zstd"),
            linger_ms=5,
        )
        sent = [
            p.send(
                topic,
                value=r.value,
                key=r.key,
                partition=r.partition,
                timestamp_ms=r.timestamp,
                headers=list(r.headers),
            )
            for r in all_records[part]
        ]
        p.flush(60)
        for f in sent:
            f.get(60)
        p.close()


def consume(bootstrap, topic):
    c = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    all_partitions = [TopicPartition(topic, p) for p in range(records.PARTITIONS)]
    c.assign(all_partitions)
    c.seek_to_beginning()
    left = sum(c.end_offsets(all_partitions).values())
    out = []
    while len(out) < left:
        for got in c.poll(10_000, max_records=2000).values():
            out.extend(Record(m.partition, m.timestamp, m.key, m.value, tuple(m.headers)) for m in got)
    c.close()
    return out


class Member(ConsumerRebalanceListener):
    """A group member for `ring.member`."""

    def __init__(self, bootstrap, topic, group, options, event):
        self.event = event
        self.stop = threading.Event()
        self.topic = topic
        self.consumer = KafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=6000,
            heartbeat_interval_ms=1000,
            **options,
        )

    def on_partitions_revoked(self, revoked):
        self.event(event="revoked", partitions=sorted(p.partition for p in revoked))

    def on_partitions_assigned(self, assigned):
        self.event(event="assigned", partitions=sorted(p.partition for p in assigned))

    def on_partitions_lost(self, lost):
        self.event(event="lost", partitions=sorted(p.partition for p in lost))

    def run(self):
        c = self.consumer
        c.subscribe([self.topic], listener=self)
        # kafka-python 3.0.12 joins at once, and a second time when its metadata has come; if a poll's time-out ends in
        # that second join, its assignment is lost and the group is stuck. With the metadata first there is one join.
        while not c._coordinator._metadata_snapshot:
            self.stop.wait(0.01)
        while not self.stop.is_set():
            got = c.poll(100)
            for p, some in sorted(got.items()):
                self.event(event="records", partition=p.partition, first=some[0].offset, count=len(some))
            if got:
                try:
                    c.commit({p: OffsetAndMetadata(some[-1].offset + 1, "", -1) for p, some in got.items()})
                except kafka.errors.CommitFailedError as e:
                    # A rebalance came between: whoever has the partition now reads these again.
                    self.event(event="commit failed", text=str(e))
            self.event(event="has", partitions=sorted(p.partition for p in c.assignment()))
        c.close()
