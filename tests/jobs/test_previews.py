"""Previews for the pages: asked for through Redis, answered by a worker, kept for ten minutes."""

from datetime import timedelta

import pytest
from rq import Queue, SimpleWorker

from plugin.core.model import Side
from plugin.jobs import tasks
from plugin.jobs.previews import KEEP_S, PreviewQueue, preview_key
from plugin.jobs.queue import queue_names
from plugin.sync.views import Deed, RunStatus
from tests.builders import all_day_body, timed_body
from tests.installed import Installed


@pytest.fixture
def previews(installed: Installed) -> PreviewQueue:
    return PreviewQueue(installed.parts)


def work_off(installed: Installed) -> None:
    tasks.bind(installed.parts)
    queues = [Queue(name, connection=installed.parts.redis) for name in queue_names(installed.parts)]
    SimpleWorker(queues, connection=installed.parts.redis).work(burst=True, logging_level="WARNING")


def waiting(installed: Installed) -> int:
    return len(Queue(queue_names(installed.parts)[0], connection=installed.parts.redis))


def test_worker_answers_and_the_answer_is_kept_for_a_while(
    installed: Installed, previews: PreviewQueue
) -> None:
    installed.google.edit("insert", body={"summary": "Cita", **timed_body()})
    installed.google.edit("insert", body={"summary": "Feria", "location": "🎉", **all_day_body()})
    assert previews.answer(installed.pair_id) is None

    assert previews.ask(installed.pair_id).status is RunStatus.QUEUED
    work_off(installed)

    view = previews.answer(installed.pair_id)
    assert view is not None
    assert view.status is RunStatus.DONE
    assert view.preview is not None
    assert {(c.deed, c.side, c.subject) for c in view.preview.changes} == {
        (Deed.CREATE, Side.CRM, "Cita"),
        (Deed.CREATE, Side.CRM, "Feria"),
    }
    assert {c.subject: c.cut for c in view.preview.changes} == {"Cita": (), "Feria": ("location",)}
    assert all(c.when is not None for c in view.preview.changes)
    left_s = installed.parts.redis.ttl(preview_key(installed.parts, installed.pair_id))
    assert 0 < left_s <= KEEP_S  # type: ignore[operator] # for its types, an answer may be awaited
    assert installed.activities() == {}


def test_fields_of_an_update_come_back_as_they_went(installed: Installed, previews: PreviewQueue) -> None:
    event = installed.google.edit("insert", body={"summary": "Cita", **timed_body()})
    installed.sync()
    installed.execute("UPDATE vtiger_activity SET subject = 'Mía'")
    installed.execute("UPDATE vtiger_crmentity SET modifiedtime = '2030-01-01'")
    installed.google.edit("patch", event["id"], {"summary": "Suya", "location": "Aquí"})

    previews.ask(installed.pair_id)
    work_off(installed)

    view = previews.answer(installed.pair_id)
    assert view is not None
    assert view.preview is not None
    [change] = view.preview.changes
    assert (change.fields, change.overwritten) == (("subject", "location"), ("subject",))


def test_second_question_joins_the_first_unless_that_seems_lost(
    installed: Installed, previews: PreviewQueue
) -> None:
    previews.ask(installed.pair_id)
    previews.ask(installed.pair_id)
    assert waiting(installed) == 1
    installed.clock.advance(minutes=2)
    assert previews.ask(installed.pair_id).asked_utc == installed.clock()
    assert waiting(installed) == 2


def test_question_about_an_account_that_google_refuses_fails_in_words(
    installed: Installed, previews: PreviewQueue
) -> None:
    pair = installed.parts.pairs.load(installed.pair_id)
    assert pair is not None
    installed.parts.pairs.mark_reconnect(pair[0], "reconnect")
    previews.ask(installed.pair_id)
    work_off(installed)
    view = previews.answer(installed.pair_id)
    assert view is not None
    assert (view.status, view.error_code, view.preview) == (RunStatus.FAILED, "reconnect", None)


def test_unforeseen_failure_is_told_and_raised(installed: Installed, previews: PreviewQueue) -> None:
    installed.execute("UPDATE gsync_pairs SET policy = 'nonsense'")
    previews.ask(installed.pair_id)
    work_off(installed)
    view = previews.answer(installed.pair_id)
    assert view is not None
    assert (view.status, view.error_code) == (RunStatus.FAILED, "unexpected")
    assert installed.clock() - view.asked_utc < timedelta(minutes=1)
