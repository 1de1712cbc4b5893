"""RQ workers and the scheduler's beat: `python worker.py [--workers N]`.

The main process forks the workers and does what is due every few seconds (plugin/jobs/schedule.py). SIGTERM and Ctrl-C let
running jobs finish; a second one ends them. Several of these may run, on one machine or on many.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys

from plugin import create_app
from plugin.core.errors import ConfigError
from plugin.jobs.pool import WorkerPool


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs the synchronization's workers.")
    parser.add_argument("--workers", type=int, default=2, help="how many syncs may run at once (default 2)")
    arguments = parser.parse_args()
    if arguments.workers < 1:
        parser.error("--workers has to be at least 1")
    try:
        app = create_app()
    except ConfigError as error:
        print("The settings are not complete:", *error.problems, sep="\n  ", file=sys.stderr)
        return 2
    pool = WorkerPool(app.extensions["gsync_parts"], arguments.workers)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: pool.stop())
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    return pool.run()


if __name__ == "__main__":
    sys.exit(main())
