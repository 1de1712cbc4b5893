"""Our scheduler and the planner's row: once enabled, connected users sync at its frequency."""

from plugin.crm.planner import DISABLED, ENABLED, RUNNING
from plugin.jobs.queue import RunQueue
from plugin.jobs.schedule import take_back_abandoned, tick, tick_planner
from tests.installed import USER, Installed
from tests.jobs.planned import LATER, at_once, change, now_s, row_of, runs_of, work_off


def test_disabled_row_starts_nothing(enabled: Installed, queue: RunQueue) -> None:
    change(enabled, status=DISABLED)
    tick(enabled.parts, queue)
    assert runs_of(enabled) == []
    assert row_of(enabled)["laststart"] is None


def test_due_row_is_claimed_and_ends_with_its_runs(enabled: Installed, queue: RunQueue) -> None:
    start = now_s(enabled)
    tick(enabled.parts, queue)
    row = row_of(enabled)
    assert (row["status"], row["laststart"], row["lastend"]) == (RUNNING, start, 0)
    [run] = runs_of(enabled)
    assert (run["trigger"], run["planner_start"]) == ("planner", start)
    assert queue.has_job(run["run_id"], 0)

    enabled.clock.advance(seconds=7)
    tick(enabled.parts, queue)
    assert row_of(enabled)["status"] == RUNNING
    work_off(enabled)
    tick(enabled.parts, queue)

    row = row_of(enabled)
    assert (row["status"], row["laststart"], row["lastend"]) == (ENABLED, start, start + 7)


def test_pass_with_nobody_connected_ends_too(enabled: Installed, queue: RunQueue) -> None:
    enabled.parts.grants.disconnect(USER, "Calendar")
    tick(enabled.parts, queue)
    tick(enabled.parts, queue)
    assert row_of(enabled)["status"] == ENABLED
    assert runs_of(enabled) == []


def test_passes_come_at_the_row_s_frequency(enabled: Installed, queue: RunQueue) -> None:
    for seconds, passes in ((0, 1), (800, 1), (60, 2), (100, 2)):
        enabled.clock.advance(seconds=seconds)
        tick(enabled.parts, queue)
        work_off(enabled)
        assert len(runs_of(enabled)) == passes


def test_changed_frequency_is_honoured(enabled: Installed, queue: RunQueue) -> None:
    tick(enabled.parts, queue)
    work_off(enabled)
    change(enabled, frequency=7200)
    enabled.clock.advance(seconds=LATER)
    tick(enabled.parts, queue)
    assert len(runs_of(enabled)) == 1
    change(enabled, frequency=600)
    tick(enabled.parts, queue)
    assert len(runs_of(enabled)) == 2


def test_tiny_frequency_does_not_run_without_a_pause(enabled: Installed, queue: RunQueue) -> None:
    change(enabled, frequency=1)
    for _ in range(5):
        tick(enabled.parts, queue)
        work_off(enabled)
        enabled.clock.advance(seconds=5)
    assert len(runs_of(enabled)) == 1


def test_two_schedulers_at_once_never_run_a_pass_twice(enabled: Installed) -> None:
    for round_number in range(1, 6):
        at_once(enabled, 4)
        assert len(runs_of(enabled)) == round_number
        work_off(enabled)
        at_once(enabled, 4)
        assert len(runs_of(enabled)) == round_number
        assert row_of(enabled)["status"] == ENABLED
        enabled.clock.advance(seconds=LATER)


def test_disabled_while_it_runs_stays_disabled(enabled: Installed, queue: RunQueue) -> None:
    tick(enabled.parts, queue)
    change(enabled, status=DISABLED)
    work_off(enabled)
    enabled.clock.advance(seconds=LATER)
    tick(enabled.parts, queue)
    assert row_of(enabled)["status"] == DISABLED
    assert len(runs_of(enabled)) == 1


def test_users_who_never_connected_or_left_are_left_alone(enabled: Installed, queue: RunQueue) -> None:
    enabled.google.control("POST", "account", {"email": "luis@empresa.example"})
    enabled.connect(user_id=6, email="luis@empresa.example")
    enabled.execute("UPDATE vtiger_users SET status = 'Inactive' WHERE id = 6")

    tick(enabled.parts, queue)

    assert [run["crm_user_id"] for run in runs_of(enabled)] == [USER]


def test_pair_that_syncs_already_is_not_asked_twice(enabled: Installed, queue: RunQueue) -> None:
    queue.request(enabled.parts.pair_of(USER) or 0, "manual")
    tick(enabled.parts, queue)
    assert [run["trigger"] for run in runs_of(enabled)] == ["manual"]


def test_crash_between_claim_and_enqueue_loses_neither_row_nor_runs(
    enabled: Installed, queue: RunQueue
) -> None:
    tick_planner(enabled.parts)  # and the process dies here

    enabled.clock.advance(seconds=10)
    tick(enabled.parts, queue)
    [run] = runs_of(enabled)
    assert queue.has_job(run["run_id"], 0)
    work_off(enabled)
    tick(enabled.parts, queue)

    assert row_of(enabled)["status"] == ENABLED
    assert len(runs_of(enabled)) == 1


def test_run_whose_worker_died_does_not_keep_the_row_running_for_ever(
    enabled: Installed, queue: RunQueue
) -> None:
    tick(enabled.parts, queue)
    [run] = runs_of(enabled)
    for _ in range(3):
        assert enabled.parts.run_store.start(run["run_id"], enabled.clock())
        enabled.clock.advance(minutes=1)
        take_back_abandoned(enabled.parts)
    tick(enabled.parts, queue)
    assert row_of(enabled)["status"] == ENABLED
    assert runs_of(enabled)[0]["error_code"] == "lock_lost"
