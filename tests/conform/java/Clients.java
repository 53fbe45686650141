// What the ring asks of Kafka's Java clients: produce and consume a corpus, group members, and calls that must fail.

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

final class Clients {
    private static final Map<String, Member> MEMBERS = new ConcurrentHashMap<>();

    private Clients() { }

    static Map<String, Object> run(String op, Map<String, Object> q) throws Exception {
        switch (op) {
            case "produce": return produce(q);
            case "consume": return consume(q);
            case "offsets_for_time": return offsetsForTime(q);
            case "transaction": return failing(() -> transaction(q));
            case "remove_members": return removeMembers(q);
            case "consumer_protocol": return failing(() -> consumerProtocol(q));
            case "member.start": return startMember(q);
            case "member.events": return member(q).drain();
            case "member.stop": return stopMember(q);
            default: throw new IllegalArgumentException("no such op: " + op);
        }
    }

    private static Properties properties(Map<String, Object> q) {
        Properties p = new Properties();
        p.put("bootstrap.servers", q.get("bootstrap"));
        p.put("key.serializer", ByteArraySerializer.class.getName());
        p.put("value.serializer", ByteArraySerializer.class.getName());
        p.put("key.deserializer", ByteArrayDeserializer.class.getName());
        p.put("value.deserializer", ByteArrayDeserializer.class.getName());
        if (q.get("properties") instanceof Map<?, ?> more) more.forEach((k, v) -> p.put(k, String.valueOf(v)));
        return p;
    }

    // The corpus on disk: see records.py, which reads and writes the same form.

    private static byte[] bytes(DataInputStream in) throws IOException {
        int n = in.readInt();
        return n < 0 ? null : in.readNBytes(n);
    }

    private static void bytes(DataOutputStream out, byte[] b) throws IOException {
        out.writeInt(b == null ? -1 : b.length);
        if (b != null) out.write(b);
    }

