"""Of what a series is kept together in our memory: its master and its exceptions, out of what Google lists and answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from plugin.core.mapping.google_event import Resource
from plugin.core.series import BY_RULE, OVER, SEEN_BY_RULE, Series, split_instance_id


def sort_parts(
    resources: Iterable[Resource], known: Collection[str]
) -> tuple[list[Resource], dict[str, list[Resource]]]:
    """Return what stands alone, and by series the masters and exceptions; `known` are the series that we keep already.

    An exception without its series (the user was invited to this one occurrence) is an event like any other.
    """
    listed = list(resources)
    masters = {resource["id"] for resource in listed if resource.get("recurrence")} | set(known)
    alone: list[Resource] = []
    parts: dict[str, list[Resource]] = {}
    for resource in listed:
        series_id = _series_of(resource, masters)
        if series_id is None:
            alone.append(resource)
        else:
            parts.setdefault(series_id, []).append(resource)
    return alone, parts


def _series_of(resource: Resource, masters: Collection[str]) -> str | None:
    split = split_instance_id(resource["id"])
    for candidate in (resource["id"], resource.get("recurringEventId"), split[0] if split else None):
        if candidate in masters:
            return str(candidate)
    return None


def with_parts(series: Series | None, series_id: str, parts: Iterable[Resource]) -> Series:
    """Return the series with these newer masters and exceptions; raises ValueError for exceptions without a master."""
    master = series.master if series else None
    exceptions = dict(series.exceptions) if series else {}
    for part in parts:
        if part["id"] == series_id:
            master = part
        else:
            exceptions[part["id"]] = part
    if master is None:
        raise ValueError(f"no master of {series_id}")
    return (
        replace(series, master=master, exceptions=exceptions)
        if series
        else Series(series_id, master, exceptions)
    )


def kept_parts(series: Series) -> Series | None:
    """Return what is to be kept of a series that is laid out; None of a single event none of whose days was cancelled.

    Google tells a cancelled day once; it stays out when the event is repeated again.
    """
    if series.is_over or not series.is_single:
        return series
    cancelled = {i: part for i, part in series.exceptions.items() if part.get("status") == "cancelled"}
    return Series(series.google_id, series.master, cancelled, laid_out_rule=OVER) if cancelled else None


def cancelled_days(alone: Iterable[Resource]) -> dict[str, list[Resource]]:
    """Return, by id, the single events listed together with cancelled days: repeated and made single again since the last time.

    Each with its days, the event first.
    """
    by_id = {resource["id"]: resource for resource in alone}
    days: dict[str, list[Resource]] = {}
    for google_id, resource in by_id.items():
        split = split_instance_id(google_id)
        event = by_id.get(split[0]) if split and resource.get("status") == "cancelled" else None
        if event is not None and event.get("status") != "cancelled":
            days.setdefault(event["id"], [event]).append(resource)
    return days


def listed_exceptions(exceptions: Mapping[str, Resource]) -> list[str]:
    """Return the ids of those that a full list of Google's holds: neither cancelled, nor such as only the rule makes."""
    return [i for i, e in exceptions.items() if e.get("status") != "cancelled" and SEEN_BY_RULE not in e]


def as_asked_for(resource: Resource, known: Mapping[str, Series]) -> Resource:
    """Return what Google answered about an event, as our memory is to keep it.

    An occurrence that no listing has shown as an exception is only what its series makes of it, as long as that stays.
    """
    split = split_instance_id(resource["id"])
    series = known.get(split[0]) if split else None
    if series is None:
        return resource
    before = series.exceptions.get(resource["id"])
    if before is not None and SEEN_BY_RULE not in before:
        return resource
    return {**resource, SEEN_BY_RULE: f"{BY_RULE}{series.master.get('etag', '')}"}
