"""One producer as a process: `python -m flights.producer NAME BOOTSTRAP TOPIC OPTIONS`.

Sends its share of the flights in order, each record with a header that names the producer, and prints how many are
acknowledged. OPTIONS is JSON: idempotent, rate (records a second, 0 for no bound), sample (every so many-th row).
"""

import asyncio
import json
import sys
import time

from . import data

REPORT_EVERY = 1000


class Pace:
    """Holds a producer to a rate, so that all three are still busy when something happens to the broker."""

    def __init__(self, rate):
        self.rate, self.sent, self.started = rate, 0, time.monotonic()

    def wait_seconds(self):
        self.sent += 1
        if not self.rate or self.sent % 100:
            return 0
        return max(0, self.started + self.sent / self.rate - time.monotonic())


class Acks:
    def __init__(self):
        self.count = 0

    def one(self):
        self.count += 1
        if self.count % REPORT_EVERY == 0:
            print(json.dumps({"acked": self.count}), flush=True)


def confluent(bootstrap, topic, options):
    from confluent_kafka import Producer

    acks, pace = Acks(), Pace(options["rate"])

    def delivered(error, _message):
        if error:
            raise SystemExit(f"not delivered: {error}")
        acks.one()

    p = Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": options["idempotent"],
            "acks": "all",
            "linger.ms": 5,
            "compression.type": "lz4",
            # Java's, as the other two have it: one key, one partition, whoever sends it.
            "partitioner": "murmur2_random",
        }
    )
    for _, key, value in data.share("confluent", options["sample"]):
        while True:
            try:
                p.produce(topic, key=key, value=value, headers=[("producer", b"confluent")], on_delivery=delivered)
                break
            except BufferError:
                p.poll(0.1)
        p.poll(0)
        time.sleep(pace.wait_seconds())
    left = p.flush(120)
    assert left == 0, f"{left} records were not acknowledged"
    return acks.count


def kafka_python(bootstrap, topic, options):
    from kafka import KafkaProducer

    acks, pace = Acks(), Pace(options["rate"])
    failed = []
    p = KafkaProducer(
        bootstrap_servers=bootstrap,
        enable_idempotence=options["idempotent"],
        acks="all",
        linger_ms=5,
        compression_type="gzip",
    )
    for _, key, value in data.share("kafka-python", options["sample"]):
        sent = p.send(topic, key=key, value=value, headers=[("producer", b"kafka-python")])
        sent.add_callback(lambda _: acks.one()).add_errback(failed.append)
        time.sleep(pace.wait_seconds())
        assert not failed, failed[0]
    p.flush(120)
    p.close()
    assert not failed, failed[0]
    return acks.count


def aiokafka(bootstrap, topic, options):
    from aiokafka import AIOKafkaProducer

    async def run():
        acks, pace = Acks(), Pace(options["rate"])
        waiting = set()

        def done(future):
            waiting.discard(future)
            future.result()
            acks.one()

        p = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            enable_idempotence=options["idempotent"],
            acks="all",
            linger_ms=5,
            request_timeout_ms=60_000,
        )
        await p.start()
        for _, key, value in data.share("aiokafka", options["sample"]):
            future = await p.send(topic, key=key, value=value, headers=[("producer", b"aiokafka")])
            waiting.add(future)
            future.add_done_callback(done)
            if pause := pace.wait_seconds():
                await asyncio.sleep(pause)
        await asyncio.gather(*waiting)
        await p.stop()
        return acks.count

    return asyncio.run(run())


if __name__ == "__main__":
    name, bootstrap, topic, options = sys.argv[1:]
    send = {"confluent": confluent, "kafka-python": kafka_python, "aiokafka": aiokafka}[name]
    print(json.dumps({"acked": send(bootstrap, topic, json.loads(options)), "done": True}), flush=True)
