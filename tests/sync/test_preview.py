"""What a run would do, told record by record: deletions that wait, and a whole preview."""

from plugin.core.mapping.google_event import marker_body
from plugin.core.model import Marker, Side
from plugin.core.reconcile import Reason
from plugin.sync import gather, series
from plugin.sync.preview import held_deletions, preview
from plugin.sync.views import Deed, Hold
from tests.builders import timed_body
from tests.fakes.world import World, counts


def test_held_deletions_are_told_with_what_is_deleted_and_why(world: World) -> None:
    for n in range(30):
        world.google.insert_as_user(f"google{n:03}", summary=f"Meeting {n:03}", **timed_body())
    world.sync()
    for n in range(11):
        world.google.delete_as_user(f"google{n:03}")
    assert world.sync().held == 11

    held = held_deletions(world.run())

    assert [change.subject for change in held] == [f"Meeting {n:03}" for n in range(11)]
    assert {(c.deed, c.side, c.reason, c.hold) for c in held} == {
        (Deed.DELETE, Side.CRM, Reason.DELETED_IN_GOOGLE, Hold.BRAKE)
    }
    assert all(change.when is not None for change in held)


def test_more_than_one_pass_holds_is_listed_whole(world: World) -> None:
    number = gather.CHUNK + 50
    world.batch_size = number
    for n in range(number):
        world.google.insert_as_user(f"google{n:05}", summary=f"Meeting {n:05}", **timed_body())
    world.sync()
    for n in range(number):
        world.google.delete_as_user(f"google{n:05}")
    assert world.sync().held == number
    assert len(held_deletions(world.run())) == number


def test_more_series_than_one_pass_looks_at_are_told_whole(world: World) -> None:
    world.batch_size = number = series.CHUNK + 5
    for n in range(number):
        rule = {"recurrence": ["RRULE:FREQ=DAILY;COUNT=1"]}
        world.google.insert_as_user(f"series{n:03}", summary=f"Course {n:03}", **rule, **timed_body())
    twin = world.twin()

    told = preview(twin.run())

    assert len(told.changes) == number
    assert counts(world.sync(), Side.CRM) == (number, 0, 0)


def test_approved_deletions_wait_no_more(world: World) -> None:
    for n in range(11):
        world.google.insert_as_user(f"google{n:03}", summary=f"Meeting {n:03}", **timed_body())
    world.sync()
    for n in range(11):
        world.google.delete_as_user(f"google{n:03}")
    world.sync()
    assert world.approve() == 11
    assert held_deletions(world.run()) == []


# --- a whole preview ---


def test_preview_tells_what_each_side_gets_and_a_run_then_does_it(world: World) -> None:
    world.google.insert_as_user("kept", summary="Kept", **timed_body())
    world.google.insert_as_user("gone", summary="Gone", **timed_body())
    world.sync()
    world.google.edit_as_user("kept", summary="Renamed")
    world.google.delete_as_user("gone")
    world.google.insert_as_user("new", summary="From Google", **timed_body())
    world.crm.add("From the CRM")
    rows, alive = world.crm.rows(), list(world.google.alive)

    found = preview(world.run())

    assert {(c.deed, c.side, c.subject, c.reason) for c in found.changes} == {
        (Deed.UPDATE, Side.CRM, "Renamed", Reason.CHANGED),
        (Deed.DELETE, Side.CRM, "Gone", Reason.DELETED_IN_GOOGLE),
        (Deed.CREATE, Side.CRM, "From Google", Reason.NEW_IN_GOOGLE),
        (Deed.CREATE, Side.GOOGLE, "From the CRM", Reason.NEW_IN_CRM),
    }
    assert (found.held, found.has_more) == ((), False)
    assert (world.crm.rows(), list(world.google.alive)) == (rows, alive)
    done = world.sync()
    assert (counts(done, Side.CRM), counts(done, Side.GOOGLE)) == ((1, 1, 1), (1, 0, 0))


