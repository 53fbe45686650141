#!/usr/bin/env python3
"""Records golden frames: real clients talk to a running broker through a proxy that keeps what both sides sent.

    python tests/golden/record.py --broker target/debug/lipno --client kafka-python
    python tests/golden/record.py --broker target/debug/lipno --client java --run-class PATH

One run starts the broker on an empty folder, sends one client's calls (see `calls_*` below) through the proxy and
writes tests/golden/wire/<client>/<api>_v<N>[-<codec>]_{request,response}.hex: a comment line with client and version, then
the whole frame (length included) in hex, 32 bytes a line. Of several exchanges of one (api, version) the largest
under 3,000 bytes is kept. --client is one of librdkafka, kafka-python, aiokafka, java. Java needs Kafka's tools: a
program PATH that takes a class name and its arguments. Needs confluent-kafka, kafka-python and aiokafka.

A frame that holds the path of the data folder is refused, so that no path of this machine is kept.
"""
import argparse, asyncio, os, socket, struct, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
LARGEST = 3000
NAMES = {
    0: "produce", 1: "fetch", 2: "list_offsets", 3: "metadata", 8: "offset_commit", 9: "offset_fetch",
    10: "find_coordinator", 11: "join_group", 12: "heartbeat", 13: "leave_group", 14: "sync_group",
    15: "describe_groups", 16: "list_groups", 18: "api_versions", 19: "create_topics", 20: "delete_topics",
    21: "delete_records", 22: "init_producer_id", 23: "offset_for_leader_epoch", 32: "describe_configs",
    37: "create_partitions", 42: "delete_groups", 44: "incremental_alter_configs", 55: "describe_quorum",
    60: "describe_cluster", 75: "describe_topic_partitions",
}


def read_exactly(sock, n):
    out = b""
    while len(out) < n:
        part = sock.recv(min(n - len(out), 1 << 16))
        if not part:
            return None
        out += part
    return out


def read_frame(sock):
    head = read_exactly(sock, 4)
    if head is None:
        return None
    body = read_exactly(sock, struct.unpack(">i", head)[0])
    return None if body is None else head + body


class Proxy:
    """Forwards every connection to the broker and notes each request with its answer, by correlation id."""

    def __init__(self, broker_port):
        self.broker_port, self.seen, self.lock, self.codec = broker_port, {}, threading.Lock(), "none"
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            broker = socket.create_connection(("127.0.0.1", self.broker_port))
            waiting = {}
            threading.Thread(target=self.pump, args=(client, broker, waiting, True), daemon=True).start()
            threading.Thread(target=self.pump, args=(broker, client, waiting, False), daemon=True).start()

    def pump(self, source, sink, waiting, is_request):
        try:
            while (frame := read_frame(source)) is not None:
                if is_request:
                    key, version, correlation = struct.unpack(">hhi", frame[4:12])
                    waiting[correlation] = (key, version, frame)
                else:
                    (correlation,) = struct.unpack(">i", frame[4:8])
                    if correlation in waiting:
                        self.note(*waiting.pop(correlation), frame)
                sink.sendall(frame)
        except OSError:
            pass
        finally:
            for s in (source, sink):
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def note(self, key, version, request, response):
        if max(len(request), len(response)) > LARGEST:
            return
        with self.lock:
            at = (key, version, f"-{self.codec}" if key == 0 else "")
            old = self.seen.get(at)
            if old is None or len(request) + len(response) > len(old[0]) + len(old[1]):
                self.seen[at] = (request, response)


def write(path, comment, frame):
    with open(path, "w") as f:
        f.write(f"# {comment}\n")
        text = frame.hex()
        for i in range(0, len(text), 64):
            f.write(text[i : i + 64] + "\n")


