"""Scenarios of contacts: 100 created and 100 updated on each side in one run, and a run with nothing to do."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bench.installation import USER, Installation
from bench.measure import Measured, measure
from demo.crm.contacts import Contact, create_contact
from demo.crm.records import Saving
from plugin.moments import utc_now

COUNT = 100


def hundred(there: Installation) -> Measured:
    """100 created and 100 updated on each side, in one run."""
    _settled(there)
    _change_contacts(there)
    _change_people(there)
    add_contacts(there, "C2")
    add_people(there, "G2")
    return measure(there, "contacts hundred")


def idle(there: Installation) -> Measured:
    """Nothing has changed since the last run."""
    _settled(there)
    return measure(there, "contacts idle")
