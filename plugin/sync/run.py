"""One run of one pair: recover, list, link what is on both sides already; then

gather → reconcile → plan → apply until the cap is reached or nothing is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plugin.core.plan import Plan, build_plan
from plugin.core.reconcile import Action, Decision
from plugin.sync.apply_crm import apply_crm
from plugin.sync.apply_google import apply_google
from plugin.sync.apply_memory import apply_memory
from plugin.sync.apply_series import note_laid_out
from plugin.sync.end_series import end_series
from plugin.sync.first_contact import match_first_contact
from plugin.sync.gather import CHUNK, Gathered, gather
from plugin.sync.listing import Listing, fetch_listing, take_in
from plugin.sync.memory_ports import LinkDraft
from plugin.sync.module import Compared
from plugin.sync.ports import Run, UnitOfWork
from plugin.sync.recovery import recover_intents
from plugin.sync.tally import Tally

# Against a loop that feeds itself; a run that gets here says "more" and goes on next time.
MAX_PASSES = 100


@dataclass(frozen=True, slots=True)
class _Pass:
    plan: Plan
    gathered: Gathered
    stale: int

    @property
    def is_quiet(self) -> bool:
        return self.plan.is_empty and not (self.gathered.unreadable or self.gathered.series)


def run_sync(run: Run, tally: Tally) -> None:
    """Carry out one run; `tally` counts while it goes, so that a run which fails half way still tells what it did.

    Raises SyncError of a wider scope than one item. Whatever line it dies at, the next run ends in the same state.
    """
    recover_intents(run)
    listing, compared = _take_in_first(run, run.module.settle_listing(run, fetch_listing(run)))
    before = Plan()
    for number in range(MAX_PASSES):
        done, listing = _one_pass(run, tally, listing, compared), None
        if not _goes_on(run, tally, done, before, is_first=number == 0):
            break
        before = done.plan
    if not done.is_quiet:
        with run.unit_of_work() as uow:
            tally.parked = uow.state.count_parked()


def _take_in_first(run: Run, listing: Listing) -> tuple[Listing | None, Compared | None]:
    """Keep a listing that has to be in the inbox before the first pass; return one that the pass may take in itself.

    And which of the CRM's new records were compared with Google's, where the others have to wait for that.
    """
    is_full = listing.is_full
    if not (is_full or run.pair.has_questions or not run.pair.is_matched or run.module.matches_always()):
        return listing, None
    take_in(run, listing)
    del listing  # a first one is large
    return None, match_first_contact(run, is_full=is_full)


def plan_run(run: Run) -> Plan:
    """Return what a run would do with all that waits now, writing nothing."""
    looked_past = 0
    while True:
        gathered = gather(run, looked_past)
        if not (gathered.has_more_in_inbox or gathered.has_more_in_crm or gathered.has_more_series):
            return _plan(run, gathered, Tally())
        # A pass looks at so many; a run would go on with the next ones, and here nothing goes away.
        looked_past = 2 * looked_past + CHUNK


def _one_pass(run: Run, tally: Tally, listing: Listing | None, compared: Compared | None) -> _Pass:
    gathered = gather(run, tally.held, listing, compared)
    plan = _plan(run, gathered, tally)
    tally.held, tally.parked = len(plan.held), gathered.parked
    remembered: Mapping[int, LinkDraft] = {}
    if plan.crm or plan.memory or gathered.unreadable or gathered.series:

        def with_it(uow: UnitOfWork) -> None:
            apply_memory(run, uow, plan.memory, gathered.unreadable)
            note_laid_out(run, uow, gathered, plan)

        remembered = apply_crm(run, plan.crm, tally, with_it)
    pushes = _ready(plan, remembered)
    stale = apply_google(run, pushes, remembered, tally) if pushes else 0
    if gathered.series:
        end_series(run, gathered, plan, tally)
    tally.crm.has_more = plan.has_more_in_crm or (
        gathered.has_more_in_inbox and _room(run, tally.crm.taken) == 0
    )
    tally.google.has_more = (
        plan.has_more_in_google
        # A repeat that the CRM may be saving yet is the next run's: nobody is to be told that both sides are the same.
        or gathered.is_crm_saving
        or (gathered.has_more_in_crm and _room(run, tally.google.taken) == 0)
    )
    return _Pass(plan, gathered, stale)


def _ready(plan: Plan, remembered: Mapping[int, LinkDraft]) -> Sequence[Decision]:
    # A merge is written whole or not at all: if its CRM row was not as seen, or was refused, it is decided again.
    waiting = {d.link.link_id for d in plan.crm if d.link} - set(remembered)
    return [d for d in plan.google if d.link is None or d.link.link_id not in waiting]


def _plan(run: Run, gathered: Gathered, tally: Tally) -> Plan:
    return build_plan(
        gathered.decisions,
        load=gathered.load,
        crm_room=_room(run, tally.crm.taken),
        google_room=_room(run, tally.google.taken),
    )


def _goes_on(run: Run, tally: Tally, done: _Pass, before: Plan, *, is_first: bool) -> bool:
    """Tell whether another pass has something to do: more was waiting than one pass looks at, or events were looked up."""
    if _is_stuck(done, before):
        return False
    crm_room, google_room = _room(run, tally.crm.taken), _room(run, tally.google.taken)
    has_room = crm_room > 0 or google_room > 0
    gathered = done.gathered
    # Where there is no room for what is left over, the next pass would look at the same once more.
    has_unseen = (gathered.has_more_in_inbox and crm_room > 0) or (
        gathered.has_more_in_crm and google_room > 0
    )
    has_unseen = has_unseen or gathered.has_more_series
    # What was written of a series is looked at once more: only then is it known to be whole.
    links = any(decision.action is Action.LINK for decision in done.plan.memory)
    has_unseen = has_unseen or bool(gathered.series and (done.plan.crm or done.plan.google or links))
    return has_room and (has_unseen or (done.stale > 0 and is_first))


def _is_stuck(done: _Pass, before: Plan) -> bool:
    # Deletes that are held change nothing, but the next pass looks past them. What is remembered once more as it was (a
    # link that isn't settled yet) is no step forward.
    plan = done.plan
    has_written = plan.crm or plan.google or done.gathered.unreadable
    return not has_written and plan.memory == before.memory and len(plan.held) <= len(before.held)


def _room(run: Run, taken: int) -> int:
    return max(0, run.batch_size - taken)
