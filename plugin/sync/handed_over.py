"""Occurrences of series whose activities change hands: what a pass has to know of it before the series are laid out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from plugin.core.model import Link, LinkState, Presence
from plugin.sync.ports import CrmRecord


def coming_back(records: Iterable[CrmRecord], links: Iterable[Link]) -> list[Link]:
    """Return the links of occurrences whose activities are this user's again."""
    there = {record.crm_id for record in records if record.presence is Presence.ALIVE}
    return [
        link for link in links if link.series_id and link.crm_id in there and link.state is LinkState.RELEASED
    ]


def with_left(records: Iterable[CrmRecord], links: Iterable[Link]) -> list[Link]:
    """Return the links as the layout is to see them: what leaves in this pass is as good as released, and is moved nowhere."""
    left = {record.crm_id for record in records if record.presence is Presence.LEFT}
    return [
        replace(link, state=LinkState.RELEASED)
        if link.crm_id in left and link.state is LinkState.LIVE
        else link
        for link in links
    ]
