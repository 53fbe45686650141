"""The main job on real data: examples/flights with a broker of its own, without and with kill -9 of the broker."""

import shutil
import sys
import tempfile
from pathlib import Path

from . import s3
from .broker import Broker
from .case import case

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "examples" / "flights"))


def compare(context, j, broker, may_repeat):
    from flights import check, lake

    log = check.read_log(broker.bootstrap, j.topic)
    j.say("read the log")
    check.check_log(log)
    repeated = check.check_group(j.runs(), log, may_repeat)
    j.say("compared the log and the group")
    airlines = check.add_airlines(broker.bootstrap, j.topic)
    d = lake.attached(broker.http)
    check.wait_for_lake(d, j.topic, len(log))
    check.wait_for_lake(d, check.airlines_of(j.topic), airlines)
    j.say("the lake is complete")
    rows = check.check_lake(d, j.topic, log, context.work)
    j.say("compared the lake")
    for topic in (j.topic, check.airlines_of(j.topic)):
        verdict = broker.lake_command("verify", topic)
        assert verdict["ok"], verdict
    print(check.as_text(rows))
    context.note(f"{len(log):,} flights, {repeated} handed out twice, {len(rows)} airlines")


def run_job(context, plan_of, may_repeat, settings=(), **options):
    from flights.job import Job

    with (
        tempfile.TemporaryDirectory(prefix="lipno-conform-") as folder,
        Broker(context.binary, folder, settings) as broker,
        (context.work / "clients.log").open("wb") as log,
    ):
        j = Job(broker.bootstrap, "flights", log, **options)
        try:
            j.create_topic()
            j.run(plan_of(j, broker))
            compare(context, j, broker, may_repeat)
        finally:
            j.stop()
            if broker.process.poll() is not None:
                print(f"the broker had ended by itself with {broker.process.returncode}")
            code = broker.stop()
            shutil.copy(broker.log, context.work / "broker.log")
        assert code == 0, f"the broker ended with {code}"
        # A write that kill -9 cut short leaves a tail, which recovery cuts and speaks of.
        bad = [line for line in broker.complaints() if not (may_repeat and "torn bytes" in line)]
        assert not bad, bad[:10]


@case("flights: three libraries produce 336,776 flights, a group comes and goes, DuckDB agrees", alone=True, limit=180)
def flights(context):
    from flights.job import ordinary_plan

    run_job(context, lambda j, _: ordinary_plan(j), may_repeat=False, idempotent=False)


@case("flights: the same with kill -9 of the broker and of a member", alone=True, limit=240)
def flights_with_kills(context):
    with_kills(context)


@case("flights: the same with kills and the lake in S3", alone=True, full=True, limit=240)
def flights_on_s3(context):
    moto = s3.Moto()
    try:
        with_kills(context, s3.settings(moto.port, "flights"))
    finally:
        moto.stop()


def with_kills(context, settings=()):
    def plan(j, broker):
        def kill():
            for p in j.producers:
                acked = [line["acked"] for line in p.lines]
                assert acked and p.process.poll() is None, "a producer was not in the middle of its work"
            j.say("kill -9 of the broker, and start it again")
            broker.kill()
            broker.start()

        kills = [(p, kill) for p in ((20, 40) if not context.full else (13, 21, 29, 37, 45))]
        steps = [
            (0, lambda: j.join("confluent")),
            (5, lambda: j.join("kafka-python")),
            (10, lambda: j.join("aiokafka")),
            (50, lambda: j.crash("kafka-python")),
            (60, lambda: j.join("kafka-python")),
            (70, lambda: j.leave("confluent")),
            (80, lambda: j.join("confluent")),
        ]
        return sorted(steps + kills, key=lambda s: s[0])

    # Held to a rate, so that all three libraries are in the middle when the broker dies.
    run_job(context, plan, may_repeat=True, settings=settings, idempotent=True, rate=6000)
