// Trino with the broker's catalog attached as `lake`: runs each line of standard input as one SQL statement.
//
// Arguments are the connector's properties, KEY=VALUE. Answers with one line of JSON for each statement:
// {"rows":[[...],...]} or {"failed":"..."}. Bytes are {"hex":"..."}, timestamps microseconds, dates and everything else that
// JSON lacks text. Ends when standard input does.

import com.fasterxml.jackson.databind.ObjectMapper;
import io.trino.plugin.iceberg.IcebergPlugin;
import io.trino.spi.type.SqlTimestampWithTimeZone;
import io.trino.spi.type.SqlVarbinary;
import io.trino.spi.type.TimeZoneKey;
import io.trino.testing.MaterializedRow;
import io.trino.testing.StandaloneQueryRunner;
import io.trino.testing.TestingSession;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

public final class TrinoTable {
    public static void main(String[] args) throws Exception {
        // Nothing else may write among the answers.
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        System.setOut(System.err);
        Map<String, String> properties = new HashMap<>();
        for (String pair : args) {
            String[] parts = pair.split("=", 2);
            properties.put(parts[0], parts[1]);
        }
        var session = TestingSession.testSessionBuilder().setTimeZoneKey(TimeZoneKey.UTC_KEY).build();
        try (StandaloneQueryRunner trino = new StandaloneQueryRunner(session)) {
            trino.installPlugin(new IcebergPlugin());
            trino.createCatalog("lake", "iceberg", properties);
            ObjectMapper json = new ObjectMapper();
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String sql = in.readLine(); sql != null; sql = in.readLine()) {
                Object answer;
                try {
                    List<Object> rows = new ArrayList<>();
                    for (MaterializedRow row : trino.execute(sql)) rows.add(plain(row));
                    answer = Map.of("rows", rows);
                } catch (Exception | LinkageError e) {
                    StringBuilder why = new StringBuilder();
                    for (Throwable t = e; t != null; t = t.getCause()) why.append(t).append("; ");
                    answer = Map.of("failed", why.toString());
                }
                out.write(json.writeValueAsBytes(answer));
                out.write('\n');
                out.flush();
            }
        }
        // Some of its threads would stay.
        System.exit(0);
    }

    private static Object plain(Object value) {
        if (value instanceof SqlVarbinary b) return Map.of("hex", HexFormat.of().formatHex(b.getBytes()));
        if (value instanceof SqlTimestampWithTimeZone t) return t.getEpochMillis() * 1000 + t.getPicosOfMilli() / 1_000_000;
        if (value instanceof MaterializedRow row) return plain(row.getFields());
        if (value == null || value instanceof Number || value instanceof Boolean) return value;
        if (!(value instanceof Iterable<?> list)) return value.toString();
        List<Object> inner = new ArrayList<>();
        for (Object v : list) inner.add(plain(v));
        return inner;
    }
}
