"""The JVM that runs Kafka's tools and Java clients for all cases."""

import re
import subprocess

# Lines of the JVM's log that say nothing about the broker, each with why.
QUIET = [
    # A config that a tool passes on and its client does not know.
    r"These configurations .* were supplied but are not used yet",
    # offsetsForTimes on a consumer that has no assignment: true, and of no consequence.
    r"OffsetFetcherUtils: .* Not updating high watermark for partition \S+ as it is no longer assigned",
    # A case asks for an offset that does not exist.
    r"DeleteRecords request for topic partition t.delete-0 failed .* OFFSET_OUT_OF_RANGE",
    # A case restarts its broker on purpose.
    r"groupId=restart\] .*(could not be established|disconnected|Connection to node)",
    # What must be refused, and how Java says so.
    r"groupId=refused-848\] .*(unsupported version|fatal state)",
]


class Java:
    def __init__(self, java, jars, classes, log):
        self.log = log
        # A small heap and one GC thread: two cores run the broker and the clients, too.
        self.command = [
            java,
            "-Xmx768m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            f"-Dlog4j2.configurationFile={classes}/log4j2.properties",
            "-cp",
            f"{classes}:{jars}/*",
        ]
        with open(log, "wb") as err:
            self.process = subprocess.Popen(
                [*self.command, "Host"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err, text=True
            )
        self.port = int(self.process.stdout.readline())

    def complaints(self):
        quiet = [re.compile(q) for q in QUIET]
        lines = open(self.log, errors="replace").read().splitlines()
        bad = [line for line in lines if re.search(r" (WARN|ERROR|FATAL) ", line)]
        return [line for line in bad if not any(q.search(line) for q in quiet)]

    def stop(self):
        if self.process.poll() is not None:
            return
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


# What Spark asks of a JVM (its own JavaModuleOptions).
OPENED = [
    *("java.io", "java.lang", "java.lang.invoke", "java.lang.reflect", "java.net", "java.nio", "java.util"),
    *("java.util.concurrent", "java.util.concurrent.atomic", "sun.nio.ch", "sun.nio.cs", "sun.security.action"),
    "sun.util.calendar",
]


def spark_command(java, jars, source):
    """A JVM that runs `java/SparkTable.java` from its source; the address of the broker's HTTP port is still to come."""
    return [
        java,
        "-Xmx2g",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        # With one tier the code cache is small, and Spark compiles a class for every query.
        "-XX:ReservedCodeCacheSize=240m",
        # Standard output is for answers alone.
        "-XX:+DisplayVMOutputToStderr",
        *(f"--add-opens=java.base/{p}=ALL-UNNAMED" for p in OPENED),
        f"-Dlog4j2.configurationFile={source}/log4j2.properties",
        "-cp",
        f"{jars}/*",
        f"{source}/SparkTable.java",
    ]


def trino_command(java, jars, source):
    """A JVM (Java 25) that runs `java/TrinoTable.java` from its source; the connector's properties are still to come."""
    return [
        java,
        "-Xmx1g",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:ReservedCodeCacheSize=240m",
        "-XX:+DisplayVMOutputToStderr",
        # What Trino asks of a JVM.
        "--add-modules=jdk.incubator.vector",
        "--add-opens=java.base/java.nio=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        f"{jars}/*",
        f"{source}/TrinoTable.java",
    ]
