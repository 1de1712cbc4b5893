"""The settings window of contacts: which contacts, how, and the field mapping; kept whole or refused in words."""

import json
import re

import pytest

from plugin.core.contact import Kind, Slot
from plugin.core.errors import UnavailableError
from plugin.core.mapping.contact_mapping import DEFAULT_CHOICE
from plugin.core.model import Direction, Policy
from plugin.sync.views import ALL_CONTACTS, CONTACTS, ConnectionStatus, OfferedLabel, Preferences
from tests.fakes.services import CONTACTS_PAIRS, FakeWorld
from tests.web.browser import ANA, Get, an_envelope_of, words

SHOW = {"view": "Setting", "sourcemodule": "Contacts"}
SAVE = {"action": "SaveSettings", "sourcemodule": "Contacts"}
XHR = {"X-Requested-With": "XMLHttpRequest"}
PAIR = CONTACTS_PAIRS + ANA
CLUB = "contactGroups/c1"


@pytest.fixture
def contacts(world: FakeWorld) -> FakeWorld:
    """Ana is connected, and has a label."""
    world.accounts.connect(ANA, CONTACTS)
    world.labels.found.append(OfferedLabel(CLUB, "Club <1>", 12))
    return world


def rows(*told: tuple[str, str, str]) -> dict[str, str]:
    return {
        f"{name}_{number}": value
        for number, row in enumerate(told)
        for name, value in zip(("crm", "place", "label"), row, strict=True)
    }


def rows_in(html: str) -> list[tuple[str, str, str]]:
    """Return the rows that a form would send, as `rows` takes them."""
    found = []
    for row in re.findall(r'<tr class="gsync-row">(.*?)</tr>', html, re.DOTALL):
        chosen = [
            (re.findall(r'value="([^"]*)" selected', select) or [""])[0]
            for select in re.findall(r"<select.*?</select>", row, re.DOTALL)
        ]
        [label] = re.findall(r'google-custom-label" value="([^"]*)"', row)
        found.append((chosen[0], chosen[1], label))
    return found


def kept(world: FakeWorld) -> Preferences:
    return world.preferences.load(PAIR)


def test_window_shows_what_holds_and_what_may_be_chosen(contacts: FakeWorld, get: Get) -> None:
    page = get(**SHOW)
    html = page.get_data(as_text=True)
    assert f'<option value="{ALL_CONTACTS}" selected>Todos los contactos' in html
    assert f'<option value="{CLUB}">Club &lt;1&gt;' in html
    assert "Crear las organizaciones que aún no están en el CRM" in words(page)
    assert rows_in(html) == [
        ("email", "email:home", ""),
        ("secondaryemail", "email:work", ""),
        ("mobile", "phone:mobile", ""),
        ("phone", "phone:work", ""),
        ("homephone", "phone:home", ""),
        ("mailingaddress", "address:home", ""),
        ("otheraddress", "address:work", ""),
        ("", "", ""),
    ]
    assert '<option value="cf_853">' in html
    for hidden in ("firstname", "mailingcity", "salutationtype", "birthday"):
        assert f'<option value="{hidden}">' not in html


def test_window_comes_without_a_frame_into_the_crms_overlay(contacts: FakeWorld, post: Get) -> None:
    html = post(**SHOW).get_data(as_text=True)
    assert "<html" not in html
    assert 'name="contactsyncsettings"' in html


def test_everything_is_kept_together(contacts: FakeWorld, post: Get) -> None:
    mapping = rows(
        ("email", "email:work", ""), ("cf_853", "custom:", " Club "), ("", "", ""), ("fax", "phone:", "Nave")
    )
    chosen = {"google_group": CLUB, "sync_direction": "10", "policy": "crm", "creates_accounts": "1"}
    answer = post(**SAVE, **chosen, **mapping)
    assert (answer.status_code, "module=Contacts&view=Extension" in answer.headers["Location"]) == (302, True)
    slots = (
        Slot("email", Kind.EMAIL, "work"),
        Slot("cf_853", Kind.CUSTOM, "Club"),
        Slot("fax", Kind.PHONE, "Nave"),
    )
    assert kept(contacts) == Preferences(
        Direction.GOOGLE_TO_CRM, Policy.CRM_WINS, None, slots, creates_accounts=True
    )
    assert contacts.accounts.connections[ANA, CONTACTS].collection_id == CLUB


def test_saving_the_form_as_it_came_changes_nothing(contacts: FakeWorld, get: Get, post: Get) -> None:
    post(**SAVE, **rows(*rows_in(get(**SHOW).get_data(as_text=True))), creates_accounts="0")
    assert kept(contacts) == Preferences()


