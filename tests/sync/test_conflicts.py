"""Both sides changed: field by field, then by the pair's policy; a delete never beats an edit."""

from __future__ import annotations

import pytest

from plugin.core.model import Policy, Side
from tests.builders import timed_body
from tests.fakes.world import World, counts, is_quiet


@pytest.fixture
def linked(world: World) -> World:
    world.google.insert_as_user("google1", summary="Meeting", location="here", **timed_body())
    world.sync()
    world.sync()
    return world


def the_row(world: World):  # type: ignore[no-untyped-def]
    [row] = world.crm.rows().values()
    return row


def test_edits_of_different_fields_both_win(linked: World) -> None:
    linked.google.edit_as_user("google1", summary="New title")
    linked.crm.edit(the_row(linked).crm_id, location="there")

    tally = linked.sync()

    assert (counts(tally, Side.CRM), counts(tally, Side.GOOGLE)) == ((0, 1, 0), (0, 1, 0))
    assert (the_row(linked).subject, the_row(linked).location) == ("New title", "there")
    assert (linked.event["summary"], linked.event["location"]) == ("New title", "there")
    assert is_quiet(linked.sync())


@pytest.mark.parametrize(
    ("policy", "winner", "loser"),
    [(Policy.GOOGLE_WINS, "of Google", "of CRM"), (Policy.CRM_WINS, "of CRM", "of Google")],
    ids=["Google wins", "CRM wins"],
)
def test_edits_of_one_field_go_by_the_policy_and_the_loser_is_journalled(
    linked: World, policy: Policy, winner: str, loser: str
) -> None:
    linked.change_pair(policy=policy.value)
    linked.google.edit_as_user("google1", summary="of Google")
    linked.crm.edit(the_row(linked).crm_id, subject="of CRM")

    linked.sync()

    assert (linked.crm.subjects(), linked.summaries()) == ([winner], [winner])
    assert linked.journal[-1].lost == {"subject": loser}
    assert is_quiet(linked.sync())


@pytest.mark.parametrize(
    ("crm_minute", "google_minute", "winner", "loser"),
    [(2, 1, "of CRM", "of Google"), (1, 2, "of Google", "of CRM"), (1, 1, "of Google", "of CRM")],
    ids=["CRM later", "Google later", "at the same time"],
)
def test_newest_wins_goes_by_the_moments_of_the_edits(
    linked: World, crm_minute: int, google_minute: int, winner: str, loser: str
) -> None:
    linked.change_pair(policy=Policy.NEWEST_WINS.value)
    for minute in (1, 2):
        linked.wait(minutes=1)
        if crm_minute == minute:
            linked.crm.edit(the_row(linked).crm_id, subject="of CRM")
        if google_minute == minute:
            linked.google.edit_as_user("google1", summary="of Google")

    linked.sync()

    assert (linked.crm.subjects(), linked.summaries()) == ([winner], [winner])
    assert linked.journal[-1].lost == {"subject": loser}
    assert is_quiet(linked.sync())


@pytest.mark.parametrize("policy", Policy)
def test_same_edit_on_both_sides_is_no_conflict(linked: World, policy: Policy) -> None:
    linked.change_pair(policy=policy.value)
    linked.google.edit_as_user("google1", summary="Agreed")
    linked.crm.edit(the_row(linked).crm_id, subject="Agreed")

    assert is_quiet(linked.sync())
    assert [entry for entry in linked.journal if entry.lost] == []
    assert (linked.crm.subjects(), linked.summaries()) == (["Agreed"], ["Agreed"])


@pytest.mark.parametrize(("before", "now"), [(None, "private"), ("private", "confidential")])
def test_event_made_private_in_google_is_not_shown_to_all_by_the_crm(
    world: World, before: str | None, now: str
) -> None:
    """In the CRM both look the same as before, and yet somebody in Google has said who may read it."""
    about = {"visibility": before} if before else {}
    world.google.insert_as_user("google1", summary="Meeting", **about, **timed_body())
    world.sync()
    world.sync()
    world.google.edit_as_user("google1", visibility=now)
    world.crm.edit(the_row(world).crm_id, visibility="Public")

    world.sync()

    assert (world.event["visibility"], the_row(world).visibility) == (now, "Private")
    assert [entry.lost for entry in world.journal if entry.lost] == [{"visibility": "public"}]
    assert is_quiet(world.sync())


