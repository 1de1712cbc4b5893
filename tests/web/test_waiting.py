"""What waits for a person: deletions that are held, seen and approved from the page, and the list of what is set aside."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from plugin.core.model import Side
from plugin.core.reconcile import Reason
from plugin.core.when import Timed, WholeDays
from plugin.sync.preview import list_digest
from plugin.sync.views import (
    CALENDAR,
    ConnectionStatus,
    Deed,
    Hold,
    ParkedView,
    PlannedChange,
    RunStatus,
    RunView,
)
from tests.fakes.services import NOW, FakeWorld
from tests.web.browser import ANA, Get, an_envelope_of, words

BOX = {"view": "List", "sourcemodule": "Calendar"}
HELD, APPROVE = {**BOX, "operation": "held"}, {**BOX, "operation": "approve"}
PAGE = {"module": "Calendar", "view": "Extension", "extensionModule": "Google", "extensionView": "Index"}
PAIR = 10 + ANA
START = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
MEETING = PlannedChange(
    Deed.DELETE,
    Side.GOOGLE,
    Reason.DELETED_IN_CRM,
    "Reunión <b>anual</b>",
    Timed(START, START + timedelta(hours=1)),
    crm_id=7,
    google_id="g7",
    hold=Hold.GUESTS,
    approval_key="k7",
)
FAIR = replace(
    MEETING,
    side=Side.CRM,
    reason=Reason.DELETED_IN_GOOGLE,
    subject="Feria",
    when=WholeDays(date(2026, 12, 3), date(2026, 12, 6)),
    hold=Hold.BRAKE,
    approval_key="k8",
)


def hold_two(world: FakeWorld, status: RunStatus = RunStatus.DONE) -> None:
    world.accounts.connect(ANA, last_sync_utc=NOW)
    world.runs.request(PAIR, "manual")
    ended = RunView(0, 0, CALENDAR, "manual", status, held=2, finished_utc=NOW, error_code="unavailable")
    world.runs.change(1, ended)
    world.reviews.held_changes[PAIR] = [MEETING, FAIR]


def test_box_says_how_many_wait_and_offers_to_see_them(world: FakeWorld, get: Get) -> None:
    hold_two(world)
    answer = get(**BOX)
    assert "2 eliminaciones esperan aprobación y no se han realizado. Ver" in words(answer)
    html = answer.get_data(as_text=True)
    url = "index.php?module=Google&amp;view=List&amp;sourcemodule=Calendar&amp;operation="
    assert f'data-gsync-show="{url}held"' in html
    # What wasn't seen can't be approved.
    assert "data-gsync-approve" not in html


def test_end_of_a_run_and_the_extension_page_offer_the_same(world: FakeWorld, get: Get) -> None:
    hold_two(world)
    progress = get(**BOX, operation="progress", run="1").get_json(force=True)
    assert "data-gsync-show" in progress["result"]["html"]
    assert "data-gsync-show" in get(**PAGE).get_data(as_text=True)


def test_failed_run_that_held_deletions_offers_it_beside_its_problem(world: FakeWorld, get: Get) -> None:
    hold_two(world, RunStatus.FAILED)
    assert "2 eliminaciones esperan aprobación" in words(get(**BOX))


def test_nothing_is_offered_when_nothing_waits(world: FakeWorld, get: Get) -> None:
    hold_two(world)
    world.runs.change(1, replace(world.runs.runs[1], held=0))
    assert "data-gsync-show" not in get(**BOX).get_data(as_text=True)


def test_list_says_what_when_where_and_why(world: FakeWorld, get: Get) -> None:
    hold_two(world)
    answer = get(**HELD)
    told = words(answer)
    assert "Reunión &lt;b&gt;anual&lt;/b&gt; 01-12-2026 10:30 Eliminar de Google: eliminado en el CRM" in told
    assert "el evento tiene invitados" in told
    assert "Feria 03-12-2026 – 05-12-2026 Eliminar del CRM: eliminado en Google" in told
    assert "muchas eliminaciones a la vez" in told
    assert f"operation=approve&amp;list={list_digest([FAIR, MEETING])}" in answer.get_data(as_text=True)


def test_long_list_is_cut_and_the_rest_counted(world: FakeWorld, get: Get) -> None:
    hold_two(world)
    world.reviews.held_changes[PAIR] = [replace(FAIR, subject=f"Cita {n}.") for n in range(130)]
    told = words(get(**HELD))
    assert "Cita 99." in told
    assert "Cita 100." not in told
    assert "y 30 más" in told


def test_list_of_nothing_says_so(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA)
    answer = get(**HELD)
    assert "Ya no hay eliminaciones que esperen aprobación" in words(answer)
    assert "data-gsync-approve" not in answer.get_data(as_text=True)


def test_approving_starts_a_run(world: FakeWorld, post: Get) -> None:
    hold_two(world)
    html = post(**APPROVE, list=list_digest([MEETING, FAIR])).get_data(as_text=True)
    assert world.reviews.approved == [PAIR]
    assert 'class="gsync-progress"' in html
    assert world.runs.runs[2].trigger == "manual"


def test_list_that_changed_meanwhile_is_shown_again(world: FakeWorld, post: Get) -> None:
    hold_two(world)
    answer = post(**APPROVE, list=list_digest([MEETING]))
    assert "La lista ha cambiado entretanto" in words(answer)
    assert f"list={list_digest([MEETING, FAIR])}" in answer.get_data(as_text=True)
    assert "no se ha aprobado nada" in words(post(**APPROVE))
    assert (world.reviews.approved, len(world.runs.runs)) == ([], 1)


def test_approving_needs_a_post_with_the_csrf_token(world: FakeWorld, get: Get, post: Get) -> None:
    hold_two(world)
    assert "desde su botón" in words(get(**APPROVE))
    assert words(post(**APPROVE, __vtrftk="sid:forged,1")) == "Invalid request"
    assert world.reviews.approved == []


def test_only_who_is_connected_sees_and_approves(world: FakeWorld, get: Get, post: Get) -> None:
    assert "No está conectado" in words(get(**HELD))
    assert post(**APPROVE).get_json(force=True)["error"]["code"] == "401"
    world.accounts.connect(ANA, status=ConnectionStatus.PAUSED)
    assert "ya no existe en Google" in words(post(**APPROVE))
    assert world.reviews.approved == []


def test_extension_page_lists_what_is_set_aside(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA)
    world.reviews.parked_records[PAIR] = [
        ParkedView(Side.GOOGLE, "g1", Reason.FOREIGN_MARKER.value, 1, NOW, None, "Curso", MEETING.when),
        ParkedView(Side.CRM, "8", "refused", 2, NOW, NOW + timedelta(days=1)),
    ]
    told = words(get(**PAGE))
    assert "Curso 01-12-2026 10:30 Google pertenece a otra conexión 22-11-2026 13:00 cuando cambie" in told
    assert "(sin asunto) CRM uno de los lados no lo acepta 22-11-2026 13:00 23-11-2026 13:00" in told


def test_box_and_end_of_a_run_lead_to_what_was_set_aside(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA, last_sync_utc=NOW)
    world.runs.request(PAIR, "manual")
    done = RunView(0, 0, CALENDAR, "manual", RunStatus.DONE, parked=1, finished_utc=NOW)
    world.runs.change(1, done)
    ended = an_envelope_of(get(**BOX, operation="progress", run="1"))["result"]["html"]
    for html in (get(**BOX).get_data(as_text=True), ended):
        assert "extensionView=Index#gsync_parked" in html
        assert "Qué registros se han apartado y por qué" in html

    # Each note has its own link behind it.
    world.runs.change(1, replace(done, parked=1, held=2))
    told = words(get(**BOX))
    assert told.index("esperan aprobación") < told.index(" Ver ") < told.index("se ha apartado")

    world.runs.change(1, replace(done, parked=0))
    assert "gsync_parked" not in get(**BOX).get_data(as_text=True)
