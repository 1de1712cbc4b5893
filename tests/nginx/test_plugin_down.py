"""While the plugin is down, the CRM's pages get an answer that they can show."""

import json

import pytest

from tests.nginx.front import FORM, MULTIPART, Answer, Front, multipart

FRAGMENT_CALLS = [
    ("GET", "module=Google&view=List&sourcemodule=Calendar", ""),
    ("POST", "", "module=Google&view=List&operation=sync&sourcemodule=Calendar"),
    ("POST", "", "module=Google&view=Setting&sourcemodule=Contacts"),
    ("GET", "module=Contacts&view=Extension&extensionModule=Google&extensionView=Index", ""),
    ("POST", "module=Google&view=Sync", "view=List"),
    ("POST", "module=Google&action=SaveSettings", "action=&view=List"),
]

JSON_CALLS = [
    ("POST", "", "module=Google&view=Sync"),
    ("GET", "module=Google&view=Sync", ""),
    ("POST", "", "module=Google&action=SaveSettings&sourcemodule=Contacts"),
    ("POST", "module=Google&view=List", "view=Sync"),
    ("POST", "module=Google", "action=Import&view=List"),
]


def send(front: Front, method: str, query: str, body: str) -> Answer:
    return front.send(method, f"index.php?{query}", body or None, FORM if body else None)


def assert_fragment(answer: Answer) -> None:
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=UTF-8"
    assert answer.headers["cache-control"] == "no-store"
    text = answer.body.decode()
    assert "La sincronización con Google no está disponible" in text
    assert "Google sync is not available" in text
    assert text.startswith("<div")
    assert text.rstrip().endswith("</div>")


def assert_envelope(answer: Answer) -> None:
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/json; charset=UTF-8"
    assert answer.headers["cache-control"] == "no-store"
    envelope = json.loads(answer.body)
    assert envelope["success"] is False
    assert envelope["error"]["code"] == "PLUGIN_DOWN"
    assert "sincronización" in envelope["error"]["message"]
    assert "not available" in envelope["error"]["message"]


@pytest.mark.parametrize(("method", "query", "body"), FRAGMENT_CALLS)
def test_pages_get_a_fragment(front_without_plugin: Front, method: str, query: str, body: str) -> None:
    assert_fragment(send(front_without_plugin, method, query, body))


@pytest.mark.parametrize(("method", "query", "body"), JSON_CALLS)
def test_scripts_get_the_crm_s_error_envelope(
    front_without_plugin: Front, method: str, query: str, body: str
) -> None:
    assert_envelope(send(front_without_plugin, method, query, body))


def test_multipart_and_large_bodies_get_their_answer_too(front_without_plugin: Front) -> None:
    form = multipart(('name="module"', "Google"), ('name="action"', "Import"))
    assert_envelope(front_without_plugin.post(form, MULTIPART))
    assert_envelope(front_without_plugin.post(b"x" * 200_000, query="module=Google&view=Sync"))
    assert_fragment(front_without_plugin.post(b"x" * 200_000, query="module=Google&view=List"))


def test_head_is_answered_without_a_body(front_without_plugin: Front) -> None:
    answer = front_without_plugin.send("HEAD", "index.php?module=Google&view=List")
    assert (answer.status, answer.body) == (200, b"")


def test_plugin_that_does_not_answer_in_time_counts_as_down(front: Front) -> None:
    late = {"X-Echo-Sleep": "1.5"}
    assert_envelope(front.send("GET", "index.php?module=Google&view=Sync", headers=late))
    assert front.send("GET", "google-sync/health/ready", headers=late).status == 504


@pytest.mark.parametrize(
    "path", ["google-sync/health/live", "google-sync/static/sync.js", "google-sync/metrics"]
)
def test_health_and_static_say_502(front_without_plugin: Front, path: str) -> None:
    assert front_without_plugin.send("GET", path).status == 502


@pytest.mark.parametrize("query", ["module=Home&view=DashBoard", "module=Google&view=Map", ""])
def test_the_crm_goes_on_without_the_plugin(front_without_plugin: Front, query: str) -> None:
    answer = front_without_plugin.get(query)
    assert (answer.status, answer.served_by) == (200, "crm")
