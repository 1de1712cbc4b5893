"""One installation that a fault is let loose on, over and over: what is pending, what a run makes of it, and where it ends.

`expected` is the oracle: by title, the place that both sides have to agree on when the fault is over.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from demo.servers import MariaDb
from plugin.sync.views import CALENDAR, RunView
from tests.engine.fault_matrix import Call, Fault, Mend
from tests.engine.test_first_sync import timed
from tests.installed import USER, Installed, install
from tests.simulated_google import SimulatedGoogle

# Enough linked records for that many cells; then the scene is set anew.
POOL = 60
A_DAY_MIN = 24 * 60 + 1
ROUTES = {
    Call.LIST_ALL: "events.list",
    Call.LIST_CHANGES: "events.list",
    Call.GET_MISSING: "events.get",
    Call.GET_UNKNOWN: "events.get",
    Call.GET_CHANGED: "events.get",
    Call.INSERT: "events.insert",
    Call.PATCH: "events.patch",
    Call.DELETE: "events.delete",
    Call.BATCH: "batch",
}


# "Not found" is no lie here: the event was never made, or somebody deleted it meanwhile.
_TRUE_OF_EVENTS = {Call.GET_UNKNOWN, Call.GET_CHANGED, Call.PATCH, Call.DELETE}


class Scene:
    """A connected user with linked records on both sides."""

    def __init__(self, installed: Installed) -> None:
        self.installed, self.google = installed, installed.google
        self._numbers = itertools.count(1)
        self.expected: dict[str, str] = {}
        self._linked: list[tuple[str, int]] = []
        self._is_true = False
        installed.connect()
        for _ in range(POOL):
            self._linked.append(self._new_activity())
        installed.sync()

    @property
    def is_used_up(self) -> bool:
        """Tell whether there are too few linked records left for another cell."""
        return len(self._linked) < 4

    def prepare(self, call: Call, fault: Fault) -> None:
        """Make something pending that needs this call."""
        # Deletes are what is tried here, again and again: the brake, which counts them, has tests of its own.
        self.installed.execute("DELETE FROM gsync_journal")
        self._is_true = fault.says_gone and call in _TRUE_OF_EVENTS
        prepare: Mapping[Call, Callable[[], None]] = {
            Call.LIST_ALL: self._prepare_full_list,
            Call.LIST_CHANGES: self._prepare_changes,
            Call.GET_MISSING: self._prepare_missing,
            Call.GET_UNKNOWN: self._prepare_unknown,
            Call.GET_CHANGED: self._prepare_changed,
            Call.INSERT: lambda: self._repeat(self._new_activity),
            Call.PATCH: lambda: self._repeat(self._edit_activity),
            Call.DELETE: lambda: self._repeat(self._delete_activity),
            Call.BATCH: self._prepare_batch,
        }
        prepare[call]()

    def inject(self, call: Call, fault: Fault) -> None:
        """Let the calls fail until `heal`; a sync token that died is told once, for the list after it carries none."""
        is_dead_token = call is Call.LIST_CHANGES and fault.rule.get("status") == 410
        self.google.fault(ROUTES[call], **fault.rule, **({"times": 1} if is_dead_token else {}))

    def heal(self, mend: Mend) -> None:
        """End the fault, and do what people have to do about it. Where Google said "gone", it is."""
        self.google.control("DELETE", "faults")
        if self._is_true:
            self._remove_old_events()
        if mend is Mend.RECONNECT:
            self.installed.connect()
        elif mend is Mend.REMOVE_AND_CONNECT:
            self.installed.parts.grants.disconnect(USER, CALENDAR)
            self.installed.connect()
        elif mend is Mend.DAY:
            self.installed.clock.advance(minutes=A_DAY_MIN)

    def run(self) -> RunView:
        """Carry out a run."""
        return self.installed.sync()

    @property
    def connection(self) -> str:
        """How the page shows the connection."""
        return self.installed.parts.grants.connection(USER, CALENDAR).status.value

    def in_crm(self) -> dict[str, str]:
        """The CRM's living activities: title and place."""
        return {subject: row["location"] for subject, row in self.installed.activities().items()}

    def in_google(self) -> list[tuple[str, str]]:
        """Google's living events: title and place, doubles too."""
        return [(event["summary"], event.get("location", "")) for event in self.installed.events()]

    def left_over(self) -> dict[str, int]:
        """What our tables still have to do."""
        tables = ("gsync_inbox", "gsync_intents", "gsync_parked")
        return {table: len(self.installed.rows(f"SELECT 1 FROM {table}")) for table in tables}

    def _remove_old_events(self) -> None:
        wanted = dict(self.expected)
        for event in self.installed.events():
            if wanted.get(event["summary"]) != event.get("location", ""):
                self.google.edit("delete", event["id"])

    # --- what is pending ---

    def _title(self) -> str:
        return f"Cita {next(self._numbers):04}"

    def _repeat(self, act: Callable[[], Any]) -> None:
        act()
        act()

    def _new_activity(self) -> tuple[str, int]:
        title = self._title()
        self.expected[title] = "Jaén"
        return title, self.installed.add_activity(title, location="Jaén")

    def _edit_activity(self) -> None:
        title, crm_id = self._linked.pop()
        self.expected[title] = "Úbeda"
        self.installed.edit_activity(crm_id, location="Úbeda")

    def _delete_activity(self) -> None:
        title, crm_id = self._linked.pop()
        del self.expected[title]
        self.installed.delete_activity(crm_id)

    def _new_event(self) -> None:
        title = self._title()
        self.expected[title] = "Baeza"
        self.google.edit("insert", body=timed(title, location="Baeza"))

    def _prepare_changes(self) -> None:
        self._new_event()
        self._edit_activity()

    def _prepare_full_list(self) -> None:
        self.installed.parts.pairs.forget_sync_token(self.installed.pair_id)
        self._prepare_changes()

    def _prepare_missing(self) -> None:
        title, crm_id = self._linked.pop()
        del self.expected[title]
        [link] = [link for link in self.installed.links() if link["crm_id"] == crm_id]
        self.google.switch(tombstone_days=0.0)
        self.google.edit("delete", link["google_id"])
        self._prepare_full_list()

    def _prepare_unknown(self) -> None:
        self.google.fault("events.insert", reset="before" if self._is_true else "after", times=1)
        self._new_activity()
        self.run()
        self._edit_activity()

    def _prepare_changed(self) -> None:
        self.google.fault("events.patch", status=412, times=1)
        self._edit_activity()

    def _prepare_batch(self) -> None:
        self._new_activity()
        self._edit_activity()
        self._delete_activity()


class Stage:
    """Gives each test a scene: the last one's, or a new one when that is used up or a test failed on it."""

    def __init__(self, mariadb: MariaDb, google: SimulatedGoogle) -> None:
        self._mariadb, self._google = mariadb, google
        self._scene: Scene | None = None

    @contextmanager
    def scene(self) -> Iterator[Scene]:
        if self._scene is None or self._scene.is_used_up:
            self.close()
            self._google.reset()
            self._scene = Scene(install(self._mariadb, self._google))
        scene, self._scene = self._scene, None
        try:
            yield scene
            self._scene = scene
        finally:
            if self._scene is None:
                scene.installed.close()

    def close(self) -> None:
        if self._scene is not None:
            self._scene.installed.close()
            self._scene = None
