"""A group member as a process of its own: `python -m ring.member CLIENT BOOTSTRAP TOPIC GROUP OPTIONS`.

Prints one JSON event a line (assigned, revoked, lost, records, has, error, warning). A line on its standard input,
or its end, makes it leave in good order; kill -9 is the crash.
"""

import importlib
import json
import os
import re
import sys
import threading

from . import case

# Warnings that are a client's way to speak of an ordinary rebalance.
QUIET = [
    # aiokafka warns of every REBALANCE_IN_PROGRESS, the answer that asks a member to join again.
    r"Heartbeat failed for group \S+ because it is rebalancing",
]


def main(client, bootstrap, topic, group, options):
    lock = threading.Lock()
    last_has = None

    def event(**e):
        nonlocal last_has
        if e["event"] == "has":
            if e == last_has:
                return
            last_has = e
        with lock:
            print(json.dumps(e), flush=True)

    case.watch_logs()
    module = importlib.import_module(f"ring.clients.{client}")
    member = module.Member(bootstrap, topic, group, json.loads(options), event)

    def wait_for_end():
        sys.stdin.readline()
        member.stop.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    member.run()
    for w in case.WARNINGS.lines:
        if not case.of_the_machine(w) and not any(re.search(q, w) for q in QUIET):
            event(event="warning", text=w)
    event(event="left")
    # Not sys.exit: the thread that reads standard input may hold its lock.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
