"""Runs one case: `python -m ring.run_case NAME FOLDER`. The result goes to FOLDER/result.json."""

import json
import os
import sys
import traceback
from pathlib import Path

from . import case
from .__main__ import load_cases


def main(name, folder):
    folder = Path(folder)
    context = case.Context(json.loads((folder / "context.json").read_text()))
    error = ""
    case.watch_logs()
    try:
        load_cases()[name].run(context)
        unexpected = context.unexpected_warnings()
        if unexpected:
            error = "the client warned:\n" + "\n".join(unexpected[:20])
    except BaseException:
        error = traceback.format_exc()
        warned = "\n".join(case.WARNINGS.lines[:20])
        error += f"\nwarnings of the client:\n{warned}" if warned else ""
    note = "; ".join(context.versions + context.notes)
    partial = folder / "result.part"
    partial.write_text(json.dumps({"error": error, "note": note}))
    partial.rename(folder / "result.json")
    sys.stdout.flush()
    # Client threads that hang must not hold the case back: its result is written.
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
