"""What a run would do, told record by record: deletions that wait, and a whole preview."""

from plugin.core.model import Side
from plugin.core.reconcile import Reason
from plugin.sync import gather
from plugin.sync.preview import held_deletions
from plugin.sync.views import Deed, Hold
from tests.builders import timed_body
from tests.fakes.world import World


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


def test_approved_deletions_wait_no_more(world: World) -> None:
    for n in range(11):
        world.google.insert_as_user(f"google{n:03}", summary=f"Meeting {n:03}", **timed_body())
    world.sync()
    for n in range(11):
        world.google.delete_as_user(f"google{n:03}")
    world.sync()
    world.change_pair(deletions_approved_until_utc=world.now.replace(year=2100))
    assert held_deletions(world.run()) == []
