"""What one pair's run does to our tables keeps no other pair's run waiting: it locks rows of its own pair and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from demo.servers import MariaDb
from plugin.core.model import LinkState, Side
from plugin.state.store import PairState
from plugin.sync.memory_ports import ParkedItem
from tests.builders import NOW, a_draft, an_intent
from tests.real_stores import RealRig

Act = Callable[[Any], None]


@pytest.fixture
def rig(mariadb: MariaDb) -> Iterator[RealRig]:
    with_database = RealRig(mariadb)
    yield with_database
    with_database.close()


def resource(google_id: str) -> dict[str, str]:
    return {"id": google_id, "etag": '"1"', "status": "confirmed"}


def parked(google_id: str) -> ParkedItem:
    return ParkedItem(Side.GOOGLE, google_id, '"1"', "refused")


def fill(state: Any, first: int) -> None:
    """Let a pair have two of everything."""
    for crm_id in (first, first + 1):
        google_id = f"event{crm_id}"
        state.save_inbox([resource(google_id)], NOW)
        state.park([parked(google_id)], NOW)
        state.save_intents([an_intent(crm_id=crm_id, google_id=google_id)])
        state.save_links([a_draft(crm_id=crm_id, google_id=google_id, link_key=google_id)])


# What a run removes or changes: all that its pair has, or what isn't there.
REMOVALS: dict[str, Act] = {
    "inbox": lambda s: s.remove_inbox([("event11", '"1"'), ("event12", '"1"')]),
    "nothing of the inbox": lambda s: s.remove_inbox([("event99", '"1"')]),
    "parked": lambda s: s.unpark(Side.GOOGLE, ["event11", "event12"]),
    "nothing parked": lambda s: s.unpark(Side.GOOGLE, ["event99"]),
    "intents": lambda s: s.remove_intents(["event11", "event12"]),
    "no intent": lambda s: s.remove_intents(["event99"]),
    "links": lambda s: s.set_link_state(
        [link.link_id for link in s.load_links(crm_ids=[11, 12])], LinkState.DEAD
    ),
    "all that is parked": lambda s: s.save_listing(
        [], sync_token="t", list_hash="another", is_full=False, now_utc=NOW
    ),
}


@pytest.mark.parametrize("what", REMOVALS)
def test_another_pair_s_run_goes_on_meanwhile(rig: RealRig, what: str) -> None:
    with rig.unit_of_work() as uow:
        fill(uow.state, 11)
        uow.commit()
    others = replace(rig.pair, pair_id=rig.pair.pair_id + 1)
    with rig.engine.begin() as connection:
        fill(PairState(connection, others, 0), 21)
    with rig.unit_of_work() as uow:
        REMOVALS[what](uow.state)

        with rig.engine.begin() as connection:
            connection.execute(sa.text("SET SESSION innodb_lock_wait_timeout = 1"))
            state = PairState(connection, others, 0)
            state.remove_inbox([("event21", '"1"')])
            state.unpark(Side.GOOGLE, ["event22"])
            state.remove_intents(["event21"])
            state.set_link_state([state.load_links(crm_ids=[21])[0].link_id], LinkState.DEAD)
            fill(state, 0)
            fill(state, 31)