def calls_librdkafka(address, topic, proxy):
    import confluent_kafka as ck
    from confluent_kafka import admin as a

    version = f"librdkafka {ck.libversion()[0]} (confluent-kafka {ck.version()})"
    adm = a.AdminClient({"bootstrap.servers": address})
    adm.create_topics([a.NewTopic(topic, 2, 1, config={"retention.ms": "86400000"})])[topic].result(10)
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        proxy.codec = codec
        p = ck.Producer({"bootstrap.servers": address, "enable.idempotence": True, "compression.type": codec})
        for i in range(4):
            p.produce(topic, key=f"k{i}", value=b"v" * 40, partition=i % 2, headers=[("h", b"x"), ("n", None)])
        assert p.flush(10) == 0
    c = ck.Consumer({"bootstrap.servers": address, "group.id": "g-rd", "auto.offset.reset": "earliest",
                     "session.timeout.ms": 6000, "heartbeat.interval.ms": 300})
    c.subscribe([topic])
    got, until = 0, time.time() + 20
    while got < 20 and time.time() < until:
        m = c.poll(0.5)
        got += m is not None and m.error() is None
    assert got == 20, got
    c.commit(asynchronous=False)
    c.committed([ck.TopicPartition(topic, 0)], timeout=5)
    c.offsets_for_times([ck.TopicPartition(topic, 0, 1)], timeout=5)
    time.sleep(1)
    adm.list_consumer_groups().result(10)
    adm.describe_consumer_groups(["g-rd"])["g-rd"].result(10)
    c.close()
    adm.list_consumer_group_offsets([ck.ConsumerGroupTopicPartitions("g-rd")])["g-rd"].result(10)
    adm.list_topics(timeout=5)
    adm.describe_topics(ck.TopicCollection([topic]))[topic].result(10)
    adm.describe_cluster().result(10)
    r = a.ConfigResource(a.ResourceType.TOPIC, topic)
    adm.describe_configs([r])[r].result(10)
    r = a.ConfigResource(a.ResourceType.TOPIC, topic, incremental_configs=[
        a.ConfigEntry("retention.ms", "3600000", incremental_operation=a.AlterConfigOpType.SET)])
    adm.incremental_alter_configs([r])[r].result(10)
    adm.list_offsets({ck.TopicPartition(topic, 0): a.OffsetSpec.latest()})
    adm.create_partitions([a.NewPartitions(topic, 3)])[topic].result(10)
    for f in adm.delete_records([ck.TopicPartition(topic, 0, 1)]).values():
        f.result(10)
    adm.delete_consumer_groups(["g-rd"])["g-rd"].result(10)
    adm.delete_topics([topic])[topic].result(10)
    return version


def calls_kafka_python(address, topic, proxy, api_version=None):
    import kafka
    from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic

    more = {"api_version": api_version} if api_version else {}
    adm = kafka.KafkaAdminClient(bootstrap_servers=address, **more)
    adm.create_topics([NewTopic(name=topic, num_partitions=2, replication_factor=1)])
    for codec in (None, "gzip", "lz4", "snappy"):
        proxy.codec = codec or "none"
        p = kafka.KafkaProducer(bootstrap_servers=address, compression_type=codec, **more)
        for i in range(4):
            p.send(topic, key=b"k%d" % i, value=b"v" * 40, partition=i % 2, headers=[("h", b"x")])
        p.flush(10)
        p.close()
    c = kafka.KafkaConsumer(topic, bootstrap_servers=address, group_id="g-kp", auto_offset_reset="earliest",
                            session_timeout_ms=6000, heartbeat_interval_ms=300, consumer_timeout_ms=4000, **more)
    assert sum(1 for _ in c) == 16
    c.commit()
    tp = kafka.TopicPartition(topic, 0)
    c.offsets_for_times({tp: 1})
    c.end_offsets([tp])
    for call in (lambda: adm.list_groups(), lambda: adm.describe_groups(["g-kp"]),
                 lambda: adm.list_group_offsets(["g-kp"])):
        attempt(call)
    c.committed(tp)
    c.close()
    for call in (
        lambda: adm.list_topics(), lambda: adm.describe_topics([topic]), lambda: adm.describe_cluster(),
        lambda: adm.describe_topic_partitions([topic]), lambda: adm.describe_metadata_quorum(),
        lambda: adm.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)]),
        lambda: adm.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "3600000"})]),
        lambda: adm.create_partitions({topic: NewPartitions(3)}), lambda: adm.delete_records({tp: 1}),
        lambda: adm.delete_groups(["g-kp"]), lambda: adm.delete_topics([topic]),
    ):
        attempt(call)
    adm.close()
    return f"kafka-python {kafka.__version__}"


