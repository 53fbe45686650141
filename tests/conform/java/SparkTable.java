// Spark with the broker's catalog attached as `lake`: runs each line of standard input as one SQL statement.
//
// Answers with one line of JSON for each: {"rows":[[...],...]} or {"failed":"..."}. Bytes are {"hex":"..."}, timestamps
// microseconds, dates and everything else that JSON lacks text. Ends when standard input does.

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

public final class SparkTable {
    public static void main(String[] args) throws Exception {
        // Nothing else may write among the answers.
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        System.setOut(System.err);
        SparkSession spark = SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.datetime.java8API.enabled", "true")
            .config("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog")
            .config("spark.sql.catalog.lake.type", "rest")
            .config("spark.sql.catalog.lake.uri", "http://" + args[0])
            .config("spark.sql.catalog.lake.cache-enabled", "false")
            .getOrCreate();
        ObjectMapper json = new ObjectMapper();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String sql = in.readLine(); sql != null; sql = in.readLine()) {
            Object answer;
            try {
                List<Object> rows = new ArrayList<>();
                for (Row row : spark.sql(sql).collectAsList()) rows.add(plain(row));
                answer = Map.of("rows", rows);
            } catch (Exception | LinkageError e) {
                answer = Map.of("failed", e.toString());
            }
            out.write(json.writeValueAsBytes(answer));
            out.write('\n');
            out.flush();
        }
        spark.stop();
    }

    private static Object plain(Object value) {
        if (value instanceof byte[] b) return Map.of("hex", HexFormat.of().formatHex(b));
        if (value instanceof Instant i) return i.getEpochSecond() * 1_000_000 + i.getNano() / 1000;
        List<Object> inner = new ArrayList<>();
        if (value instanceof Row row) {
            for (int i = 0; i < row.size(); i++) inner.add(plain(row.get(i)));
        } else if (value instanceof scala.collection.Seq<?> seq) {
            for (int i = 0; i < seq.size(); i++) inner.add(plain(seq.apply(i)));
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            return value;
        } else {
            return value.toString();
        }
        return inner;
    }
}
