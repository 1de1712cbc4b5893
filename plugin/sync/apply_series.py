"""The end of a series' layout: which are done with, and what the CRM is to say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from plugin.core.crm_rules import crm_rule
from plugin.core.model import Link, LinkState
from plugin.core.plan import Plan
from plugin.core.reconcile import Action, Decision
from plugin.core.series import Series, ends_before, recurrence_of, rule_name, start_of
from plugin.sync.gather import Gathered
from plugin.sync.ports import CrmEvents, JoinedSeries, Run, UnitOfWork
from plugin.sync.series import SLACK_DAYS, today, window


def note_laid_out(run: Run, uow: UnitOfWork, gathered: Gathered, plan: Plan) -> None:
    """Remember which series of this pass are laid out, and have the CRM say so: nothing of them is left to write."""
    if not gathered.series:
        return
    done = finished(run, gathered, plan)
    if not done:
        return
    zones = run.user.time_zone, ZoneInfo(run.crm_zone)
    done, joins = _joined(gathered.series, done, gathered.series_links, *zones)
    if joins:
        cast(CrmEvents, uow.crm).join_repeats(joins)
    uow.state.save_laid_out(done)


def finished(run: Run, gathered: Gathered, plan: Plan) -> list[Series]:
    """Return the series of which nothing is left to write, as they are laid out now.

    What was linked just now may differ: only when it is looked at once more is that known.
    """
    in_memory = {id(decision) for decision in plan.memory if decision.action is not Action.LINK}
    undone = [decision for decision in gathered.decisions if id(decision) not in in_memory]
    open_ids = {series_id for decision in undone for series_id in _series_of(decision)}
    open_ids |= gathered.waiting_series
    whole = window(run)
    until = today(run) + timedelta(days=run.horizon_days + SLACK_DAYS)
    return [
        replace(
            one,
            laid_out_rule=rule_name(one),
            laid_out_until=None if ends_before(one, whole.until_utc) else until,
        )
        for one in gathered.series
        if one.google_id not in open_ids
    ]


def _joined(
    before: Sequence[Series],
    done: Sequence[Series],
    links: Sequence[Link],
    user_zone: str,
    crm_zone: ZoneInfo,
) -> tuple[list[Series], list[JoinedSeries]]:
    """Return the series with their CRM head, and what the CRM is to say of each.

    Its days are those of the zone that the CRM's columns are in (facts/crm_repeats.md §2.3). A series that the CRM itself made
    stays as it said it, until its rule is changed in Google.
    """
    series_of = {one.google_id: one for one in before}
    result: list[Series] = []
    joins: list[JoinedSeries] = []
    for one in done:
        earlier = series_of[one.google_id]
        is_new_rule = earlier.laid_out_rule != one.laid_out_rule
        is_the_crms_own = earlier.laid_out_rule == "" and earlier.crm_head_id is not None
        members = _members(one, links)
        if one.is_over or is_the_crms_own or not members:
            result.append(one)
            continue
        head_id = earlier.crm_head_id or members[0][1]
        result.append(replace(one, crm_head_id=head_id))
        joins.append(
            JoinedSeries(
                head_id=head_id,
                crm_ids=[crm_id for _, crm_id in members],
                rule=None if one.is_single else crm_rule(recurrence_of(one), user_zone, crm_zone.key),
                is_new_rule=is_new_rule,
                first_date=members[0][0].astimezone(crm_zone).date(),
                last_date=members[-1][0].astimezone(crm_zone).date(),
                moves_end=one.laid_out_until is not None,
            )
        )
    return result, joins


def _members(one: Series, links: Sequence[Link]) -> list[tuple[datetime, int]]:
    return sorted(
        (start_of(link.crm_half.when), link.crm_id)
        for link in links
        if one.google_id in {link.series_id, link.google_id} and link.state is LinkState.LIVE
    )


def _series_of(decision: Decision) -> Iterator[str]:
    if decision.google is not None:
        yield decision.google.series_id or decision.google.google_id
    if decision.link is not None:
        yield decision.link.series_id or decision.link.google_id
