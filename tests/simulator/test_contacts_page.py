"""The page at /contacts, as a person and as a browser see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from demo.google.server import build_server
from tests.chromium import running_chromium
from tests.simulator.persons import LUCIA, edit, named

MARCO = "marco@empresa.example"


def page(url: str, **query: str) -> str:
    answer = requests.get(f"{url}/contacts", params={"hl": "es", "account": LUCIA} | query, timeout=10)
    assert answer.status_code == 200
    return answer.text


def send(url: str, action: str, **form: Any) -> requests.Response:
    data = {"account": LUCIA, "hl": "es", **form}
    return requests.post(f"{url}/contacts/{action}", data=data, allow_redirects=False, timeout=10)


def stored(sim: Any) -> list[Any]:
    people = sim.get("state")["contacts"][LUCIA]["people"]
    return [person for person in people if "deleted" not in person["metadata"]]


def rows(**values: list[str]) -> dict[str, list[str]]:
    """A form's rows of typed values: phoneNumbers=["mobile:612345678"]."""
    found: dict[str, list[str]] = {}
    for name, items in values.items():
        found[f"{name}_type"] = [item.partition(":")[0] for item in items]
        found[name] = [item.partition(":")[2] for item in items]
    return found


def test_the_list_shows_the_contacts_of_the_account_escaped(url: str, sim: Any) -> None:
    edit(sim, "create", **named("Ana <b>"), emailAddresses=[{"value": "a@b.example"}])
    text = page(url)
    assert "Ana &lt;b&gt; Pérez" in text
    assert "a@b.example" in text
    assert "Ana" not in page(url, account=MARCO)
    assert "New contact" in page(url, hl="en")


def test_labels_narrow_the_list_down(url: str, sim: Any) -> None:
    label = sim.post("edit-group", email=LUCIA, label="Clientes")["resourceName"]
    person = edit(sim, "create", **named("Ana"))["resourceName"]
    edit(sim, "create", **named("Eva"))
    sim.post("edit-group", email=LUCIA, resource_name=label, add=[person])
    assert "Clientes (1)" in page(url)
    narrow = page(url, label=label)
    assert "Ana Pérez" in narrow
    assert "Eva Pérez" not in narrow


def test_saving_creates(url: str, sim: Any) -> None:
    label = sim.post("edit-group", email=LUCIA, label="Clientes")["resourceName"]
    phones = rows(phoneNumbers=["mobile:612 345 678", ":"], emailAddresses=["work:a@b.example"])
    address = {"streetAddress": ["Mayor 1"], "city": ["León"], "address_type": ["home"]}
    answer = send(
        url, "save", givenName="Ana", org_name="Acme", birthday="02-29", notes="a\r\nb", in_label=label,
        **phones, **address,
    )  # fmt: skip
    assert (answer.status_code, answer.headers["Location"][:10]) == (303, "/contacts?")
    [made] = stored(sim)
    assert made["names"][0]["displayName"] == "Ana"
    assert (made["phoneNumbers"][0]["type"], made["phoneNumbers"][0]["value"]) == ("mobile", "612 345 678")
    assert made["addresses"][0]["formattedValue"] == "Mayor 1\nLeón"
    assert made["birthdays"][0]["date"] == {"month": 2, "day": 29}
    assert made["biographies"][0]["value"] == "a\nb"
    assert len(made["memberships"]) == 2
    assert 'value="02-29"' in page(url, person=made["resourceName"])


def test_saving_changes_what_the_form_shows_and_leaves_the_rest(url: str, sim: Any) -> None:
    phones = [{"value": "111", "type": "Oficina"}, {"value": "222"}]
    more = {"relations": [{"person": "Uxía", "type": "sister"}], "nicknames": [{"value": "Anita"}]}
    name = {"givenName": "Ana", "middleName": "María", "familyName": "Gil"}
    before = edit(sim, "create", names=[name], phoneNumbers=phones, **more)
    form = {"person": before["resourceName"], "givenName": "Ada", "familyName": "Gil"}
    send(url, "save", **form, **rows(phoneNumbers=["Oficina:111", ":333", ":"]))
    [after] = stored(sim)
    assert after["names"][0]["displayName"] == "Ada María Gil"
    assert [phone["value"] for phone in after["phoneNumbers"]] == ["111", "333"]
    assert after["phoneNumbers"][0] == before["phoneNumbers"][0]
    assert {field: after[field] for field in more} == {field: before[field] for field in more}
    send(url, "save", **form, **rows(phoneNumbers=["Oficina:111", ":333", ":"]))
    assert stored(sim) == [after]


def test_deleting_removes(url: str, sim: Any) -> None:
    person = edit(sim, "create", **named())["resourceName"]
    assert send(url, "delete", person=person).status_code == 303
    assert stored(sim) == []
    assert send(url, "delete", person=person).status_code == 400


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"givenName": "Ana", "birthday": "31-31"}, "no es una fecha"),
        ({}, "vacío"),
        ({"account": "x"}, "account"),
    ],
    ids=["birthday", "empty", "account"],
)
def test_what_can_not_be_saved_comes_back_with_the_reason(
    url: str, sim: Any, form: dict[str, str], problem: str
) -> None:
    answer = send(url, "save", **form)
    assert answer.status_code == 400
    assert problem in answer.text
    assert stored(sim) == []


def test_pages_stay_out_of_the_log(url: str, sim: Any) -> None:
    page(url)
    send(url, "save", givenName="Ana")
    assert sim.get("log")["entries"] == []


def test_the_default_company_has_contacts() -> None:
    server = build_server()
    server.server_close()
    book = server.world.books[LUCIA]
    labels = {group["name"]: len(book.members(group["resourceName"])) for group in book.groups}
    assert (labels["Clientes"], labels["Proveedores"], labels["myContacts"]) == (2, 1, 5)


@pytest.fixture(scope="module")
def in_browser() -> Iterator[Callable[[Callable[[Page], None]], None]]:
    """Runs a visit in Chromium, Spanish."""
    with running_chromium() as browser:

        def visit(steps: Callable[[Page], None]) -> None:
            context = browser.new_context(locale="es-ES", viewport={"width": 1360, "height": 900})
            context.set_default_timeout(10_000)
            steps(context.new_page())
            context.close()

        yield visit


@pytest.mark.browser
def test_a_person_adds_changes_and_removes_a_contact(url: str, sim: Any, in_browser: Any) -> None:
    def steps(tab: Page) -> None:
        tab.goto(url)
        tab.get_by_role("link", name="Contactos").click()
        tab.get_by_role("link", name="Nuevo contacto").click()
        tab.get_by_label("Nombre", exact=True).fill("Ana")
        tab.get_by_label("Apellidos").fill("Gil")
        tab.get_by_label("Teléfonos").first.fill("612345678")
        tab.get_by_role("button", name="Guardar").click()
        tab.get_by_role("link", name="Ana Gil").click()
        expect(tab.get_by_label("Teléfonos").first).to_have_value("612345678")
        tab.get_by_label("Destacados").check()
        tab.get_by_role("button", name="Guardar").click()
        expect(tab.get_by_role("link", name="Destacados (1)")).to_be_visible()
        tab.get_by_role("link", name="Ana Gil").click()
        tab.get_by_role("button", name="Eliminar").click()
        expect(tab.get_by_text("No hay contactos aquí.")).to_be_visible()

    in_browser(steps)
    assert stored(sim) == []
