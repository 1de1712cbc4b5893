"""What stands in the answers of requests for many people."""

from __future__ import annotations

from typing import Any

from plugin.core.errors import RefusedError, StoreError, UnavailableError
from plugin.core.mapping.google_person import marker_datum
from plugin.core.model import Marker
from plugin.google.people_requests import PeopleRequests
from plugin.sync.people_ports import PersonCreate

REFUSED = {"status": {"code": 3, "message": "Invalid argument."}}


def data(number: int) -> list[dict[str, str]]:
    return [marker_datum(Marker("install-1", f"key{number}"))]


def part(number: int) -> dict[str, Any]:
    return {"person": {"resourceName": f"people/c{number}", "clientData": data(number)}}


def created(*parts: dict[str, Any], keyed: bool = True) -> list[Any]:
    operations = [PersonCreate({"clientData": data(number)} if keyed else {}) for number in range(len(parts))]
    answers = PeopleRequests(None).created(operations, {"createdPeople": list(parts)})
    return [type(a) if isinstance(a, StoreError) else a["resourceName"] for a in answers if a is not None]


def test_answers_to_creates_are_taken_in_their_order() -> None:
    assert created(part(0), REFUSED, part(2)) == ["people/c0", RefusedError, "people/c2"]
    assert created(part(7), part(8), keyed=False) == ["people/c7", "people/c8"]


def test_answers_in_another_order_go_to_whom_they_are_about() -> None:
    assert created(part(2), part(0), part(1)) == ["people/c0", "people/c1", "people/c2"]


def test_create_whose_answer_can_t_be_told_is_in_doubt() -> None:
    assert created(part(2), REFUSED, part(1)) == [UnavailableError, "people/c1", "people/c2"]
