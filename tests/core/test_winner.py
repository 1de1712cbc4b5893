"""Who wins a conflict: a side by name, or the later one of two moments; Google where that isn't known."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from plugin.core.model import Policy, Side
from plugin.core.winner import winner_of
from tests.builders import NOW, a_crm_change, a_google_change

EARLIER, LATER = NOW, NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("policy", "modified_utc", "updated_utc", "winner"),
    [
        (Policy.GOOGLE_WINS, LATER, EARLIER, Side.GOOGLE),
        (Policy.CRM_WINS, EARLIER, LATER, Side.CRM),
        (Policy.NEWEST_WINS, LATER, EARLIER, Side.CRM),
        (Policy.NEWEST_WINS, EARLIER, LATER, Side.GOOGLE),
        (Policy.NEWEST_WINS, NOW, NOW, Side.GOOGLE),
        (Policy.NEWEST_WINS, None, NOW, Side.GOOGLE),
        (Policy.NEWEST_WINS, NOW, None, Side.GOOGLE),
    ],
)
def test_winner_goes_by_the_policy(
    policy: Policy, modified_utc: datetime | None, updated_utc: datetime | None, winner: Side
) -> None:
    crm, google = a_crm_change(modified_utc=modified_utc), a_google_change(updated_utc=updated_utc)

    assert winner_of(policy, crm, google) is winner


def test_newest_of_nothing_is_google_s() -> None:
    assert winner_of(Policy.NEWEST_WINS, None, None) is Side.GOOGLE
