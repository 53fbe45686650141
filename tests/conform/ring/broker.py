"""A broker of one's own: start, kill, restart.

Invariants: every broker has its own folder and port; it is ended with `stop` or by leaving a `with` block; nothing
is ever found or ended by name.
"""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

READY = re.compile(r"kafka (\S+) http (\S+) data ")
# Not ours either: how full the disk is on which this runs.
ANY_DISK = ("lake.retention.hold.free.percent=0", "lake.pause.free.percent=0")
# A log line that no run may have.
BAD = re.compile(r"\bERROR\b|panicked at|\bWARN\b")


class Broker:
    def __init__(self, binary, folder, settings=(), env=None):
        self.binary = str(binary)
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.settings = list(settings)
        self.env = dict(env or {})
        self.crash_at = None
        self.log = self.folder / "broker.log"
        self.address = "127.0.0.1:0"
        self.process = None
        self.start()

    @property
    def data(self):
        return self.folder / "data"

    @property
    def lake(self):
        return self.data / "lake"

    def start(self):
        """Starts it, at the second time on the port that it had; returns when it serves."""
        command = [self.binary, "--data-dir", str(self.data)]
        for s in [f"listeners=PLAINTEXT://{self.address}", "http.listeners=127.0.0.1:0", *ANY_DISK, *self.settings]:
            command += ["--set", s]
        # NO_COLOR: the log is read by programs.
        # Not ours: what a person's shell says to a broker or to the tools.
        kept = {k: v for k, v in os.environ.items() if not k.startswith("LIPNO_")}
        env = {**kept, "NO_COLOR": "1", **self.env}
        if self.crash_at:
            env["LIPNO_CRASH_AT"] = self.crash_at
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=env, text=True
            )
        line = self.process.stdout.readline()
        found = READY.search(line)
        if not found:
            self.process.wait(10)
            raise RuntimeError(f"the broker did not start: {line!r}\n{self.log_text()[-2000:]}")
        self.address, self.http = found.groups()

    def lake_command(self, *args, code=0):
        """What `lipno lake ... --json` says; fails unless it ends with `code`."""
        command = [self.binary, "lake", *args, "--json", "--http", self.http]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        shown = f"{' '.join(args)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == code, shown
        return json.loads(done.stdout.splitlines()[-1])

    @property
    def bootstrap(self):
        return self.address

    def kill(self):
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)
        self.process.stdout.close()

    def stop(self):
        """SIGTERM; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
                return "did not stop within 30 s of SIGTERM"
        self.process.stdout.close()
        return self.process.returncode

    def log_text(self):
        return self.log.read_text(errors="replace")

    def complaints(self):
        """Lines of its log that speak of trouble."""
        return [line for line in self.log_text().splitlines() if BAD.search(line)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()


def wait_for(what, condition, seconds=60):
    """Polls until the condition gives something true and returns that; fails naming `what`."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.05)
