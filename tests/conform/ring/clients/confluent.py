"""confluent-kafka (librdkafka)."""

import threading

import confluent_kafka
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from .. import case, records
from ..records import Record

BOTH_NULL = True
NULL_HEADER_VALUES = True


def version():
    return f"{confluent_kafka.__version__} (librdkafka {confluent_kafka.libversion()[0]})"


def produce(bootstrap, topic, all_records):
    for codec, part in records.slices():
        p = Producer(
            {
                "bootstrap.servers": bootstrap,
                "compression.type": codec,
                "enable.idempotence": codec == "lz4",
                "linger.ms": 5,
                "logger": case.logger("librdkafka"),
            }
        )
        failed = []
        for r in all_records[part]:
            while True:
                try:
                    p.produce(
                        topic,
                        value=r.value,
                        key=r.key,
                        partition=r.partition,
                        timestamp=r.timestamp,
                        headers=list(r.headers),
                        on_delivery=lambda e, m: failed.append(e) if e else None,
                    )
                    break
                except BufferError:
                    p.poll(0.1)
        left = p.flush(60)
        assert left == 0 and not failed, f"{codec}: {left} unsent, errors {failed[:3]}"


def consume(bootstrap, topic):
    c = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": f"confluent-{topic}",
            "enable.auto.commit": False,
            "logger": case.logger("librdkafka"),
        }
    )
    c.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in range(records.PARTITIONS)])
    left = sum(c.get_watermark_offsets(TopicPartition(topic, p), timeout=30)[1] for p in range(records.PARTITIONS))
    out = []
    while len(out) < left:
        for m in c.consume(min(1000, left - len(out)), timeout=10):
            assert not m.error(), m.error()
            headers = tuple((k, v) for k, v in m.headers() or ())
            out.append(Record(m.partition(), m.timestamp()[1], m.key(), m.value(), headers))
    c.close()
    return out


class Member:
    """A group member for `ring.member`: joins, hands out events, commits after each poll."""

    def __init__(self, bootstrap, topic, group, options, event):
        self.event = event
        self.stop = threading.Event()
        self.consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": group,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "session.timeout.ms": 6000,
                "heartbeat.interval.ms": 1000,
                "logger": case.logger("librdkafka"),
                "error_cb": self._failed,
                **options,
            }
        )
        self.topic = topic

    def _failed(self, error):
        # As a message a fatal error has a code of its own and is not marked.
        fatal = error.fatal() or error.name() == "_FATAL"
        self.event(event="error", text=error.str(), fatal=fatal)
        return fatal

    def _named(self, name):
        def told(consumer, partitions):
            self.event(event=name, partitions=sorted(p.partition for p in partitions))

        return told

    def run(self):
        c = self.consumer
        c.subscribe(
            [self.topic],
            on_assign=self._named("assigned"),
            on_revoke=self._named("revoked"),
            on_lost=self._named("lost"),
        )
        while not self.stop.is_set():
            got = {}
            for m in c.consume(500, timeout=0.1):
                if m.error():
                    if self._failed(m.error()):
                        return
                    continue
                got.setdefault(m.partition(), []).append(m.offset())
            for p, offsets in sorted(got.items()):
                self.event(event="records", partition=p, first=offsets[0], count=len(offsets))
            if got:
                c.commit(
                    offsets=[TopicPartition(self.topic, p, o[-1] + 1) for p, o in got.items()], asynchronous=False
                )
            self.event(event="has", partitions=sorted(p.partition for p in c.assignment()))
        c.close()