    private static List<ProducerRecord<byte[], byte[]>> read(Path file, String topic) throws IOException {
        List<ProducerRecord<byte[], byte[]>> all = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            while (true) {
                int partition;
                try {
                    partition = in.readInt();
                } catch (EOFException e) {
                    return all;
                }
                long timestamp = in.readLong();
                byte[] key = bytes(in);
                byte[] value = bytes(in);
                List<Header> headers = new ArrayList<>();
                for (int n = in.readInt(); n > 0; n--) {
                    String name = new String(bytes(in), StandardCharsets.UTF_8);
                    headers.add(new RecordHeader(name, bytes(in)));
                }
                all.add(new ProducerRecord<>(topic, partition, timestamp, key, value, headers));
            }
        }
    }

    private static void write(DataOutputStream out, ConsumerRecord<byte[], byte[]> r) throws IOException {
        out.writeInt(r.partition());
        out.writeLong(r.timestamp());
        bytes(out, r.key());
        bytes(out, r.value());
        Header[] headers = r.headers().toArray();
        out.writeInt(headers.length);
        for (Header h : headers) {
            bytes(out, h.key().getBytes(StandardCharsets.UTF_8));
            bytes(out, h.value());
        }
    }

    private static Map<String, Object> produce(Map<String, Object> q) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> p = new KafkaProducer<>(properties(q))) {
            for (ProducerRecord<byte[], byte[]> r : read(Path.of((String) q.get("file")), (String) q.get("topic"))) {
                sent.add(p.send(r));
            }
            p.flush();
            for (Future<RecordMetadata> f : sent) f.get();
        }
        return Map.of("sent", sent.size());
    }

    private static List<TopicPartition> partitions(KafkaConsumer<?, ?> c, String topic) {
        List<TopicPartition> all = new ArrayList<>();
        c.partitionsFor(topic).forEach(p -> all.add(new TopicPartition(topic, p.partition())));
        return all;
    }

    /** Reads whole partitions, from their beginning to the end that they had at the start. */
    private static Map<String, Object> consume(Map<String, Object> q) throws Exception {
        int count = 0;
        try (KafkaConsumer<byte[], byte[]> c = new KafkaConsumer<>(properties(q));
             DataOutputStream out = new DataOutputStream(
                 new BufferedOutputStream(Files.newOutputStream(Path.of((String) q.get("file")))))) {
            List<TopicPartition> all = partitions(c, (String) q.get("topic"));
            c.assign(all);
            c.seekToBeginning(all);
            Map<TopicPartition, Long> ends = c.endOffsets(all);
            while (all.stream().anyMatch(p -> c.position(p) < ends.get(p))) {
                for (ConsumerRecord<byte[], byte[]> r : c.poll(Duration.ofSeconds(1))) {
                    write(out, r);
                    count++;
                }
            }
        }
        return Map.of("count", count);
    }

    private static Map<String, Object> offsetsForTime(Map<String, Object> q) {
        try (KafkaConsumer<byte[], byte[]> c = new KafkaConsumer<>(properties(q))) {
            long time = ((Number) q.get("time")).longValue();
            Map<TopicPartition, Long> wanted = new HashMap<>();
            partitions(c, (String) q.get("topic")).forEach(p -> wanted.put(p, time));
            Map<String, Object> found = new LinkedHashMap<>();
            for (Map.Entry<TopicPartition, OffsetAndTimestamp> e : c.offsetsForTimes(wanted).entrySet()) {
                found.put(String.valueOf(e.getKey().partition()), e.getValue() == null ? -1L : e.getValue().offset());
            }
            return found;
        }
    }

    /** What an administrator does with static members that will not come back. */
    private static Map<String, Object> removeMembers(Map<String, Object> q) throws Exception {
        try (Admin admin = Admin.create(properties(q))) {
            List<MemberToRemove> members = new ArrayList<>();
            for (Object id : (List<?>) q.get("instances")) members.add(new MemberToRemove((String) id));
            admin.removeMembersFromConsumerGroup(
                (String) q.get("group"), new RemoveMembersFromConsumerGroupOptions(members)).all().get();
            return Map.of();
        }
    }

    private interface Attempt {
        void run() throws Exception;
    }

    /** The error of something that must fail: its class, its text and how long it took. */
    private static Map<String, Object> failing(Attempt attempt) {
        long from = System.nanoTime();
        String error = "none";
        String text = "";
        try {
            attempt.run();
        } catch (Exception e) {
            error = e.getClass().getSimpleName();
            text = String.valueOf(e.getMessage());
        }
        return Map.of("error", error, "text", text, "ms", (System.nanoTime() - from) / 1_000_000);
    }

    private static void transaction(Map<String, Object> q) {
        try (KafkaProducer<byte[], byte[]> p = new KafkaProducer<>(properties(q))) {
            p.initTransactions();
        }
    }

    private static void consumerProtocol(Map<String, Object> q) {
        try (KafkaConsumer<byte[], byte[]> c = new KafkaConsumer<>(properties(q))) {
            c.subscribe(List.of((String) q.get("topic")));
            for (int i = 0; i < 100; i++) c.poll(Duration.ofMillis(100));
        }
    }

    // Group members.

    private static Member member(Map<String, Object> q) {
        return MEMBERS.get((String) q.get("id"));
    }

    private static Map<String, Object> startMember(Map<String, Object> q) {
        Member m = new Member(properties(q), (String) q.get("topic"));
        MEMBERS.put((String) q.get("id"), m);
        m.start();
        return Map.of();
    }

    private static Map<String, Object> stopMember(Map<String, Object> q) throws Exception {
        Member m = MEMBERS.remove((String) q.get("id"));
        m.running = false;
        m.join();
        return m.drain();
    }

    /** A consumer on a thread that commits what it got after each poll and keeps a list of events. */
    private static final class Member extends Thread implements ConsumerRebalanceListener {
        private final Properties properties;
        private final String topic;
        private final List<Map<String, Object>> events = new ArrayList<>();
        private final AtomicReference<String> failed = new AtomicReference<>();
        volatile boolean running = true;

        Member(Properties properties, String topic) {
            this.properties = properties;
            this.topic = topic;
            setDaemon(true);
        }

        private synchronized void event(Map<String, Object> e) {
            events.add(e);
        }

        synchronized Map<String, Object> drain() {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("events", new ArrayList<>(events));
            all.put("failed", failed.get() == null ? "" : failed.get());
            events.clear();
            if (failed.get() == null) all.remove("failed");
            return all;
        }

        private static Set<Integer> numbers(Collection<TopicPartition> partitions) {
            Set<Integer> out = new TreeSet<>();
            partitions.forEach(p -> out.add(p.partition()));
            return out;
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            event(Map.of("event", "assigned", "partitions", numbers(partitions)));
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            event(Map.of("event", "revoked", "partitions", numbers(partitions)));
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            event(Map.of("event", "lost", "partitions", numbers(partitions)));
        }

        @Override
        public void run() {
            try (KafkaConsumer<byte[], byte[]> c = new KafkaConsumer<>(properties)) {
                c.subscribe(List.of(topic), this);
                Map<String, Object> last = Map.of();
                while (running) {
                    ConsumerRecords<byte[], byte[]> records = c.poll(Duration.ofMillis(100));
                    for (TopicPartition p : records.partitions()) {
                        List<ConsumerRecord<byte[], byte[]>> some = records.records(p);
                        long first = some.get(0).offset();
                        event(Map.of("event", "records", "partition", p.partition(), "first", first,
                            "count", some.size()));
                    }
                    if (!records.isEmpty()) c.commitSync();
                    Map<String, Object> has = Map.of("event", "has", "partitions", numbers(c.assignment()),
                        "generation", c.groupMetadata().generationId());
                    if (!has.equals(last)) event(has);
                    last = has;
                }
            } catch (Exception e) {
                failed.set(e.toString());
                event(Map.of("event", "failed", "text", e.toString()));
            }
        }
    }
}