@pytest.mark.parametrize("policy", Policy)
def test_conflict_in_one_field_and_edits_of_others_are_all_settled_at_once(
    linked: World, policy: Policy
) -> None:
    linked.change_pair(policy=policy.value)
    linked.google.edit_as_user("google1", summary="of Google", description="text")
    linked.crm.edit(the_row(linked).crm_id, subject="of CRM", location="there")

    linked.sync()

    row = the_row(linked)
    assert (row.description, row.location) == ("text", "there")
    assert (linked.event["description"], linked.event["location"]) == ("text", "there")
    assert row.subject == linked.event["summary"]
    assert is_quiet(linked.sync())


def test_edit_in_the_crm_survives_a_delete_in_google(linked: World) -> None:
    linked.google.delete_as_user("google1")
    linked.crm.edit(the_row(linked).crm_id, subject="Still needed")

    tally = linked.sync()

    assert counts(tally, Side.GOOGLE) == (1, 0, 0)
    assert (linked.crm.subjects(), linked.summaries()) == (["Still needed"], ["Still needed"])
    assert linked.link.google_id == linked.google_id != "google1"
    assert is_quiet(linked.sync())


def test_edit_in_google_survives_a_delete_in_the_crm(linked: World) -> None:
    crm_id = the_row(linked).crm_id
    linked.crm.delete(crm_id)
    linked.google.edit_as_user("google1", summary="Still needed")

    tally = linked.sync()

    assert counts(tally, Side.CRM) == (1, 0, 0)
    assert list(linked.crm.rows()) == [crm_id]
    assert (linked.crm.subjects(), linked.summaries()) == (["Still needed"], ["Still needed"])
    assert is_quiet(linked.sync())


def test_edit_in_google_survives_a_purge_in_the_crm(linked: World) -> None:
    linked.crm.purge(the_row(linked).crm_id)
    linked.google.edit_as_user("google1", summary="Still needed")

    linked.sync()

    assert (linked.crm.subjects(), linked.summaries()) == (["Still needed"], ["Still needed"])
    assert linked.link.crm_id == the_row(linked).crm_id


def test_delete_in_the_crm_with_an_edit_google_made_meanwhile_brings_it_back(linked: World) -> None:
    """The edit comes between the listing and the delete: the etag tells."""
    crm_id = the_row(linked).crm_id
    linked.crm.delete(crm_id)
    run = linked.run()
    run.google.before_request = lambda: (
        linked.google.edit_as_user("google1", summary="Edited just now")
        if "Edited just now" not in linked.summaries()
        else None
    )

    linked.sync(run)

    assert (linked.crm.subjects(), linked.summaries()) == (["Edited just now"], ["Edited just now"])


# --- before the first sync ---


@pytest.mark.parametrize(
    ("policy", "stays", "lost"),
    [(Policy.GOOGLE_WINS, "of Google", "of CRM"), (Policy.CRM_WINS, "of CRM", "of Google")],
    ids=["Google wins", "CRM wins"],
)
def test_text_that_differs_at_the_first_contact_is_a_conflict_like_any(
    world: World, policy: Policy, stays: str, lost: str
) -> None:
    """Nobody knows on which side it was changed: what is overwritten has to be found again."""
    world.change_pair(policy=policy.value)
    world.google.insert_as_user("google1", summary="Meeting", description="of Google", **timed_body())
    world.crm.add("Meeting", description="of CRM", location="here", visibility="Private")

    world.sync()

    assert (the_row(world).description, world.event["description"]) == (stays, stays)
    assert (the_row(world).location, world.event["location"]) == ("here", "here")
    assert [entry.lost for entry in world.journal if entry.lost] == [{"description": lost}]
    assert (len(world.links), is_quiet(world.sync())) == (1, True)
