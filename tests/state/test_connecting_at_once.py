"""Many users connect in the same moment: on the day on which the administrator tells everybody that they can."""

from __future__ import annotations

import threading
from datetime import timedelta

from plugin.sync.account_ports import Collection, Grant
from plugin.sync.views import CALENDAR
from tests.installed import Installed

USERS = 8
ROUNDS = 5


def connect(installed: Installed, number: int) -> bool:
    email = f"user{number}@empresa.example"
    grant = Grant(
        google_sub=f"sub-{number}",
        email=email,
        scopes=frozenset(),
        access_token="a",
        expires_utc=installed.clock() + timedelta(hours=1),
        refresh_token="r",
    )
    collection = Collection(email, email)
    return installed.parts.grants.save_grant(number, CALENDAR, grant, collection, installed.clock())


def test_all_of_them_are_connected(installed: Installed) -> None:
    for first in range(100, 100 + USERS * ROUNDS, USERS):
        start, done = threading.Barrier(USERS), list[int]()

        def enter(number: int, start: threading.Barrier = start, done: list[int] = done) -> None:
            start.wait()
            if connect(installed, number):
                done.append(number)

        threads = [threading.Thread(target=enter, args=(first + number,)) for number in range(USERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(done) == list(range(first, first + USERS))
