"""Runs as pages tell them: what the templates `progress.html` and `counts.html` show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response

from plugin.sentences import (
    cut_sentence,
    error_sentence,
    held_sentence,
    parked_sentence,
    phase_sentence,
    steps_sentence,
)
from plugin.sync.views import ConnectionStatus, ConnectionView, RunStatus, RunView
from plugin.web import answers
from plugin.web.asking import services
from plugin.web.call import Call
from plugin.web.preferences import extension_page

# A worker takes a run within a second; after this long there seems to be none.
WORKER_PATIENCE = timedelta(seconds=45)
_ENDED = (RunStatus.DONE, RunStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence about what a run left, and whether it is of held deletions or of records set aside."""

    sentence: str
    is_held: bool = False
    is_parked: bool = False


@dataclass(frozen=True, slots=True)
class RunStory:
    """One run and the sentences about it."""

    run: RunView
    module: str
    last_sync_utc: datetime | None = None
    # Its next click has to open the window of Google.
    is_consent_needed: bool = False

    @property
    def is_ended(self) -> bool:
        """Tell whether nothing more will happen in this run."""
        return self.run.status in _ENDED

    @property
    def has_failed(self) -> bool:
        """Tell whether it ended with an error."""
        return self.run.status is RunStatus.FAILED

    @property
    def is_nothing(self) -> bool:
        """Tell whether both sides were left as they were, so that the list needn't be read again."""
        return self.run.crm.is_nothing and self.run.google.is_nothing

    @property
    def phase(self) -> str:
        """What it is doing now."""
        return phase_sentence(self.run.progress)

    @property
    def steps(self) -> str:
        """How many records it has behind it."""
        return steps_sentence(self.run.progress)

    @property
    def hint(self) -> str:
        """Why it may not be moving."""
        if self.run.status is not RunStatus.QUEUED:
            return ""
        if self.run.started_utc is not None:
            return error_sentence("postponed")
        asked = self.run.requested_utc
        is_late = asked is not None and services().clock() - asked > WORKER_PATIENCE
        return error_sentence("worker") if is_late else ""

    @property
    def problem(self) -> str:
        """What went wrong."""
        code = self.run.error_code or "unexpected"
        return error_sentence(code, self.module) if self.has_failed else ""

    @property
    def notes(self) -> list[Note]:
        """What is left for a person or for later, and what was lost on the way."""
        said = (
            Note(held_sentence(self.run), is_held=True),
            Note(parked_sentence(self.run), is_parked=True),
            Note(cut_sentence(self.run)),
        )
        return [note for note in said if note.sentence]

    @property
    def parked_url(self) -> str:
        """Where the records that are set aside are listed with their reasons; empty if there are none."""
        is_told = self.is_ended and self.run.parked > 0
        return f"{extension_page(self.module)}#gsync_parked" if is_told else ""

    @property
    def has_held(self) -> bool:
        """Tell whether deletions wait for approval."""
        return self.is_ended and self.run.held > 0

    @property
    def progress_url(self) -> str:
        """Where the script asks how far it is; the module stays in the query, where the proxy sees it."""
        return f"index.php?module=Google&view=List&operation=progress&sourcemodule={self.module}&run={self.run.run_id}"


def build_story(run: RunView, connection: ConnectionView) -> RunStory:
    """Return the run with what its connection adds."""
    last_sync_utc = run.finished_utc or connection.last_sync_utc
    return RunStory(run, run.module, last_sync_utc, is_consent_needed(connection))


def latest_story(connection: ConnectionView) -> RunStory | None:
    """Return the newest run of the connection, if there ever was one."""
    run = services().runs.latest(connection.pair_id) if connection.pair_id is not None else None
    return build_story(run, connection) if run else None


def run_fragment(story: RunStory) -> Response:
    """Return the progress or, at the end, the counts."""
    return answers.fragment("counts.html" if story.is_ended else "progress.html", story=story)


def why_not(connection: ConnectionView) -> str:
    """Return the code of what keeps this connection from being synchronized; empty if nothing does."""
    if connection.status is ConnectionStatus.ACTIVE:
        return ""
    named = {
        ConnectionStatus.NONE: "not_connected",
        ConnectionStatus.RECONNECT: "reconnect",
        ConnectionStatus.PAUSED: "collection_lost",
        ConnectionStatus.FROZEN: "frozen",
    }
    return connection.problem_code or named[connection.status]


def is_consent_needed(connection: ConnectionView) -> bool:
    """Tell whether the user has to visit Google's consent page first."""
    return connection.status in (ConnectionStatus.NONE, ConnectionStatus.RECONNECT)


def problem_of(connection: ConnectionView, module: str) -> str:
    """Return the sentence about what is in a known connection's way, or nothing."""
    code = "" if connection.status is ConnectionStatus.NONE else why_not(connection)
    return error_sentence(code, module) if code else ""


def refuse_connection(call: Call, connection: ConnectionView) -> Response:
    """Say why there is nothing to start; 401 sends the CRM's script to the consent page."""
    code = why_not(connection)
    if is_consent_needed(connection):
        return answers.failure("401", error_sentence(code, call.module))
    return answers.sentence(call, code)
