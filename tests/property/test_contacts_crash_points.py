"""A run of contacts dies at each step, before and after every commit and remote write: the end is the same as undisturbed."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.core.model import LinkState
from tests.fakes.contact_world import ContactWorld, mail, name_of, named
from tests.fakes.run import CrashError
from tests.fakes.world import is_quiet

QUIET_RUNS = 6


def build_world() -> ContactWorld:
    """Return a world in which every kind of write is due on both sides."""
    world = ContactWorld()
    world.google.max_batch = 3
    world.creates_accounts = True
    for number in range(6):
        world.google.create_as_user(
            names=named("G", str(number)), phoneNumbers=[mail("600", "mobile"), mail("x", "pager")]
        )
        world.crm.add(firstname="C", lastname=str(number), email=f"c{number}@a.example")
    world.sync()
    world.sync()
    crm = {row.label: crm_id for crm_id, row in world.crm.rows().items()}
    google = {name_of(person): i for i, person in world.google.alive.items()}
    # One side only.
    world.google.edit_as_user(google["G 0"], organizations=[{"title": "Of Google", "name": "ACME"}])
    world.crm.edit(crm["C 0"], title="Of the CRM")
    world.google.delete_as_user(google["G 1"])
    world.crm.delete(crm["C 1"])
    world.crm.purge(crm["C 2"])
    # Both sides: other fields, the same field, delete against edit.
    world.google.edit_as_user(google["G 2"], organizations=[{"title": "Of Google"}])
    world.crm.edit(crm["G 2"], mobile="700")
    world.google.edit_as_user(google["G 3"], organizations=[{"title": "Google wins"}])
    world.crm.edit(crm["G 3"], title="CRM loses", mobile="701")
    world.google.delete_as_user(google["C 3"])
    world.crm.edit(crm["C 3"], title="Survives in the CRM")
    world.crm.delete(crm["G 4"])
    world.google.edit_as_user(google["G 4"], organizations=[{"title": "Survives in Google"}])
    world.crm.edit(crm["G 5"], title="Moved")
    world.google.rename_as_google(google["G 5"])
    # New ones, on one side and on both.
    world.google.create_as_user(names=named("G", "new"))
    world.crm.add(firstname="C", lastname="new")
    world.crm.add(firstname="On", lastname="both", email="both@a.example")
    world.google.create_as_user(names=named("On", "both"), emailAddresses=[mail("both@a.example")])
    world.crm.add(firstname="In", lastname="doubt")
    world.google.create_as_user(names=named("In", "doubt"))
    return world


def outcome(world: ContactWorld) -> dict[str, Any]:
    """Return what matters in the end, by name: ids differ from one course of events to another."""
    people, rows = world.google.alive, world.crm.rows()
    assert len({name_of(person) for person in people.values()}) == len(people)
    kept = ("emailAddresses", "phoneNumbers", "organizations")
    return {
        "google": {name_of(p): {name: p.get(name) for name in kept} for p in people.values()},
        "crm": {row.label: dict(row.values) for row in rows.values()},
        "accounts": [a.name for a in world.database.tables.accounts.values()],  # type: ignore[attr-defined]
        "links": {(rows[n.crm_id].label, name_of(people[n.google_id])) for n in world.live_links},
        "inbox": {name_of(r["person"]) for r in world.database.tables.inbox.values()},
        "parked": sorted(world.parked.values()),
        "intents": dict(world.database.tables.intents),
    }


def run_until_quiet(world: ContactWorld) -> None:
    for _ in range(QUIET_RUNS):
        if is_quiet(world.sync()) and not world.database.tables.intents:
            break
    assert is_quiet(world.sync())


def die_at(world: ContactWorld, step: int) -> None:
    """Begin a run that does not survive this step."""
    run = world.run()
    run.accidents.crash_at = step
    with pytest.raises(CrashError):
        world.sync(run)


def undisturbed() -> tuple[dict[str, Any], int]:
    """Return the end of an undisturbed course, and in how many steps it got there."""
    world = build_world()
    run = world.run()
    world.sync(run)
    steps = run.accidents.steps
    run_until_quiet(world)
    return outcome(world), steps


EXPECTED, STEPS = undisturbed()


def test_scenario_writes_on_both_sides_in_many_steps() -> None:
    assert STEPS > 30
    assert EXPECTED["google"].keys() == EXPECTED["crm"].keys()
    assert EXPECTED["inbox"] == {"In doubt"}
    assert all(mine == theirs for mine, theirs in EXPECTED["links"])
    assert len(EXPECTED["links"]) == len(EXPECTED["google"]) - 1


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_death_at_any_step_leads_to_the_same_end(step: int) -> None:
    world = build_world()
    die_at(world, step)
    run_until_quiet(world)

    assert outcome(world) == EXPECTED
    assert {link.state for link in world.links} <= {LinkState.LIVE, LinkState.DEAD}


@pytest.mark.parametrize("step", range(1, STEPS + 1, 5))
def test_death_while_recovering_from_death_leads_to_the_same_end(step: int) -> None:
    world = build_world()
    for crash_at in (step, 2, 3):
        die_at(world, crash_at)
    run_until_quiet(world)

    assert outcome(world) == EXPECTED


@pytest.mark.parametrize("step", range(1, STEPS + 1, 3))
def test_death_just_before_the_next_run_leads_to_the_same_end(step: int) -> None:
    """The next run starts while lists still lag behind."""
    world = build_world()
    die_at(world, step)
    world.google.lists_lag = True
    world.wait(minutes=-15, seconds=5)
    world.sync()
    world.google.catch_up()
    run_until_quiet(world)

    assert outcome(world) == EXPECTED
