"""Two CRMs on one Redis, each with a pair and a run of the same number: neither hears or does anything of the other's."""

from dataclasses import replace

import pytest
from rq import Queue, SimpleWorker

from plugin.bootstrap import Parts
from plugin.jobs import tasks
from plugin.jobs.previews import PreviewQueue
from plugin.jobs.queue import RunQueue, queue_names, save_progress
from plugin.sync.views import Progress, RunStatus
from tests.builders import timed_body
from tests.installed import Installed


@pytest.fixture
def neighbour(installed: Installed) -> Parts:
    """The parts of another CRM; it even has the same rows."""
    parts = installed.parts
    return replace(parts, settings=replace(parts.settings, crm_url="https://neighbour.example/"))


def work_off(parts: Parts) -> None:
    tasks.bind(parts)
    queues = [Queue(name, connection=parts.redis) for name in queue_names(parts)]
    SimpleWorker(queues, connection=parts.redis).work(burst=True, logging_level="WARNING")


def test_preview_is_shown_and_made_only_at_home(installed: Installed, neighbour: Parts) -> None:
    installed.google.edit("insert", body={"summary": "Médico", **timed_body()})
    PreviewQueue(installed.parts).ask(installed.pair_id)

    work_off(neighbour)
    asked = PreviewQueue(installed.parts).answer(installed.pair_id)
    assert asked is not None
    assert asked.status is RunStatus.QUEUED

    work_off(installed.parts)
    told = PreviewQueue(installed.parts).answer(installed.pair_id)
    assert told is not None
    assert told.preview is not None
    assert [change.subject for change in told.preview.changes] == ["Médico"]
    assert PreviewQueue(neighbour).answer(installed.pair_id) is None


def test_run_is_carried_out_and_followed_only_at_home(installed: Installed, neighbour: Parts) -> None:
    run = RunQueue(installed.parts).request(installed.pair_id, "manual")
    work_off(neighbour)
    assert installed.parts.run_store.attempts(run.run_id) == 0

    assert RunQueue(installed.parts).has_job(run.run_id, 0)
    assert not RunQueue(neighbour).has_job(run.run_id, 0)
    installed.execute("UPDATE gsync_runs SET status = 'running'")
    save_progress(installed.parts, run.run_id, Progress("google", 7, 60))
    followed = RunQueue(installed.parts).view(run.run_id), RunQueue(neighbour).view(run.run_id)
    assert [view and view.progress for view in followed] == [Progress("google", 7, 60), None]
