"""The e-mails Google would have sent: recorded, never sent."""

from __future__ import annotations

from demo.google.clock import Clock, stamp
from demo.google.wire import Json


class Outbox:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.mails: list[Json] = []

    def record(self, kind: str, recipient: str, event: Json, *, actor: str) -> None:
        """Note one mail: kind is invitation, update, cancellation or response."""
        self.mails.append(
            {
                "at": stamp(self._clock.now()),
                "kind": kind,
                "to": recipient,
                "actor": actor,
                "event_id": event["id"],
                "summary": event.get("summary", ""),
            }
        )
