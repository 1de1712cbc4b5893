"""The demo: python -m demo [--once]. A CRM, a Google and the plugin between them, and the first syncs of a user.

Stays up until Ctrl-C or SIGTERM; with --once it ends after the first sync, with exit code 0 only if every number is right.
"""

import argparse
import os
import shlex
import signal
import sys
import threading
from pathlib import Path

import requests

from demo.contacts_reckoning import problems_of_contacts, read_books
from demo.crm.sample import LOGINS
from demo.reckoning import Diaries, Diary, problems, read_diaries
from demo.servers import ServerError, temporary_folder
from demo.stack import Stack
from demo.visitor import Counts, Outcome, VisitError, Visitor
from demo.words import say

USER, EMAIL = "lucia", "lucia@empresa.example"
LOOK_S = 1.0
LOG_LINES = 15


class _Stopped(Exception):  # noqa: N818 - nothing went wrong
    """Ctrl-C or SIGTERM."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the first sync")
    is_once = parser.parse_args().once
    stop = _listen()
    is_right = False
    try:
        with temporary_folder("gsync-demo-") as folder:
            print(say("starting"), flush=True)
            with Stack(folder, report=_tell_started) as stack:
                is_right = _sync_once(stack) and _sync_contacts_once(stack)
                if not is_once:
                    _tell_addresses(stack)
                    _stay_up(stack, stop)
                print(say("stopping"), flush=True)
    except (ServerError, VisitError, requests.RequestException) as error:
        print(f"\n{say('failed')} {error}", file=sys.stderr, flush=True)
        return 1
    except _Stopped:
        is_right = not is_once
    print(say("stopped"), flush=True)
    return 0 if is_right else 1


def _listen() -> threading.Event:
    """Have both signals end what goes on, in good order; more of them while it ends change nothing."""
    asked = threading.Event()

    def end(*_: object) -> None:
        if not asked.is_set():
            asked.set()
            raise _Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    return asked


def _tell_started(name: str, address: str, seconds: float) -> None:
    dotted = f"{say(name)} ".ljust(42, "·")
    print(f"  {dotted} {seconds:4.1f} s  {address}".rstrip(), flush=True)


def _sync_once(stack: Stack) -> bool:
    """Do the first sync; tell how it went and whether it is what it had to be."""
    print(f"\n{say('syncing', user=USER)}\n", flush=True)
    before = read_diaries(stack, USER, EMAIL)
    outcome = _visit(stack, "Calendar")
    after = read_diaries(stack, USER, EMAIL)
    found = problems(before, outcome, after)
    _tell_outcome(before, outcome, after)
    if found:
        print("\n  ".join([say("wrong"), *found]), file=sys.stderr, flush=True)
        return False
    days = sorted(entry.start_utc.date() for entry in after.crm.entries)
    first, last = days[0], days[-1]
    print(say("took", seconds=outcome.seconds, count=after.crm.size, first=first, last=last))
    print(say("left", tasks=before.crm.tasks), flush=True)
    return True


def _sync_contacts_once(stack: Stack) -> bool:
    """The same with contacts."""
    print(f"\n{say('syncing_contacts', user=USER)}\n", flush=True)
    before = read_books(stack, USER, EMAIL)
    outcome = _visit(stack, "Contacts")
    after = read_books(stack, USER, EMAIL)
    _tell_counts(outcome)
    for side, first, last in (("CRM", before.crm, after.crm), ("Google", before.google, after.google)):
        print(f"  {side:8}  {say('before'):8}  {say('people', count=len(first))}")
        print(f"  {'':8}  {say('after'):8}  {say('people', count=len(last))}")
    if found := problems_of_contacts(before, outcome, after):
        print("\n  ".join([say("wrong"), *found]), file=sys.stderr, flush=True)
        return False
    print(
        say("contacts_same", seconds=outcome.seconds, count=len(after.crm), common=before.common), flush=True
    )
    return True


def _visit(stack: Stack, module: str) -> Outcome:
    """Connect the module's box and sync, as the user does."""
    visitor = Visitor(stack.crm_url, module)
    try:
        visitor.log_in(USER, LOGINS[USER])
        visitor.open_box()
        visitor.connect(EMAIL)
        return visitor.sync()
    except VisitError as error:
        raise VisitError(f"{error}\n\n{_logs(stack)}") from error
    finally:
        visitor.close()


def _tell_outcome(before: Diaries, outcome: Outcome, after: Diaries) -> None:
    _tell_counts(outcome)
    for side, first, last in (("CRM", before.crm, after.crm), ("Google", before.google, after.google)):
        print(f"  {side:8}  {say('before'):8}  {_counted(first)}")
        print(f"  {'':8}  {say('after'):8}  {_counted(last)}")
    print(f"  {say('series_is_one')}\n")


def _tell_counts(outcome: Outcome) -> None:
    names = ("created", "updated", "deleted", "skipped")
    print(f"  {'':8}", *(f"{say(name):>12}" for name in names), sep="")
    for side, counts in (("CRM", outcome.crm), ("Google", outcome.google)):
        print(f"  {side:8}", *(f"{number:>12}" for number in _cells(counts)), sep="")
    print()


def _cells(counts: Counts) -> tuple[int, ...]:
    return counts.created, counts.updated, counts.deleted, counts.skipped


def _counted(diary: Diary) -> str:
    return say("counted", singles=diary.singles, series=diary.series, size=diary.size)


def _tell_addresses(stack: Stack) -> None:
    print(f"\n{say('open')}")
    print(f"  {stack.crm_url:<28} {say('crm_logins')}")
    print(f"  {stack.google_url + '/':<28} {say('google_page')}")
    print(f"\n{say('commands')}")
    print(f"  export GSYNC_ENV_FILE={shlex.quote(str(stack.settings_file))}")
    flask = f"{_shown(Path(sys.executable))} -m flask --app wsgi google"
    for command in ("doctor", "history", f"sync --user {USER}", "urls"):
        print(f"  {flask} {command}")
    print(f"\n{say('stop')}", flush=True)


def _shown(path: Path) -> str:
    """Return the path as one would type it here."""
    here = Path.cwd()
    return os.path.relpath(path, here) if path.is_relative_to(here) else str(path)


def _stay_up(stack: Stack, stop: threading.Event) -> None:
    """Return when asked to stop. Raises ServerError when a server has died."""
    try:
        while not stop.wait(LOOK_S):
            dead = stack.dead()
            if dead is not None:
                sentence = say("died", name=say(dead.name))
                raise ServerError(f"{sentence}\n{dead.log_tail(LOG_LINES)}")
    except _Stopped:
        print()


def _logs(stack: Stack) -> str:
    """Return what the plugin's two halves have to say, the newest last."""
    tails = [f"{say(server.name)}:\n{server.log_tail(LOG_LINES)}" for server in (stack.plugin, stack.workers)]
    return "\n\n".join(tails)


if __name__ == "__main__":
    sys.exit(main())
