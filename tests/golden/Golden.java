// Puts sample messages through Kafka's own classes and writes batches with them: makes tests/golden/kafka.txt.
//
//     cargo test -p lipno-tests --test golden -- --ignored --nocapture write_samples | grep '^sample ' > samples.txt
//     java -cp 'JARS/*' tests/golden/Golden.java < samples.txt > tests/golden/kafka.txt
//
// JARS is a folder with kafka-tools and what it needs (Maven: org.apache.kafka:kafka-tools). A sample that Kafka
// does not read to its end, or writes back otherwise, is printed as `differs` and fails the test that reads the file.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.Readable;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.*;
import org.apache.kafka.common.utils.AppInfoParser;

public class Golden {
    static final List<String> PLACES = List.of(
        "org.apache.kafka.common.message.%sData", "org.apache.kafka.common.message.%s",
        "org.apache.kafka.coordinator.group.generated.%s",
        "org.apache.kafka.coordinator.transaction.generated.%s",
        "org.apache.kafka.coordinator.share.generated.%s");

    static Class<?> find(String name) {
        for (String place : PLACES) {
            try {
                return Class.forName(String.format(place, name));
            } catch (ClassNotFoundException e) {
                // The next place.
            }
        }
        throw new IllegalArgumentException("Kafka has no " + name);
    }

    static String check(String name, short version, byte[] bytes) throws Exception {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        Message m;
        try {
            m = (Message) find(name).getDeclaredConstructor(Readable.class, short.class)
                .newInstance(new ByteBufferAccessor(in), version);
        } catch (InvocationTargetException e) {
            return "differs " + name + " " + version + " not read: " + e.getCause();
        }
        if (in.hasRemaining()) {
            return "differs " + name + " " + version + " " + in.remaining() + " bytes are left";
        }
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer out = ByteBuffer.allocate(m.size(cache, version));
        m.write(new ByteBufferAccessor(out), cache, version);
        String hex = HexFormat.of().formatHex(out.array());
        boolean same = hex.equals(HexFormat.of().formatHex(bytes));
        return (same ? "message " : "differs ") + name + " " + version + " " + hex;
    }

    static void batch(String label, MemoryRecords records) {
        byte[] b = new byte[records.sizeInBytes()];
        records.buffer().duplicate().get(b);
        System.out.println("batch " + label + " " + HexFormat.of().formatHex(b));
    }

    static void batches() {
        Header[] headers = {
            new RecordHeader("h", "x".getBytes()), new RecordHeader("n", null), new RecordHeader("e", new byte[0])
        };
        SimpleRecord[] three = {
            new SimpleRecord(1000, "k0".getBytes(), "v0".getBytes(), headers),
            new SimpleRecord(1005, null, new byte[0]), new SimpleRecord(999, new byte[0], null)
        };
        for (CompressionType codec : CompressionType.values()) {
            batch(codec.name, MemoryRecords.withRecords((byte) 2, 0, Compression.of(codec).build(),
                TimestampType.CREATE_TIME, -1, (short) -1, -1, -1, false, three));
        }
        batch("idempotent", MemoryRecords.withRecords((byte) 2, 0, Compression.NONE, TimestampType.CREATE_TIME,
            4000, (short) 3, Integer.MAX_VALUE, -1, false, three));
        batch("transactional", MemoryRecords.withRecords((byte) 2, 77, Compression.NONE, TimestampType.CREATE_TIME,
            4000, (short) 3, 5, 9, true, three));
        batch("commit", MemoryRecords.withEndTransactionMarker(77, 1234, 9, 4000, (short) 3,
            new EndTransactionMarker(ControlRecordType.COMMIT, 21)));
        batch("abort", MemoryRecords.withEndTransactionMarker(78, 1234, 9, 4000, (short) 3,
            new EndTransactionMarker(ControlRecordType.ABORT, 21)));
    }

    public static void main(String[] args) throws Exception {
        System.out.println("# Made by Golden.java with Apache Kafka " + AppInfoParser.getVersion());
        batches();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null; ) {
            String[] w = line.split(" ");
            byte[] bytes = w.length > 3 ? HexFormat.of().parseHex(w[3]) : new byte[0];
            System.out.println(check(w[1], Short.parseShort(w[2]), bytes).stripTrailing());
        }
    }
}
