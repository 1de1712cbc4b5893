"""Laying out: each link is decided about once, goes on only under a new rule, and none is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plugin.core.model import Link, LinkState, Presence
from plugin.core.recurrence import slot_name
from plugin.core.series import Series, family_of, rule_name, split_instance_id, take_place
from plugin.core.series_layout import lay_out, window_of
from plugin.core.series_parts import sort_parts
from tests.builders import MADRID, a_link, a_resource, an_event, timed_body

RULES = (
    "FREQ=DAILY;COUNT=9",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=6",
    "FREQ=DAILY;INTERVAL=2;COUNT=7",
)
WINDOW = window_of(date(2027, 2, 1), date(2027, 3, 1), 30, MADRID)
rules = st.sampled_from(RULES)
days = st.integers(1, 5).map(lambda day: f"2027-03-{day:02}")


def series_of(rule: str, day: str = "2027-03-02", clock: str = "10", laid_out_rule: str = "other") -> Series:
    body = timed_body(f"{day}T{clock}:00:00", f"{day}T{clock}:45:00")
    master = a_resource("series1", etag='"7"', recurrence=[f"RRULE:{rule}"], **body)
    return Series("series1", master, laid_out_rule=laid_out_rule)


def links_of(series: Series) -> list[Link]:
    """Return a link for each occurrence inside the window."""
    found = [c for c in take_place(series, WINDOW.since_utc, WINDOW.until_utc) if WINDOW.holds(c)]
    return [
        replace(
            a_link(google_half=c.content or an_event()),
            link_id=number,
            crm_id=number,
            google_id=c.google_id,
            series_id="series1",
        )
        for number, c in enumerate(found, 1)
    ]


@given(rules, rules, days, st.booleans(), st.data())
def test_no_link_is_lost_or_used_twice(
    before: str, after: str, day: str, is_new: bool, data: st.DataObject
) -> None:  # fmt: skip
    links = links_of(series_of(before))
    dead = data.draw(st.sets(st.sampled_from([link.link_id for link in links])))
    links = [replace(link, state=LinkState.DEAD) if link.link_id in dead else link for link in links]
    now = series_of(after, day)
    if not is_new:
        now = replace(now, laid_out_rule=rule_name(now))
    layout = lay_out([now], links, WINDOW)
    ids = [change.google_id for change in layout.changes]
    assert len(set(ids)) == len(ids)
    link_of = {link.google_id: link for link in links} | dict(layout.moved)
    used = [link_of[i].link_id for i in ids if i in link_of]
    assert len(set(used)) == len(used)
    assert {link.link_id for link in links if link.state is LinkState.LIVE} <= set(used)
    assert is_new or not layout.moved


@given(rules)
def test_with_the_same_rule_everything_stays(rule: str) -> None:
    series = series_of(rule)
    links = links_of(series)
    layout = lay_out([replace(series, laid_out_rule=rule_name(series))], links, WINDOW)
    assert {c.google_id for c in layout.changes} >= {link.google_id for link in links}
    assert all(c.presence is Presence.ALIVE for c in layout.changes)


@given(rules, days)
def test_moved_activities_go_to_the_nearest_day(rule: str, day: str) -> None:
    links = links_of(series_of(rule))
    layout = lay_out([series_of(rule, day, "12")], links, WINDOW)
    for google_id, link in layout.moved.items():
        change = next(c for c in layout.changes if c.google_id == google_id)
        assert change.content is not None
        assert abs(_start(change.content) - _start(link.google_half)) <= timedelta(days=31)


def _start(event: object) -> object:
    return event.when.start_utc  # type: ignore[attr-defined]


@given(rules, days)
def test_instance_ids_tell_series_and_slot(rule: str, day: str) -> None:
    for change in take_place(series_of(rule, day), WINDOW.since_utc, WINDOW.until_utc):
        assert change.content is not None
        assert split_instance_id(change.google_id) == ("series1", slot_name(change.content.when))


def test_parts_of_a_series_are_told_from_single_events() -> None:
    one = a_resource("series1_20270302T090000Z", recurringEventId="series1")
    stranger = a_resource("series2_20270302T090000Z", recurringEventId="series2")
    tombstone = {"id": "series1_20270309T090000Z", "status": "cancelled"}
    alone, parts = sort_parts([one, stranger, tombstone, a_resource("google1")], ["series1"])
    assert [resource["id"] for resource in alone] == [stranger["id"], "google1"]
    assert [resource["id"] for resource in parts["series1"]] == [one["id"], tombstone["id"]]


def test_what_was_split_off_is_family() -> None:
    assert family_of("abc_R20270316T090000") == family_of("abc_R20270316") == family_of("abc") == "abc"
