"""How long things may take: what locks, attempts and the beat go by. Tests of crashes hand in shorter ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds, all of them."""

    # A dead worker's account is free again after this; the heartbeat renews three times as often.
    lock_ttl_s: float = 30.0
    # How often the worker's main process does what is due.
    beat_s: float = 5.0
    # A run that has only just started may not hold its lock yet, one that has let it go may not be written down yet.
    grace_s: float = 10.0
    # Another run works for the same Google account; it takes seconds.
    busy_delay_s: float = 3.0


DEFAULT_TIMING = Timing()
