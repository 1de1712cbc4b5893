"""Every call that the CRM's Google module knows, and odd ones: an answer in the caller's form, never a 404 or 500."""

import pytest
from flask.testing import FlaskClient
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from plugin.core.errors import ForeignInstallError, UnavailableError
from plugin.web.call import Call, Form, merge, merge_arrays
from tests.fakes.services import FakeSettings, FakeWorld
from tests.web.browser import ANA, INDEX, Get, an_envelope_of, client_of, token_for, words

GET, POST = "GET", "POST"
FRAGMENT, JSON, PAGE = Form.FRAGMENT, Form.JSON, Form.PAGE
LIST = {"view": "List", "sourcemodule": "Calendar"}
EXTENSION = {"view": "Extension", "extensionModule": "Google", "extensionView": "Index"}

# The letters are those of the call table in the facts; h, i and v are the map, which never gets here.
CALLS = [
    ("a", GET, LIST, FRAGMENT),
    ("a contacts", GET, {**LIST, "sourcemodule": "Contacts"}, FRAGMENT),
    (
        "c refused",
        GET,
        {**LIST, "operation": "sync", "service": "GoogleCalendar", "error": "access_denied"},
        PAGE,
    ),
    ("d", POST, {**LIST, "operation": "sync"}, None),
    ("e", POST, {**LIST, "operation": "removeSync"}, FRAGMENT),
    ("f", POST, {"view": "Setting", "sourcemodule": "Contacts"}, FRAGMENT),
    ("g", POST, {"action": "SaveSettings", "sourcemodule": "Contacts", "fieldmapping": "{}"}, JSON),
    ("j", GET, {"module": "Calendar", **EXTENSION}, PAGE),
    ("j logs", GET, {"module": "Contacts", **EXTENSION, "mode": "showLogs"}, PAGE),
    ("k", GET, {"module": "Contacts", "parent": "Settings", **EXTENSION, "mode": "settings"}, PAGE),
    ("m", GET, {**LIST, "operation": "changeUser"}, PAGE),
    ("n", GET, {"view": "Authenticate", "service": "Google", "code": "x", "scope": "y"}, PAGE),
    ("o", POST, {"view": "Sync"}, JSON),
    ("p", POST, {"view": "Setting", "sourcemodule": "Calendar"}, FRAGMENT),
    ("q", GET, {"view": "Setting", "sourcemodule": "Contacts", "mode": "googleImport"}, FRAGMENT),
    ("s", POST, {"action": "Import", "sourcemodule": "Contacts"}, JSON),
    ("t", POST, {"action": "SaveSyncSettings", "sourceModule": "Contacts", "Contacts[enabled]": "on"}, None),
    ("u", POST, {"view": "Index", "mode": "showLogDetail", "logid": "1", "logtype": "vt_create"}, FRAGMENT),
    ("progress", GET, {**LIST, "operation": "progress", "run": "1"}, JSON),
    ("status", GET, {**LIST, "operation": "status"}, JSON),
    ("sync by get", GET, {"view": "Sync"}, JSON),
    ("no view", GET, {}, FRAGMENT),
    ("unknown view", GET, {"view": "Nonsense"}, FRAGMENT),
    ("unknown action", POST, {"action": "Nonsense"}, JSON),
    ("unknown operation", GET, {**LIST, "operation": "nonsense"}, FRAGMENT),
    ("unknown module", GET, {"view": "List", "sourcemodule": "Users"}, FRAGMENT),
    ("extension of another module", GET, {"module": "Leads", **EXTENSION}, PAGE),
    ("not ours", GET, {"module": "Leads", "view": "List"}, FRAGMENT),
    ("array", GET, {"view[]": "List"}, FRAGMENT),
]


@pytest.mark.parametrize("is_connected", [False, True])
@pytest.mark.parametrize(("method", "parameters", "form"), [c[1:] for c in CALLS], ids=[c[0] for c in CALLS])
def test_call_is_answered_in_its_callers_form(
    world: FakeWorld, get: Get, post: Get, method: str, parameters: dict[str, str], form: Form | None,
    is_connected: bool,
) -> None:  # fmt: skip
    if is_connected:
        world.accounts.connect(ANA)
    answer = (post if method == POST else get)(**parameters)
    # After its own form the CRM goes back to the page.
    assert answer.status_code == (302 if parameters.get("action") == "SaveSyncSettings" else 200)
    html = answer.get_data(as_text=True)
    if form is JSON:
        content = an_envelope_of(answer)
        assert content["success"] is True or content["error"]["message"]
    elif form is PAGE:
        assert "<!doctype html>" in html
    elif form is FRAGMENT:
        assert "<html" not in html
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("method", "parameters"), [c[1:3] for c in CALLS], ids=[c[0] for c in CALLS])
@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RuntimeError("secret of <script>"), "Algo ha fallado"),
        (OperationalError("SELECT secret", {}, Exception()), "La base de datos no responde"),
        (RedisError("secret"), "La cola de sincronizaciones no responde"),
        (ForeignInstallError("secret"), "Este CRM parece una copia"),
        (UnavailableError("secret"), "El servicio no responde"),
    ],
    ids=["bug", "database", "redis", "copy", "google"],
)
def test_every_call_says_what_is_down(
    world: FakeWorld, get: Get, post: Get, method: str, parameters: dict[str, str], error: Exception, sentence: str
) -> None:  # fmt: skip
    world.users.error = error
    answer = (post if method == POST else get)(**parameters)
    told = answer.get_data(as_text=True)
    assert answer.status_code == 200
    # Who asks isn't known yet: the answer is in the browser's language, without one in Spanish.
    assert sentence in told
    assert "secret" not in told


