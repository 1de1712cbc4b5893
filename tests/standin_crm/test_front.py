"""The front controller: who gets in, which requests are refused, and where the rest goes."""

import hashlib
import io
import re
import time
from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine

from demo.crm import csrf
from demo.crm.front import create_app
from demo.crm.installation import Installation
from demo.crm.parameters import merge
from tests.standin_crm.browser import SITE_URL, Browser, json_of


def test_pages_need_a_login_and_remember_what_was_wanted(visitor: Browser) -> None:
    answer = visitor.open("module=Contacts&view=List")
    assert (answer.status_code, answer.headers["Location"]) == (302, "index.php")
    assert visitor.session["return_params"] == "module=Contacts&view=List"
    assert "<form" in visitor.open().text


@pytest.mark.parametrize(
    ("name", "password"),
    [("lucia", "wrong"), ("ramon", "ramon-demo"), ("nuria", "nuria-demo"), ("nobody", "x")],
    ids=["wrong password", "inactive", "deleted", "unknown"],
)
def test_login_is_refused(visitor: Browser, name: str, password: str) -> None:
    visitor.open()
    visitor.log_in(name, password)
    assert "Location" in visitor.open("module=Calendar&view=List").headers


def test_deactivated_user_stays_logged_in(lucia: Browser, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE vtiger_users SET status = 'Inactive' WHERE id = 5")
    assert lucia.open("module=Calendar&view=List").status_code == 200


def test_session_of_another_crm_is_no_login(lucia: Browser) -> None:
    path = lucia.installation.sessions / f"sess_{lucia.session_id}"
    path.write_bytes(path.read_bytes().replace(lucia.installation.app_key.encode(), b"0" * 32))
    assert "Location" in lucia.open("module=Calendar&view=List").headers


def test_page_carries_the_token_that_posts_need(lucia: Browser) -> None:
    page = lucia.open("module=Calendar&view=Edit").text
    token = re.search(r'csrfMagicToken = "([^"]+)";var csrfMagicName = "__vtrftk"', page)[1]
    assert csrf.is_valid(token, lucia.installation.csrf_secret, lucia.session_id)
    assert f'name="__vtrftk" value="{token}"' in page


def test_fragment_has_the_token_in_forms_only(lucia: Browser) -> None:
    fragment = lucia.open("module=Calendar&view=Edit", X_Requested_With="XMLHttpRequest").text
    assert "<html" not in fragment
    assert "csrfMagicName" not in fragment
    assert 'name="__vtrftk"' in fragment


@pytest.mark.parametrize("made", ["missing", "another session's", "too old", "nonsense"])
def test_post_without_a_good_token_is_refused(lucia: Browser, made: str) -> None:
    secret = lucia.installation.csrf_secret
    token = {
        "missing": "",
        "another session's": csrf.make_token(secret, "other"),
        "too old": csrf.make_token(secret, lucia.session_id, int(time.time()) - csrf.LIFETIME_S - 5),
        "nonsense": "sid:abc",
    }[made]
    answer = lucia.send({"module": "Calendar", "action": "SaveAjax", "subject": "x"}, token=token)
    assert (answer.status_code, answer.text) == (200, "Invalid request")


def test_one_good_token_among_several_is_enough(lucia: Browser) -> None:
    answer = lucia.send({"module": "Contacts", "view": "List"}, token=f"sid:abc,1;{lucia.token}")
    assert "listViewEntriesTable" in answer.text


def test_other_host_is_sent_to_the_site_url(lucia: Browser) -> None:
    answer = lucia.open("module=Calendar&view=List", host="localhost:8080")
    assert (answer.status_code, answer.headers["Location"]) == (301, SITE_URL)


def test_tls_in_front_is_told_to_the_crm_not_by_a_header(installation: Installation) -> None:
    secure = replace(installation, site_url=SITE_URL.replace("http:", "https:"))
    for told, status in ((False, 301), (True, 200)):
        app = create_app(replace(secure, tls_in_front=told))
        assert Browser(app, installation).open(X_Forwarded_Proto="https").status_code == status
        app.extensions["crm_engine"].dispose()


def test_foreign_referer_is_an_illegal_request(lucia: Browser) -> None:
    assert lucia.open("module=Calendar&view=List", Referer="http://other.example/").text == "Illegal request"
    assert "<table" in lucia.open("module=Calendar&view=List", Referer=SITE_URL).text


def test_parameters_are_merged_as_php_does() -> None:
    merged = merge([("module", "Contacts"), ("a[]", "1"), ("a[x]", "2"), ("module", "Google"), ("b.c", "d")])
    assert merged == {"module": "Google", "a": {0: "1", "x": "2"}, "b_c": "d"}


def test_body_wins_over_query(lucia: Browser) -> None:
    answer = lucia.send({"module": "Contacts", "view": "List"}, query="module=Google&view=Sync")
    assert 'class="subject"' in answer.text
    assert "wrongWay" in lucia.send({"module": "Google", "view": "Sync"}, query="module=Contacts").text


def test_google_request_says_loudly_that_it_went_astray(lucia: Browser) -> None:
    assert "nginx" in lucia.open("module=Google&view=List&sourcemodule=Calendar").text


def test_map_stays_the_crms(lucia: Browser, connection: Connection) -> None:
    crm_id = connection.exec_driver_sql(
        "SELECT contactid FROM vtiger_contactdetails WHERE firstname = 'Pilar'"
    )
    query = f"module=Google&action=MapAjax&mode=getLocation&recordid={crm_id.scalar_one()}"
    answer = lucia.open(f"{query}&source_module=Contacts")
    assert json_of(answer) == {"label": "Pilar Olivares Peña", "address": "Calle Mayor 12,Jaén,,23001,España"}
    assert "wrongWay" not in lucia.open("module=Google&view=Map&mode=showMap&viewtype=detail&record=3").text


def test_extension_page_has_the_frame_that_the_plugin_fills(lucia: Browser) -> None:
    query = "module=Calendar&view=Extension&extensionModule=Google&extensionView=Index"
    page, content = lucia.open(query).text, lucia.open(query, X_PJAX="true").text
    assert '<div id="listViewContent" class="listViewPageDiv content-area">' in page
    assert "extensionContents" in content
    assert "<html" not in content
    assert "settingsPageDiv content-area" in lucia.open(f"{query}&parent=Settings").text


def test_upload_answers_the_hash_of_what_arrived(lucia: Browser) -> None:
    content = b"\x00\xff" * 100_000
    answer = lucia.send({"module": "Documents", "file": (io.BytesIO(content), "foto.bin")})
    assert json_of(answer)["result"]["files"]["file"]["sha256"] == hashlib.sha256(content).hexdigest()


def test_config_files_have_the_real_ones_shape(visitor: Browser) -> None:
    root = visitor.installation.root
    config = (root / "config.inc.php").read_text()
    assert f"$site_URL = '{SITE_URL}';" in config
    assert re.search(r"\$dbconfig\['db_port'\] = ':\d+';", config)
    assert visitor.installation.csrf_secret in (root / "config.csrf-secret.php").read_text()
