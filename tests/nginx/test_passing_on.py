"""What nginx hands on, in both directions, and what it leaves alone."""

import pytest

from tests.nginx.front import FORM, Front

UNTOUCHED = [
    "webservice.php",
    "webservice.php/x",
    "cron/vtigercron.php",
    "modules/Google/index.php",
    "layouts/v7/modules/Google/resources/Settings.js",
    "storage/index.html",
    "index.html",
    "index.php5",
    "index.php/module",
    "google-sync",
    "google-synchronised/x",
    "INDEX.PHP",
]

OWN = ["google-sync/", "google-sync/health/live", "google-sync/static/sync.js", "google-sync/metrics"]


@pytest.mark.parametrize("path", UNTOUCHED)
def test_other_paths_are_the_crm_s_whatever_they_carry(front: Front, path: str) -> None:
    answer = front.send("POST", f"{path}?module=Google", "module=Google&view=Sync", FORM)
    assert answer.served_by == "crm"
    assert answer.seen["path"] == f"{front.base}{path}?module=Google"


@pytest.mark.parametrize("path", OWN)
def test_own_paths_are_always_the_plugin_s(front: Front, path: str) -> None:
    for query in ("", "?module=Contacts", "?module=Google&view=Map"):
        answer = front.send("GET", path + query)
        assert answer.served_by == "plugin"
        assert answer.seen["path"] == front.base + path + query


@pytest.mark.parametrize(("query", "server"), [("module=Google&view=List", "plugin"), ("module=Home", "crm")])
def test_path_query_and_headers_arrive_as_sent(front: Front, query: str, server: str) -> None:
    odd = query + "&x=%C3%B1+%2F&y=a%26b&y=c"
    headers = {
        "Cookie": "PHPSESSID=85co67abc; other=1",
        "Referer": "http://crm.example.com/index.php?module=Calendar",
        "Accept-Language": "es-ES,es;q=0.9",
        "X-Requested-With": "XMLHttpRequest",
        "X-PJAX": "true",
        "If-None-Match": '"x"',
    }
    seen = front.send("GET", f"index.php?{odd}", headers=headers).seen
    assert seen["server"] == server
    assert seen["path"] == f"{front.base}index.php?{odd}"
    assert {name: seen["headers"][name.lower()] for name in headers} == headers


@pytest.mark.parametrize("path", ["index.php?module=Google&view=List", "google-sync/health/live"])
def test_plugin_learns_who_asks_and_where(front: Front, path: str) -> None:
    sent = {"Host": "crm.example.com:8443", "X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "gopher"}
    headers = front.send("GET", path, headers=sent).seen["headers"]
    assert headers["host"] == headers["x-forwarded-host"] == "crm.example.com:8443"
    assert headers["x-forwarded-for"] == "198.51.100.7, 127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers.get("x-forwarded-prefix", "") == front.base.rstrip("/")


def test_forged_prefix_does_not_reach_the_plugin(front: Front) -> None:
    sent = {"X-Forwarded-Prefix": "/evil"}
    headers = front.send("GET", "index.php?module=Google", headers=sent).seen["headers"]
    assert headers.get("x-forwarded-prefix", "") == front.base.rstrip("/")


@pytest.mark.parametrize("status", [204, 302, 400, 403, 404, 409, 429, 500, 502, 503, 504])
def test_answers_of_the_plugin_pass_as_they_are(front: Front, status: int) -> None:
    for path in ("index.php?module=Google&view=Sync", "google-sync/health/ready"):
        answer = front.send("GET", path, headers={"X-Echo-Status": str(status)})
        assert answer.status == status
        assert answer.served_by == "plugin"
