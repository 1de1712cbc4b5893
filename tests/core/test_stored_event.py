"""Events as JSON and back."""

from __future__ import annotations

import json

from hypothesis import given

from plugin.core.mapping.stored_event import event_from_json, json_from_event, json_from_when
from plugin.core.model import Event
from tests.builders import days, hours
from tests.strategies import events


@given(events())
def test_stored_event_comes_back(event: Event) -> None:
    assert event_from_json(json.loads(json.dumps(json_from_event(event)))) == event


def test_kind_of_time_shows_in_the_names() -> None:
    assert json_from_when(days()) == {"start_date": "2027-03-02", "end_date": "2027-03-03"}
    assert json_from_when(hours()) == {
        "start_utc": "2027-03-02T09:00:00+00:00",
        "end_utc": "2027-03-02T10:30:00+00:00",
    }
