"""Keeping inside Google's quota: what a transport asks before it sends, and tells after a refusal.

https://developers.google.com/workspace/calendar/api/guides/quota
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Protocol

from plugin.core.errors import QuotaPauseError, RateLimitedError

# A longer wait would hold a worker that could serve other people.
LONGEST_WAIT_S = 2.0
# Google refused for the rate more often than we ask again, and didn't say for how long: others have used the minute up.
REFUSED_PAUSE_S = 30.0
# Whoever waits for one project doesn't come back in the same second.
_SPREAD = (1.0, 1.25)


class Quota(Protocol):
    """What may still be sent, counted together with everybody who sends for the same account or project."""

    def take(self, units: int) -> float:
        """Take the units and return 0; or take none and return after how many seconds to ask again."""

    def close(self, seconds: float) -> None:
        """Let nobody take anything of this account's for so long."""


class Unpaced:
    """The `Quota` of whoever doesn't share one."""

    def take(self, units: int) -> float:
        """Everything fits."""
        del units
        return 0.0

    def close(self, seconds: float) -> None:
        """Nobody else is told."""


class Pacing:
    """Asks a quota on behalf of one transport."""

    def __init__(self, quota: Quota | None, sleep: Callable[[float], None]) -> None:
        self._quota: Quota = quota or Unpaced()
        self._sleep = sleep

    def wait_for(self, units: int) -> QuotaPauseError | None:
        """Wait until the units fit, if that is soon; else return the error that says when they will. Nothing is taken then."""
        waited_s = 0.0
        while (wait_s := self._quota.take(units)) > 0:
            waited_s += wait_s
            if waited_s > LONGEST_WAIT_S:
                return QuotaPauseError("quota used up for now", wait_s * random.uniform(*_SPREAD))
            self._sleep(wait_s)
        return None

    def note_refusals(self, answers: Sequence[object], pause_s: float | None) -> None:
        """Keep everybody away for as long as Google asks, or for `pause_s`, after which we ask again; None if we don't."""
        asked = [
            error.retry_after_s or pause_s or REFUSED_PAUSE_S
            for error in answers
            if isinstance(error, RateLimitedError) and not isinstance(error, QuotaPauseError)
        ]
        if asked:
            self._quota.close(max(asked))