def attempt(call):
    """Not every version of every client has every call; what was sent before the error is kept."""
    try:
        call()
    except Exception as e:
        print("  not taken:", type(e).__name__, str(e)[:100])


def calls_aiokafka(address, topic, proxy):
    import aiokafka
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic

    async def go():
        adm = AIOKafkaAdminClient(bootstrap_servers=address)
        await adm.start()
        await adm.create_topics([NewTopic(topic, 2, 1)])
        for codec in (None, "gzip", "snappy", "lz4", "zstd"):
            proxy.codec = codec or "none"
            try:
                p = aiokafka.AIOKafkaProducer(bootstrap_servers=address, enable_idempotence=True,
                                              compression_type=codec)
            except RuntimeError as e:
                print("  not taken:", e)
                continue
            await p.start()
            for i in range(4):
                await p.send(topic, key=b"k", value=b"v" * 40, partition=i % 2, headers=[("h", b"x")])
            await p.flush()
            await p.stop()
        c = aiokafka.AIOKafkaConsumer(topic, bootstrap_servers=address, group_id="g-aio", session_timeout_ms=6000,
                                      auto_offset_reset="earliest", heartbeat_interval_ms=300)
        await c.start()
        await c.getmany(timeout_ms=3000)
        await c.commit()
        tp = aiokafka.TopicPartition(topic, 0)
        await c.offsets_for_times({tp: 1})
        await c.committed(tp)
        await asyncio.sleep(1)
        for call in (adm.list_consumer_groups(), adm.describe_consumer_groups(["g-aio"]),
                     adm.list_consumer_group_offsets("g-aio"), adm.list_topics(), adm.describe_topics([topic]),
                     adm.describe_cluster()):
            try:
                await call
            except Exception as e:
                print("  not taken:", type(e).__name__, str(e)[:100])
        await c.stop()
        await adm.delete_topics([topic])
        await adm.close()

    asyncio.run(go())
    return f"aiokafka {aiokafka.__version__}"


def calls_java(address, topic, proxy, run_class):
    def tool(name, *args, stdin=None):
        cls = name if name.startswith("kafka.") else f"org.apache.kafka.tools.{name}"
        at = ["--bootstrap-server", address]
        r = subprocess.run([run_class, cls, *at, *args], input=stdin, capture_output=True, text=True, timeout=90)
        if r.returncode != 0:
            print(f"  {name} {args}: rc {r.returncode}: {(r.stdout + r.stderr)[-300:]}")
        return r.stdout

    topics, groups = "TopicCommand", "consumer.group.ConsumerGroupCommand"
    tool(topics, "--create", "--topic", topic, "--partitions", "2", "--config", "retention.ms=86400000")
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        proxy.codec = codec
        lines = "".join(f"h:x\tk{i}\tvalue {i}\n" for i in range(4))
        tool("ConsoleProducer", "--topic", topic, "--compression-codec", codec, "--property", "parse.key=true",
             "--property", "parse.headers=true", stdin=lines)
    proxy.codec = "none"
    for extra in (["--from-beginning"], []):
        tool("consumer.ConsoleConsumer", "--topic", topic, "--group", "g-j", "--timeout-ms", "5000",
             "--consumer-property", "heartbeat.interval.ms=500", *extra)
        tool("ConsoleProducer", "--topic", topic, stdin="a\nb\n")
    reader = subprocess.Popen([run_class, "org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server",
                               address, "--topic", topic, "--group", "g-j"], stdout=subprocess.DEVNULL)
    time.sleep(5)
    tool(groups, "--list")
    tool(groups, "--describe", "--group", "g-j", "--members")
    reader.terminate()
    reader.wait()
    tool(groups, "--describe", "--group", "g-j")
    tool(groups, "--reset-offsets", "--group", "g-j", "--topic", topic, "--to-earliest", "--execute")
    tool(topics, "--describe", "--topic", topic)
    tool(topics, "--list")
    tool(topics, "--alter", "--topic", topic, "--partitions", "3")
    configs = "kafka.admin.ConfigCommand"
    tool(configs, "--entity-type", "topics", "--entity-name", topic, "--alter", "--add-config", "retention.ms=3600000")
    tool(configs, "--entity-type", "topics", "--entity-name", topic, "--describe", "--all")
    tool("GetOffsetShell", "--topic", topic)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
        f.write('{"partitions":[{"topic":"%s","partition":0,"offset":1}],"version":1}' % topic)
        f.flush()
        tool("DeleteRecordsCommand", "--offset-json-file", f.name)
    tool("MetadataQuorumCommand", "describe", "--status")
    tool(groups, "--delete", "--group", "g-j")
    tool(topics, "--delete", "--topic", topic)
    jars = os.environ.get("KAFKA_TOOLS_VERSION", "4.3.1")
    return f"Apache Kafka {jars} (Java clients and tools)"


