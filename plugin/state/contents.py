"""Which of a pair's tables hold anything, as the statement that begins a transaction tells it: what is empty isn't asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from plugin.state import models as m

_TABLES = {"inbox": m.inbox, "intents": m.intents, "parked": m.parked, "series": m.series}


@dataclass(slots=True)
class Contents:
    """What may be there, inside one transaction: all of it, where nobody looked. Who writes says so here."""

    inbox: bool = True
    intents: bool = True
    parked: bool = True
    series: bool = True


def contents_columns(pair_id: int) -> Sequence[sa.ColumnElement[Any]]:
    """Return columns for any select on our tables. As subqueries they lock nothing, even in a select that locks."""
    return [
        sa.exists().where(table.c.pair_id == pair_id).label(f"has_{name}") for name, table in _TABLES.items()
    ]


def contents_from_row(row: Any) -> Contents:
    """Return what a row with these columns says."""
    return Contents(**{name: bool(getattr(row, f"has_{name}")) for name in _TABLES})
