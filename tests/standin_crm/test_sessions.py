"""Session files are PHP's: their ids, their text, their lock."""

import re
import threading
import time
from pathlib import Path

import phpserialize

from demo.crm.sessions import decode_session, encode_session, open_session
from tests.standin_crm.browser import Browser


def test_anonymous_visit_leaves_the_measured_25_bytes(visitor: Browser) -> None:
    visitor.open()
    path = visitor.installation.sessions / f"sess_{visitor.session_id}"
    assert re.fullmatch(r"[0-9a-f]{20,21}", visitor.session_id)
    assert path.read_bytes() == b"__HTTP_Session2_Info|i:1;"
    assert path.stat().st_mode & 0o777 == 0o600


def test_login_moves_the_session_to_an_id_of_phps_shape(visitor: Browser) -> None:
    visitor.open()
    before = visitor.session_id
    visitor.log_in("lucia")
    assert re.fullmatch(r"[0-9a-v]{26}", visitor.session_id)
    assert not (visitor.installation.sessions / f"sess_{before}").exists()


def test_login_writes_the_measured_keys(lucia: Browser) -> None:
    lucia.open("module=Calendar&view=List")
    session = lucia.session
    assert session["authenticated_user_id"] == session["AUTHUSERID"] == "5"
    assert session["app_unique_key"] == lucia.installation.app_key
    assert session["KCFINDER"]["disabled"] is False
    assert {"authenticated_user_language", "vtiger_authenticated_user_theme", "lvs"} <= session.keys()
    listing = session["Calendar_listquery"]
    assert "'" in listing
    assert ";" in listing


def test_values_are_read_by_length_not_by_separator() -> None:
    data = {"a": 'x";b|s:1:"y";', "n": None, "list": {0: "ñ", 1: True}, "number": 7}
    assert decode_session(encode_session(data)) == data
    assert encode_session({"a": "ñ"}) == b"a|" + phpserialize.dumps("ñ") == b'a|s:2:"\xc3\xb1";'


def test_logout_leaves_an_empty_file(lucia: Browser) -> None:
    path = lucia.installation.sessions / f"sess_{lucia.session_id}"
    lucia.open("module=Users&action=Logout")
    assert path.read_bytes() == b""
    assert "Location" in lucia.open("module=Calendar&view=List").headers


def test_second_request_of_a_session_waits_for_the_first(tmp_path: Path) -> None:
    first = open_session(tmp_path, "abc")
    order: list[str] = []

    def second() -> None:
        session = open_session(tmp_path, "abc")
        order.append(f"second saw {session.data.get('seen')}")
        session.close()

    thread = threading.Thread(target=second)
    thread.start()
    time.sleep(0.1)
    order.append("first closes")
    first.data["seen"] = "yes"
    first.close()
    thread.join(5)
    assert order == ["first closes", "second saw yes"]