def start_broker(path, folder, port):
    log = open(os.path.join(folder, "broker.log"), "w")
    proxy = Proxy(port)
    sets = [f"listeners=PLAINTEXT://127.0.0.1:{port}", f"advertised.listeners=PLAINTEXT://127.0.0.1:{proxy.port}",
            "http.listeners=127.0.0.1:0", "num.partitions=2", "offsets.topic.num.partitions=4", "lake.mode=off"]
    args = [os.path.abspath(path), "--data-dir", "data"] + [x for s in sets for x in ("--set", s)]
    broker = subprocess.Popen(args, cwd=folder, stdout=log, stderr=log)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return broker, proxy
        except OSError:
            time.sleep(0.05)
    broker.kill()
    sys.exit(open(log.name).read())


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--broker", required=True)
    p.add_argument("--client", required=True, choices=["librdkafka", "kafka-python", "aiokafka", "java"])
    p.add_argument("--api-version", help="kafka-python only: act as for this broker version, e.g. 1.0")
    p.add_argument("--run-class")
    p.add_argument("--out", default=os.path.join(HERE, "wire"))
    a = p.parse_args()
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = s.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        broker, proxy = start_broker(a.broker, folder, port)
        address, name = f"127.0.0.1:{proxy.port}", a.client
        try:
            if a.client == "librdkafka":
                version = calls_librdkafka(address, "golden", proxy)
            elif a.client == "kafka-python":
                asked = tuple(int(x) for x in a.api_version.split(".")) if a.api_version else None
                version = calls_kafka_python(address, "golden", proxy, asked)
                if asked:
                    name, version = f"kafka-python-as-{a.api_version}", f"{version}, api_version={asked}"
            elif a.client == "aiokafka":
                version = calls_aiokafka(address, "golden", proxy)
            else:
                version = calls_java(address, "golden", proxy, a.run_class)
            time.sleep(0.3)
        finally:
            broker.terminate()
            broker.wait(10)
        out = os.path.join(a.out, name)
        os.makedirs(out, exist_ok=True)
        for (key, v, variant), pair in sorted(proxy.seen.items()):
            for what, frame in zip(("request", "response"), pair):
                assert folder.encode() not in frame, f"{NAMES[key]} v{v} holds a path"
                write(os.path.join(out, f"{NAMES[key]}_v{v}{variant}_{what}.hex"), version, frame)
        print(f"{name}: {version}: " + ", ".join(f"{NAMES[k]} v{v}{c}" for k, v, c in sorted(proxy.seen)))


if __name__ == "__main__":
    main()
