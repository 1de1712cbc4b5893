"""The quota of Google's Calendar and People APIs in Redis: units in a sliding minute, per Google account and per project.

https://developers.google.com/workspace/calendar/api/guides/quota

A bucket is a hash: units by second, and until when it is closed. One script looks at an account's and its project's bucket and
takes from both or from none, so that workers on several machines never take the same unit. It goes by Redis' own clock. A
second counts until it lies wholly outside of the minute: we rather wait a second too long than be refused.
"""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

PREFIX = "gsync:quota:"
# So long after Redis failed we don't ask it again: a host that swallows packets would cost seconds per request.
RETRY_REDIS_S = 30.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Units in a minute. What costs more than a whole limit goes when its bucket is empty."""

    account: int = 600
    project: int = 10_000


GOOGLE_LIMITS = Limits()
# Units as plugin/google/people_requests.py counts them. A project's limit stands in its own console; none is known to bind.
PEOPLE_LIMITS = Limits(account=60, project=10_000)

_NOW = """
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
"""

# KEYS: buckets. ARGV: milliseconds now ('' for Redis' own), units, and a limit for each bucket. Returns milliseconds to wait.
_TAKE = (
    _NOW
    + """
local units, second, wait = tonumber(ARGV[2]), math.floor(now / 1000), 0
for i, key in ipairs(KEYS) do
  local limit, used, spent = tonumber(ARGV[2 + i]), 0, {}
  local fields = redis.call('HGETALL', key)
  for f = 1, #fields, 2 do
    local name, value = fields[f], tonumber(fields[f + 1])
    if name == 'closed' then
      wait = math.max(wait, value - now)
    elseif tonumber(name) + 60 < second then
      redis.call('HDEL', key, name)
    else
      used = used + value
      spent[#spent + 1] = {second = tonumber(name), units = value}
    end
  end
  table.sort(spent, function(a, b) return a.second < b.second end)
  local room = limit - math.min(units, limit)
  for _, entry in ipairs(spent) do
    if used <= room then break end
    used = used - entry.units
    wait = math.max(wait, (entry.second + 61) * 1000 - now)
  end
end
if wait > 0 then return math.ceil(wait) end
for _, key in ipairs(KEYS) do
  redis.call('HINCRBY', key, second, units)
  redis.call('PEXPIRE', key, 61000)
end
return 0
"""
)

# KEYS: one bucket. ARGV: milliseconds now, milliseconds to stay closed.
_CLOSE = (
    _NOW
    + """
local till = math.max(now + tonumber(ARGV[2]), tonumber(redis.call('HGET', KEYS[1], 'closed') or 0))
redis.call('HSET', KEYS[1], 'closed', string.format('%.0f', till))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.max(till - now, 61000)))
return 0
"""
)


class RedisQuota:
    """The `Quota` of one account under one OAuth client. Without Redis everything fits: Google itself refuses politely."""

    def __init__(
        self,
        redis: Redis,
        client_id: str,
        google_sub: str,
        limits: Limits = GOOGLE_LIMITS,
        *,
        api: str = "calendar",
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._account = f"{PREFIX}{api}:account:{_digest(google_sub)}"
        # Google numbers its projects, and begins the ids of their clients with the number.
        self._project = f"{PREFIX}{api}:project:{_digest(client_id.partition('-')[0])}"
        self._limits = limits
        self._clock = clock
        self._take = redis.register_script(_TAKE)
        self._close = redis.register_script(_CLOSE)
        self._down_until = -math.inf

    def take(self, units: int) -> float:
        """See the port."""
        keys = [self._account, self._project]
        wait_ms = self._ask(self._take, keys, units, self._limits.account, self._limits.project)
        return wait_ms / 1000

    def close(self, seconds: float) -> None:
        """See the port."""
        self._ask(self._close, [self._account], math.ceil(seconds * 1000))

    def _ask(self, script: Callable[..., object], keys: list[str], *values: int) -> int:
        if self._seconds() < self._down_until:
            return 0
        now = "" if self._clock is None else str(round(self._clock() * 1000))
        try:
            answer = script(keys=keys, args=[now, *values])
        except RedisError as error:
            if self._down_until == -math.inf:
                log.warning("Google's quota is not paced, Redis does not answer (%s)", type(error).__name__)
            self._down_until = self._seconds() + RETRY_REDIS_S
            return 0
        return int(str(answer))

    def _seconds(self) -> float:
        return time.monotonic() if self._clock is None else self._clock()


def _digest(name: str) -> str:
    # Who has an account is nothing to be read off the keys of a shared Redis.
    return hashlib.sha256(name.encode()).hexdigest()[:20]
