// One JVM for all of Kafka's tools and Java clients: starting one for each would cost seconds every time.
//
// Listens on a loopback port (printed as the first line), takes one JSON request on each connection and answers
// with one JSON line. Ends when its standard input closes, so it never outlives the ring that started it.

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.common.utils.Exit;

public final class Host {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Thrown in place of ending the JVM. */
    private static final class Ended extends RuntimeException {
        private static final long serialVersionUID = 1;
        final int code;

        Ended(int code) {
            super("exit " + code, null, false, false);
            this.code = code;
        }
    }

    private static final ThreadLocal<Integer> FIRST_CODE = new ThreadLocal<>();
    private static final Queue<Runnable> HOOKS = new ConcurrentLinkedQueue<>();

    public static void main(String[] args) throws Exception {
        Exit.Procedure end = (code, message) -> {
            // A tool may catch this and exit again: the first code is the one a shell would see.
            if (FIRST_CODE.get() == null) FIRST_CODE.set(code);
            throw new Ended(code);
        };
        Exit.setExitProcedure(end);
        Exit.setHaltProcedure(end);
        // A tool's hook closes its client, which sends what is left: it runs when the tool's main has ended.
        Exit.setShutdownHookAdder((name, hook) -> HOOKS.add(hook));
        ServerSocket server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        System.out.println(server.getLocalPort());
        InputStream in = System.in;
        Thread parent = new Thread(() -> {
            try {
                while (in.read() >= 0) { }
            } catch (Exception e) {
                // A broken pipe is an end, too.
            }
            Runtime.getRuntime().halt(0);
        });
        parent.setDaemon(true);
        parent.start();
        while (true) {
            Socket s = server.accept();
            Thread t = new Thread(() -> serve(s));
            t.setDaemon(true);
            t.start();
        }
    }

    @SuppressWarnings("unchecked")
    private static void serve(Socket s) {
        try (s) {
            BufferedReader r = new BufferedReader(new InputStreamReader(s.getInputStream(), StandardCharsets.UTF_8));
            Map<String, Object> request = JSON.readValue(r.readLine(), Map.class);
            Map<String, Object> answer;
            try {
                answer = answer(request);
            } catch (Throwable e) {
                StringWriter w = new StringWriter();
                e.printStackTrace(new PrintWriter(w));
                answer = new LinkedHashMap<>();
                answer.put("failed", w.toString());
            }
            OutputStream out = s.getOutputStream();
            out.write(JSON.writeValueAsBytes(answer));
            out.write('\n');
            out.flush();
        } catch (Exception e) {
            e.printStackTrace();
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> answer(Map<String, Object> q) throws Exception {
        String op = (String) q.get("op");
        switch (op) {
            case "version":
                return Map.of("version", AppInfoParser.getVersion());
            case "tool":
                return tool((String) q.get("class"), (List<String>) q.get("args"), (String) q.getOrDefault("stdin", ""));
            default:
                return Clients.run(op, q);
        }
    }

    /** Runs a tool's main with its streams caught. One at a time: the streams belong to the whole JVM. */
    private static synchronized Map<String, Object> tool(String name, List<String> args, String stdin) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream oldOut = System.out;
        PrintStream oldErr = System.err;
        InputStream oldIn = System.in;
        FIRST_CODE.remove();
        int code = 0;
        try {
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
            System.setIn(new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)));
            Class.forName(name).getMethod("main", String[].class).invoke(null, (Object) args.toArray(new String[0]));
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof Ended)) {
                e.getCause().printStackTrace(System.err);
                code = 1;
            }
        } finally {
            for (Runnable hook = HOOKS.poll(); hook != null; hook = HOOKS.poll()) hook.run();
            System.out.flush();
            System.err.flush();
            System.setOut(oldOut);
            System.setErr(oldErr);
            System.setIn(oldIn);
        }
        if (FIRST_CODE.get() != null) code = FIRST_CODE.get();
        return Map.of("code", code, "out", out.toString(StandardCharsets.UTF_8), "err", err.toString(StandardCharsets.UTF_8));
    }
}
