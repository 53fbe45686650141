"""The example: `./run`. Starts a broker of its own unless it is told of one, runs the job, compares, prints SQL."""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import check, job, lake

ROOT = Path(__file__).resolve().parents[3]
READY = re.compile(r"kafka (\S+) http (\S+) ")


def arguments():
    p = argparse.ArgumentParser(prog="run", description="336,776 flights through Lipno and back by SQL")
    p.add_argument("--bootstrap", help="a running broker; without it one is built and started in a temporary folder")
    p.add_argument("--http", help="that broker's http.listeners", default="127.0.0.1:8181")
    p.add_argument("--topic", default=f"flights_{int(time.time())}")
    p.add_argument("--sample", type=int, default=1, help="only every so many-th flight")
    return p.parse_args()


def start_broker(folder):
    print("building the broker (cargo build --release)")
    subprocess.run(["cargo", "build", "--quiet", "--release"], cwd=ROOT, check=True)
    command = [ROOT / "target/release/lipno", "--data-dir", folder, "--set", "listeners=PLAINTEXT://127.0.0.1:0"]
    command += ["--set", "http.listeners=127.0.0.1:0"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    print(line.strip())
    return process, *READY.search(line).groups()


def main():
    args = arguments()
    broker = None
    with tempfile.TemporaryDirectory(prefix="lipno-flights-") as folder:
        bootstrap, http = args.bootstrap, args.http
        if not bootstrap:
            broker, bootstrap, http = start_broker(f"{folder}/data")
        j = job.Job(bootstrap, args.topic, log=sys.stderr, sample=args.sample)
        try:
            began = time.monotonic()
            j.create_topic()
            j.run(job.ordinary_plan(j))
            print(f"produced by three libraries and consumed by a group in {time.monotonic() - began:.0f} s")
            log = check.read_log(bootstrap, args.topic)
            check.check_log(log, args.sample)
            print(f"the log has all {len(log):,} flights, each once, in order for each carrier and producer")
            repeated = check.check_group(j.runs(), log, may_repeat=True)
            print(f"the group got every one of them ({repeated} twice)")
            airlines = check.add_airlines(bootstrap, args.topic)
            d = lake.attached(http)
            check.wait_for_lake(d, args.topic, len(log))
            check.wait_for_lake(d, check.airlines_of(args.topic), airlines)
            rows = check.check_lake(d, args.topic, log, folder, args.sample)
            print("the table has the same rows; joined with the airlines DuckDB says, as it does of the CSV:\n")
            print(check.as_text(rows))
        finally:
            j.stop()
            if broker:
                broker.terminate()
                broker.wait(30)


if __name__ == "__main__":
    main()
