"""The CRM's own series: a rule per activity, and from 7.0 on a list that ties activities together.

Without both, its "this / future / all" stops half way (facts/crm_repeats.md §4.3).

Before 7.0 nothing ties repeats together; there, activities of a series are left as they are: each stands for itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from plugin.by_key import delete_by_key
from plugin.crm import tables as t
from plugin.crm.records import by_id
from plugin.sync.ports import CrmRepeat, JoinedSeries

NO_REPEAT = "--None--"
_RULE_COLUMNS = ("recurringdate", "recurringtype", "recurringfreq", "recurringinfo", "recurringenddate")


class Repeats:
    """Reads and writes what the CRM says of repeats; activities themselves only in `recurringtype`."""

    def __init__(self, connection: sa.Connection, schema: t.CrmSchema) -> None:
        self._connection, self._schema = connection, schema

    @property
    def are_kept(self) -> bool:
        """Tell whether this release ties the activities of a series together."""
        return self._schema.has(t.recurring_info) and self._schema.has(t.recurring_rules)

    def read(self, crm_ids: Sequence[int], is_wanted: sa.ColumnElement[bool]) -> Sequence[CrmRepeat]:
        """Return the series that these activities are part of, each with its activities that are `is_wanted`."""
        if not self.are_kept or not crm_ids:
            return []
        info, rules = t.recurring_info.c, t.recurring_rules.c
        of_ids = (
            sa.select(info.activityid, rules.recurringtype, rules.recurringfreq)
            .select_from(t.recurring_info)
            .join(t.recurring_rules, rules.activityid == info.recurrenceid)
            .where(info.recurrenceid.in_(crm_ids))
            .order_by(info.recurrenceid)
        )
        rule_of = {row.activityid: row for row in reversed(self._connection.execute(of_ids).all())}
        members = (
            sa.select(info.activityid, info.recurrenceid)
            .select_from(t.recurring_info)
            .join(t.entity, t.entity.c.crmid == info.recurrenceid)
            .join(t.activity, t.activity.c.activityid == info.recurrenceid)
            .where(info.activityid.in_(rule_of), is_wanted)
            .distinct()
            .order_by(info.recurrenceid)
        )
        ids_of: dict[int, list[int]] = {}
        for row in self._connection.execute(members) if rule_of else ():
            ids_of.setdefault(row.activityid, []).append(row.recurrenceid)
        return [
            CrmRepeat(head_id, rule.recurringtype or "", int(rule.recurringfreq or 1), tuple(ids_of[head_id]))
            for head_id, rule in sorted(rule_of.items())
            if head_id in ids_of
        ]

    def join(self, series: Sequence[JoinedSeries]) -> None:
        """Write what differs from `series`: in a statement or two per table, whatever their number."""
        if not self.are_kept or not series:
            return
        part = [crm_id for one in series if one.rule is None and one.is_new_rule for crm_id in one.crm_ids]
        said = [one for one in series if one.rule is not None]
        ids = [crm_id for one in said for crm_id in one.crm_ids]
        heads, rules = self._heads(ids), self._rules(ids)
        # In the order of the CRM's own saves, or each would wait for the other; the table without an index last.
        self._say(said, rules)
        self._tie(said, heads)
        if part:
            self.forget(part)
            self._mark(dict.fromkeys(part, NO_REPEAT))

    def forget(self, crm_ids: Sequence[int]) -> None:
        """Take activities out of their series, as the CRM does when one is deleted (facts/crm_repeats.md §4.1)."""
        repeats = self._of_repeats(crm_ids)
        self._delete(t.reminder, t.reminder.c.activity_id, t.reminder.c.activity_id, repeats)
        self._delete(
            t.recurring_rules, t.recurring_rules.c.recurringid, t.recurring_rules.c.activityid, repeats
        )
        # The table has no index: a delete locks all of it, which the CRM would have to wait for even if nothing is there.
        if self._schema.has(t.recurring_info) and (tied := list(self._heads(crm_ids))):
            self._connection.execute(
                sa.delete(t.recurring_info).where(t.recurring_info.c.recurrenceid.in_(tied))
            )

    # --- inside ---

    def _of_repeats(self, crm_ids: Sequence[int]) -> Sequence[int]:
        # Only these: a single event keeps what hangs on it for the day that it is restored.
        query = sa.select(t.activity.c.activityid).where(
            t.activity.c.activityid.in_(crm_ids), t.activity.c.recurringtype.not_in(["", NO_REPEAT])
        )
        return self._connection.execute(query).scalars().all()

    def _delete(
        self, table: sa.Table, key: sa.Column[Any], activity_id: sa.Column[Any], crm_ids: Sequence[int]
    ) -> None:
        if not crm_ids or not self._schema.has(table):
            return
        # Looked up without locking: a delete that finds nothing keeps the CRM from putting something there.
        found = self._connection.execute(sa.select(key).where(activity_id.in_(crm_ids))).scalars().all()
        delete_by_key(self._connection, table, key, found)

    def _heads(self, crm_ids: Sequence[int]) -> Mapping[int, int]:
        info = t.recurring_info.c
        query = sa.select(info.recurrenceid, info.activityid).where(info.recurrenceid.in_(crm_ids))
        return (
            {row.recurrenceid: row.activityid for row in self._connection.execute(query)} if crm_ids else {}
        )

    def _rules(self, crm_ids: Sequence[int]) -> Mapping[int, Any]:
        names = [name for name in _RULE_COLUMNS if self._schema.has(t.recurring_rules, name)]
        query = sa.select(
            t.recurring_rules.c.activityid, *(t.recurring_rules.c[name] for name in names)
        ).where(t.recurring_rules.c.activityid.in_(crm_ids))
        return {row.activityid: row for row in self._connection.execute(query)} if crm_ids else {}

    def _tie(self, series: Sequence[JoinedSeries], head_of: Mapping[int, int]) -> None:
        new: list[dict[str, int]] = []
        moved: dict[int, object] = {}
        for one in series:
            for crm_id in one.crm_ids:
                if crm_id not in head_of:
                    new.append({"activityid": one.head_id, "recurrenceid": crm_id})
                elif one.is_new_rule and head_of[crm_id] != one.head_id:
                    moved[crm_id] = one.head_id
        if new:
            self._connection.execute(sa.insert(t.recurring_info), new)
        self._set(t.recurring_info, t.recurring_info.c.recurrenceid, {"activityid": moved})

    def _say(self, series: Sequence[JoinedSeries], rules: Mapping[int, Any]) -> None:
        new: list[Mapping[str, object]] = []
        changed: dict[str, dict[int, object]] = {}
        kinds: dict[int, object] = {}
        for one in series:
            for crm_id in one.crm_ids:
                row, values = rules.get(crm_id), _rule_values(one)
                if row is None:
                    new.append(
                        self._schema.only_existing(t.recurring_rules, {"activityid": crm_id, **values})
                    )
                    kinds[crm_id] = values["recurringtype"]
                    continue
                for name, value in _replaced(one, row, values).items():
                    changed.setdefault(name, {})[crm_id] = value
                if one.is_new_rule:
                    kinds[crm_id] = values["recurringtype"]
        self._mark(kinds)
        self._set(t.recurring_rules, t.recurring_rules.c.activityid, changed)
        if new:
            self._connection.execute(sa.insert(t.recurring_rules), new)

    def _mark(self, kinds: Mapping[int, object]) -> None:
        self._set(t.activity, t.activity.c.activityid, {"recurringtype": kinds})

    def _set(self, table: sa.Table, key: sa.Column[Any], values: Mapping[str, Mapping[int, object]]) -> None:
        ids: Sequence[int] = sorted({crm_id for of_column in values.values() for crm_id in of_column})
        if not ids:
            return
        cases = {name: by_id(table.c[name], key, of) for name, of in values.items() if of}
        update = sa.update(table).values(**cases)
        if table is t.recurring_info:
            self._connection.execute(update.where(key.in_(ids)))
            return
        if table is t.recurring_rules:
            primary = t.recurring_rules.c.recurringid
            ids = self._connection.execute(sa.select(primary).where(key.in_(ids))).scalars().all()
            key = primary
        self._connection.execute(update.with_hint(t.BY_KEY).where(key.in_(ids)))


def _rule_values(one: JoinedSeries) -> dict[str, object]:
    if one.rule is None:
        raise ValueError("only a rule can be said")
    return {
        "recurringdate": one.first_date,
        "recurringtype": one.rule.kind,
        "recurringfreq": one.rule.interval,
        "recurringinfo": one.rule.detail,
        "recurringenddate": one.last_date,
    }


def _replaced(one: JoinedSeries, row: Any, values: Mapping[str, object]) -> dict[str, object]:
    names = [name for name in _RULE_COLUMNS if hasattr(row, name)] if one.is_new_rule else []
    if one.moves_end and hasattr(row, "recurringenddate"):
        names.append("recurringenddate")
    return {name: values[name] for name in names if getattr(row, name) != values[name]}