def test_own_fields_of_the_crm_can_be_taken_back(contacts: FakeWorld, post: Get) -> None:
    post(**SAVE, **rows(("email", "email:work", "")))
    post(**SAVE, **rows(("email", "email:work", "")), default_mapping="1")
    assert kept(contacts).field_choice is None


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("nothing", "email:home", ""), "El CRM no tiene ese campo"),
        (("phone", "email:home", ""), "no encaja ahí"),
        (("cf_853", "custom:", " "), "Elija un tipo o escriba una etiqueta"),
        (("firstname", "custom:", "x"), "El campo ya se usa"),
    ],
)
def test_wrong_row_is_told_and_nothing_kept(
    contacts: FakeWorld, post: Get, row: tuple[str, str, str], sentence: str
) -> None:
    page = post(**SAVE, google_group=CLUB, policy="crm", **rows(row))
    assert sentence in words(page)
    html = page.get_data(as_text=True)
    assert 'value="crm" selected' in html
    assert f'value="{CLUB}" selected' in html
    assert contacts.preferences.kept == {}
    assert contacts.accounts.connections[ANA, CONTACTS].collection_id == ALL_CONTACTS


@pytest.mark.parametrize(
    "bad",
    [
        {"sync_direction": "00"},
        {"crm_0": "email", "place_0": "soul:old"},
        {"fieldmapping": "["},
        {"fieldmapping": "3"},
    ],
)
def test_nonsense_is_refused(contacts: FakeWorld, post: Get, bad: dict[str, str]) -> None:
    assert "No se entienden estos ajustes" in words(post(**SAVE, **bad))
    assert contacts.preferences.kept == {}


def test_field_that_vanished_from_the_crm_is_kept_with_a_warning(
    contacts: FakeWorld, get: Get, post: Get
) -> None:
    post(**SAVE, **rows(("cf_853", "custom:", "Club"), ("email", "email:home", "")))
    before = kept(contacts).field_choice
    del contacts.contact_fields["cf_853"]
    page = get(**SHOW)
    assert "El CRM ya no tiene el campo «cf_853»" in words(page)
    extension = get(module="Contacts", view="Extension", extensionModule="Google", extensionView="Index")
    assert "El CRM ya no tiene el campo «cf_853»" in words(extension)
    assert post(**SAVE, **rows(*rows_in(page.get_data(as_text=True)))).status_code == 302
    assert kept(contacts).field_choice == before


def test_crms_own_window_extends_its_own_mapping(contacts: FakeWorld, post: Get) -> None:
    told = {
        "0": {
            "vtiger_field_name": "cf_853",
            "google_field_name": "gContact:userDefinedField",
            "google_field_type": "",
            "google_custom_label": "Club",
        },
        "1": {
            "vtiger_field_name": "fax",
            "google_field_name": "gd:phoneNumber",
            "google_field_type": "work",
            "google_custom_label": "",
        },
    }
    answer = post(
        headers=XHR, **SAVE, google_group=ALL_CONTACTS, sync_direction="11", fieldmapping=json.dumps(told)
    )
    assert an_envelope_of(answer) == {"success": True, "result": {"settingssaved": True}}
    choice = kept(contacts).field_choice or ()
    assert choice[-2:] == (Slot("cf_853", Kind.CUSTOM, "Club"), Slot("fax", Kind.PHONE, "work"))
    assert set(choice[:-2]) == set(DEFAULT_CHOICE) - {Slot("phone", Kind.PHONE, "work")}
    refused = an_envelope_of(post(headers=XHR, **SAVE, google_group="contactGroups/none"))
    assert "no está entre las de su cuenta" in refused["error"]["message"]


def test_empty_mapping_of_the_crms_window_is_its_own(contacts: FakeWorld, post: Get) -> None:
    post(headers=XHR, **SAVE, fieldmapping="{}")
    assert kept(contacts).field_choice is None


def test_label_of_another_user_is_read_only(contacts: FakeWorld, post: Get) -> None:
    contacts.labels.found[1] = OfferedLabel(CLUB, "Club", is_taken=True)
    page = post(**SAVE, google_group=CLUB, sync_direction="11", policy="crm")
    assert "solo se pueden sincronizar de Google al CRM" in words(page)
    assert kept(contacts) == Preferences(Direction.GOOGLE_TO_CRM, Policy.CRM_WINS)


def test_label_that_google_lost_is_shown_until_another_is_chosen(contacts: FakeWorld, get: Get) -> None:
    contacts.accounts.connect(
        ANA,
        CONTACTS,
        collection_id="contactGroups/x",
        collection_name="Viejos",
        status=ConnectionStatus.PAUSED,
    )
    assert '<option value="" selected>Viejos (ya no está en Google)' in get(**SHOW).get_data(as_text=True)


def test_window_does_without_google(contacts: FakeWorld, get: Get, post: Get) -> None:
    contacts.labels.error = UnavailableError()
    page = get(**SHOW)
    assert "no responde" in words(page)
    assert "Todos los contactos" in words(page)
    assert post(**SAVE, policy="newest").status_code == 302
    assert "no responde" in words(post(**SAVE, google_group=CLUB))
    assert kept(contacts).policy is Policy.NEWEST_WINS


def test_window_is_for_the_connected_and_changes_by_its_button_only(
    world: FakeWorld, get: Get, post: Get
) -> None:
    assert "No está conectado" in words(get(**SHOW))
    assert post(**SAVE, policy="crm").status_code == 200
    world.accounts.connect(ANA, CONTACTS)
    get(**SAVE, policy="crm")
    assert world.preferences.kept == {}
