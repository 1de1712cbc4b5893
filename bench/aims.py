"""What a scenario should not exceed, as the calendar issue (and the contacts' one) says it, and whether it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bench.measure import Measured

# Wall of 10 changes on so many links, above the wall on the fewest.
GROWTH_S = 0.6
# Four times the events may take so much more than four times as long, and still be called linear.
LINEAR = 1.25
FASTER_THAN_SERIAL = 10


@dataclass(frozen=True, slots=True)
class Aim:
    """One number that should not be exceeded."""

    text: str
    is_met: bool

    def __str__(self) -> str:
        return f"{self.text}: {'met' if self.is_met else 'MISSED'}"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may take; None: no aim."""

    wall_s: float | None = None
    requests: int | None = None
    sql: int | None = None
    peak_mb: float | None = None


LIMITS = {
    "push 100 new": Limits(wall_s=1.0),
    "push 100 changed": Limits(wall_s=1.0),
    "pull 100 new": Limits(wall_s=0.5, sql=60),
    "hundred": Limits(requests=8, sql=100),
    "contacts hundred": Limits(requests=8, sql=120),
    "idle": Limits(requests=1, sql=12),
    "first 20000": Limits(peak_mb=250.0),
}

Earlier = Mapping[str, Measured]


def aims_of(done: Measured, earlier: Earlier) -> Iterator[Aim]:
    """Yield the aims of a scenario; those that compare it with another one only where that was measured as well."""
    limits = LIMITS.get(done.scenario, Limits())
    for text, value, limit in (
        ("wall ≤ {} s", done.wall_s, limits.wall_s),
        ("requests ≤ {}", done.requests, limits.requests),
        ("SQL ≤ {}", done.sql, limits.sql),
        ("memory ≤ {} MB", done.peak_mb, limits.peak_mb),
    ):
        if limit is not None:
            yield Aim(text.format(limit), value <= limit)
    if compare := _COMPARISONS.get(done.scenario):
        yield from compare(done, earlier)


def _growth(done: Measured, earlier: Earlier) -> Iterator[Aim]:
    if small := earlier.get("growth 1000"):
        yield Aim(f"SQL as on 1,000 ({small.sql})", done.sql == small.sql)
        more_s = done.wall_s - small.wall_s
        yield Aim(f"wall ≤ {GROWTH_S} s above that on 1,000 ({more_s:+.2f})", more_s <= GROWTH_S)


def _linear(done: Measured, earlier: Earlier) -> Iterator[Aim]:
    if small := earlier.get("first 5000"):
        times = done.wall_s / small.wall_s
        yield Aim(f"time linear (4 times the events: {times:.1f} times as long)", times <= 4 * LINEAR)


def _against_serial(done: Measured, earlier: Earlier) -> Iterator[Aim]:
    del earlier
    if done.serial_s is not None:
        times = done.serial_s / done.wall_s
        text = f"{FASTER_THAN_SERIAL} times as fast as a serial client ({done.serial_s:.1f} s: {times:.0f} times)"
        yield Aim(text, times >= FASTER_THAN_SERIAL)


_COMPARISONS: Mapping[str, Callable[[Measured, Earlier], Iterator[Aim]]] = {
    "growth 10000": _growth,
    "growth 100000": _growth,
    "first 20000": _linear,
    "hundred": _against_serial,
}