def test_bug_is_told_with_the_reference_that_the_log_has(
    world: FakeWorld, get: Get, caplog: pytest.LogCaptureFixture
) -> None:
    world.accounts.error = RuntimeError("boom")
    told = words(get(**LIST))
    reference = told.rpartition(" ")[2]
    assert "Referencia:" in told
    assert reference in caplog.text


def test_queue_that_is_down_is_told_when_a_sync_is_asked_for(world: FakeWorld, post: Get) -> None:
    world.accounts.connect(ANA)
    world.runs.error = UnavailableError("redis")
    assert "El servicio no responde" in words(post(**LIST, operation="sync"))
    assert "no responde" in an_envelope_of(post(view="Sync"))["error"]["message"]


def test_body_that_is_too_large_is_a_sentence(client: FlaskClient, world: FakeWorld) -> None:
    answer = client.post(
        INDEX,
        query_string={"module": "Google", "action": "Import"},
        data={"__vtrftk": token_for(world), "x": "y" * 2_000_000},
    )
    assert "demasiado grande" in an_envelope_of(answer)["error"]["message"]


@pytest.mark.parametrize("crm_url", ["https://crm.example/", "https://crm.example/a/b/"])
def test_pages_live_under_the_sites_path(crm_url: str, world: FakeWorld) -> None:
    world.settings = FakeSettings(crm_url=crm_url)
    path = crm_url.removeprefix("https://crm.example")
    client = client_of(world)
    for address in (path, f"{path}index.php"):
        answer = client.get(address, query_string={"module": "Google", **LIST})
        assert f'src="{path}google-sync/static/box.js?v=' in answer.get_data(as_text=True)
    assert client.get(f"{path}google-sync/health/live").status_code == 200
    assert client.get("/elsewhere/index.php?module=Google").status_code == 404


def test_script_in_what_people_or_google_wrote_is_shown_as_text(
    world: FakeWorld, get: Get, post: Get
) -> None:
    evil = '"><script>alert(1)</script>'
    world.accounts.connect(ANA, email=evil, collection_name=evil, problem_code=evil)
    extension = get(module="Calendar", **EXTENSION)
    for answer in (
        get(**LIST), extension, get(**LIST, operation=evil), get(view=evil), get(**LIST, operation="sync", error=evil),
        get(view="List", sourcemodule=evil), post(action=evil), get(**LIST, operation="progress", run=evil),
        get(**LIST, operation="changeUser", extra=evil),
    ):  # fmt: skip
        assert "<script>alert" not in answer.get_data(as_text=True)


# --- parameters as PHP reads them ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("module", "Contacts"), ("module", "Google")], {"module": "Google"}),
        ([("module", "Google"), ("module[]", "Contacts")], {}),
        ([("module[]", "Contacts"), ("module", "Google")], {"module": "Google"}),
        ([("a.b", "1"), ("c d", "2")], {"a_b": "1", "c_d": "2"}),
        ([("Contacts[enabled]", "on")], {}),
        ([("module", "")], {"module": ""}),
    ],
)
def test_parameters_are_merged_as_php_does(pairs: list[tuple[str, str]], expected: dict[str, str]) -> None:
    assert merge(pairs) == expected


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("C[a]", "1"), ("C[b]", "2"), ("D[a]", "3")], {"C": {"a": "1", "b": "2"}, "D": {"a": "3"}}),
        ([("C[a]", "1"), ("C[a]", "2")], {"C": {"a": "2"}}),
        ([("C[a]", "1"), ("C", "2")], {}),
        ([("C[]", "1"), ("C[a][b]", "2"), ("C[a", "3")], {}),
    ],
)
def test_arrays_are_merged_as_php_does(
    pairs: list[tuple[str, str]], expected: dict[str, dict[str, str]]
) -> None:
    assert merge_arrays(pairs) == expected


def test_body_wins_over_the_query(client: FlaskClient, world: FakeWorld) -> None:
    world.accounts.connect(ANA)
    answer = client.post(
        INDEX,
        query_string={"module": "Contacts", "view": "List"},
        data={"__vtrftk": token_for(world), "module": "Google", "view": "Setting"},
    )
    assert "Esto está ahora en otro lugar" in words(answer)


def test_multipart_body_counts_too(client: FlaskClient, world: FakeWorld) -> None:
    world.accounts.connect(ANA)
    answer = client.post(
        INDEX,
        data={"__vtrftk": token_for(world), "module": "Google", **LIST, "operation": "sync"},
        content_type="multipart/form-data",
    )
    assert "gsync-progress" in answer.get_data(as_text=True)


def test_action_goes_before_view() -> None:
    call = Call(GET, {"module": "Google", "view": "List", "operation": "sync", "action": "Import"})
    assert (call.view, call.operation, call.form) == ("", "", JSON)
