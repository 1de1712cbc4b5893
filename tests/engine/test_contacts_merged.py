"""Two contacts that are made one in Google, on the real parts."""

from __future__ import annotations

from plugin.sync.views import RunStatus
from tests.engine.test_contacts_choices import command, quiet
from tests.installed_contacts import ContactsInstalled


def test_who_was_merged_in_google_waits_until_the_crm_has_one_of_them(contacts: ContactsInstalled) -> None:
    for first in ("Ana", "Blas"):
        contacts.add_contact("Ruiz", first)
    contacts.sync()
    ana, blas = contacts.person("Ana", "Ruiz"), contacts.person("Blas", "Ruiz")
    both = [{"key": i["key"], "value": i["value"]} for p in (ana, blas) for i in p["clientData"]]
    contacts.edit_person(ana["resourceName"], clientData=both)
    contacts.delete_person(blas["resourceName"])

    runs = [contacts.sync(), contacts.sync()]

    assert all(run.status is RunStatus.DONE and run.google.created == 0 for run in runs)
    assert runs[-1].parked >= 1
    assert "have become one" in command(contacts, "parked", "--user", "lucia", "--module", "Contacts")

    contacts.delete_contact(contacts.contacts()["Ana Ruiz"]["contactid"])
    contacts.sync()

    assert quiet(contacts)
    assert list(contacts.contacts()) == ["Ana Ruiz"]
    assert list(contacts.people()) == [ana["resourceName"]]
    assert contacts.installed.rows("SELECT * FROM gsync_parked") == []
    contacts.edit_person(ana["resourceName"], names=[{"givenName": "Eva", "familyName": "Ruiz"}])
    contacts.sync()
    assert list(contacts.contacts()) == ["Eva Ruiz"]


def test_people_of_google_s_who_were_merged_there_wait_as_well(contacts: ContactsInstalled) -> None:
    """Nothing in them is ours, so it shows by the e-mail that went over."""
    mails = [{"value": f"{name}@casa.example", "type": "home"} for name in ("ana", "blas")]
    ana, blas = (
        contacts.add_person(name, "Ruiz", emailAddresses=[mail])
        for name, mail in zip(("Ana", "Blas"), mails, strict=True)
    )
    contacts.sync()
    contacts.sync()
    contacts.edit_person(ana, emailAddresses=mails)
    contacts.delete_person(blas)

    runs = [contacts.sync(), contacts.sync()]

    assert all(run.status is RunStatus.DONE and run.crm.deleted == 0 for run in runs)
    assert sorted(contacts.contacts()) == ["Ana Ruiz", "Blas Ruiz"]
    told = command(contacts, "parked", "--user", "lucia", "--module", "Contacts")
    assert ("Ana Ruiz" in told, "Blas Ruiz" in told) == (True, True)
    contacts.delete_contact(contacts.contacts()["Ana Ruiz"]["contactid"])
    contacts.sync()
    assert quiet(contacts)
    assert list(contacts.contacts()) == ["Ana Ruiz"]
    assert list(contacts.people()) == [ana]
    assert contacts.installed.rows("SELECT * FROM gsync_parked") == []
