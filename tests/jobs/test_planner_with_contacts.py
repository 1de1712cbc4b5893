"""A pass of the planner syncs both modules of a user, one after the other: their Google account has one lock."""

from plugin.jobs.queue import RunQueue
from plugin.jobs.schedule import tick
from tests.installed import Installed
from tests.installed_contacts import ContactsInstalled
from tests.jobs.planned import runs_of, work_off


def test_pass_syncs_calendar_and_contacts_of_a_user(enabled: Installed, queue: RunQueue) -> None:
    contacts = ContactsInstalled(enabled)
    contacts.add_contact("Peña", "Blas", phone="910")
    enabled.add_activity("Visita")

    tick(enabled.parts, queue)
    work_off(enabled)

    runs = runs_of(enabled)
    assert {run["pair_id"] for run in runs} == {enabled.pair_id, contacts.pair_id}
    assert {(run["status"], run["trigger"]) for run in runs} == {("done", "planner")}
    assert len(contacts.people()) == 1 and len(enabled.events()) == 1
