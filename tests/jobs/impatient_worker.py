"""worker.py's pool with a short patience, for tests that kill it: `python -m tests.jobs.impatient_worker`."""

import signal
import sys
from dataclasses import replace

from plugin import create_app
from plugin.bootstrap import Timing
from plugin.jobs.pool import WorkerPool

TIMING = Timing(lock_ttl_s=3, beat_s=0.5, grace_s=2, busy_delay_s=0.5)


def main() -> int:
    app = create_app()
    pool = WorkerPool(replace(app.extensions["gsync_parts"], timing=TIMING), size=2)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: pool.stop())
    return pool.run()


if __name__ == "__main__":
    sys.exit(main())