def test_preview_names_what_changes_and_what_is_overwritten(world: World) -> None:
    world.google.insert_as_user("google1", summary="Meeting", location="Room 1", **timed_body())
    world.sync()
    [crm_id] = world.crm.rows()
    world.wait(minutes=1)
    world.crm.edit(crm_id, subject="Mine", location="Here")
    world.google.edit_as_user(
        "google1", summary="Theirs", **timed_body("2027-03-04T10:00:00", "2027-03-04T11:00:00")
    )

    found = {change.side: change for change in preview(world.run()).changes}

    assert (found[Side.CRM].fields, found[Side.CRM].overwritten) == (("subject", "when"), ("subject",))
    assert (found[Side.GOOGLE].fields, found[Side.GOOGLE].overwritten) == (("location",), ())


def test_preview_after_a_sync_is_empty(world: World) -> None:
    world.google.insert_as_user("google1", summary="Meeting", **timed_body())
    world.sync()
    world.sync()
    assert preview(world.run()).changes == ()


def test_preview_says_what_would_be_set_aside(world: World) -> None:
    marker = marker_body(Marker("install-of-a-copy", "key9"))
    world.google.insert_as_user("google1", summary="Theirs", **marker, **timed_body())
    [change] = preview(world.run()).changes
    assert (change.deed, change.side, change.reason) == (Deed.SET_ASIDE, Side.GOOGLE, Reason.FOREIGN_MARKER)


def test_preview_shows_a_series_occurrence_by_occurrence(world: World) -> None:
    rule = ["RRULE:FREQ=WEEKLY;COUNT=3"]
    world.google.insert_as_user("series1", summary="Course", recurrence=rule, **timed_body())
    changes = preview(world.run()).changes
    assert [(c.deed, c.side, c.subject) for c in changes] == [(Deed.CREATE, Side.CRM, "Course")] * 3


def test_preview_of_more_than_the_cap_says_so(world: World) -> None:
    world.batch_size = 2
    for n in range(3):
        world.crm.add(f"Meeting {n}")
    found = preview(world.run())
    assert (len(found.changes), found.has_more) == (2, True)


def test_preview_of_a_first_sync_doubles_nothing(world: World) -> None:
    world.google.insert_as_user("google1", summary="Meeting", **timed_body())
    world.sync()
    world.database.tables.links.clear()
    world.change_pair(is_matched=False, sync_token=None, list_hash=None)
    assert preview(world.run()).changes == ()


def test_series_that_is_changed_or_ended_as_a_whole_is_told_so(world: World) -> None:
    for n, title in ((1, "Course"), (2, "Club")):
        rule = {"recurrence": ["RRULE:FREQ=WEEKLY"]}
        world.google.insert_as_user(f"series{n}", summary=title, **rule, **timed_body())
    world.sync()
    for crm_id, row in world.crm.rows().items():
        if row.subject == "Course":
            world.crm.edit(crm_id, location="Garden")
        elif str(row.date_start) >= "2027-03-09":
            world.crm.delete(crm_id)

    told = preview(world.twin().run())

    whole = [(c.deed, c.side, c.reason, c.subject) for c in told.changes if c.deed is not Deed.DELETE]
    assert whole == [
        (Deed.UPDATE_SERIES, Side.GOOGLE, Reason.CHANGED, "Course"),
        (Deed.END_SERIES, Side.GOOGLE, Reason.DELETED_IN_CRM, "Club"),
    ]


def test_two_called_off_are_no_end_in_the_preview(world: World) -> None:
    world.google.insert_as_user("series1", recurrence=["RRULE:FREQ=WEEKLY"], **timed_body())
    world.sync()
    for crm_id in sorted(world.crm.rows())[-2:]:
        world.crm.delete(crm_id)
    assert {c.deed for c in preview(world.twin().run()).changes} == {Deed.DELETE}
