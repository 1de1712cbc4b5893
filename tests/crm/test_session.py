"""Who is logged in, from sessions as PHP writes them."""

import fcntl
import hashlib
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from plugin.core.errors import ConfigError, SessionBrokenError, SessionBusyError, SessionStoreError
from plugin.crm.session import CrmSessions, CsrfTokens, FileStore, RedisStore, build_store

APP_KEY = "8b1a9953c4611296a827abf8c47804d7"
SESSION_ID = "85co67abcdefghijklmnopqrst"
SECRET = "f" * 40
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
QUERY = 'SELECT * FROM vtiger_activity WHERE subject LIKE \'a|b;"c"\' AND x = "authenticated_user_id|s:1:\\"9\\";" -- ñ€'


def php_string(value: str) -> str:
    return f's:{len(value.encode())}:"{value}";'


def a_session(user_id: str = "7", app_key: str = APP_KEY, before: str = "", after: str = "") -> bytes:
    """Return a logged-in session as measured on 8.0, with SQL text full of separators."""
    return (
        f"__HTTP_Session2_Info|i:2;{before}"
        f'AUTHUSERID|s:{len(user_id)}:"{user_id}";authenticated_user_id|s:{len(user_id)}:"{user_id}";'
        f'app_unique_key|{php_string(app_key)}authenticated_user_language|s:5:"es_es";'
        'KCFINDER|a:4:{s:8:"disabled";b:0;s:9:"uploadURL";s:11:"test/upload";s:9:"uploadDir";s:14:"../test/upload";'
        's:10:"deniedExts";s:7:"php php";}'
        'lvs|a:1:{s:8:"Calendar";a:2:{s:8:"viewname";s:2:"19";i:19;a:1:{s:5:"start";s:1:"1";}}}'
        f"Calendar_listquery|{php_string(QUERY)}{after}"
    ).encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def sessions(folder: Path) -> CrmSessions:
    return CrmSessions(FileStore(folder, patience_s=0.3), APP_KEY)


def write(folder: Path, content: bytes, session_id: str = SESSION_ID) -> None:
    (folder / f"sess_{session_id}").write_bytes(content)


def test_logged_in_session_tells_its_user(sessions: CrmSessions, folder: Path) -> None:
    write(folder, a_session())
    assert sessions.user_id(SESSION_ID) == 7


@pytest.mark.parametrize(
    "before",
    [
        f"Calendar_listquery|{php_string(QUERY)}",
        'cart|O:8:"stdClass":1:{s:4:"more";O:3:"Foo":1:{s:6:"\0Foo\0x";i:3;}}',
        "empty|N;yes|b:1;half|d:0.5;",
        "deep|a:1:{i:0;a:1:{i:0;a:0:{}}}",
    ],
    ids=["sql before the login", "objects", "scalars", "nested arrays"],
)
def test_values_before_the_login_are_read_by_length(
    sessions: CrmSessions, folder: Path, before: str
) -> None:  # fmt: skip
    write(folder, a_session(before=before))
    assert sessions.user_id(SESSION_ID) == 7


def test_what_follows_the_login_need_not_be_understood(sessions: CrmSessions, folder: Path) -> None:
    write(folder, a_session(after='odd|E:11:"Suit:Hearts";'))
    assert sessions.user_id(SESSION_ID) == 7


def test_php_serialize_handler_is_understood(sessions: CrmSessions, folder: Path) -> None:
    write(
        folder,
        f'a:3:{{s:10:"AUTHUSERID";s:1:"7";s:14:"app_unique_key";{php_string(APP_KEY)}s:1:"x";a:0:{{}}}}'.encode(),
    )
    assert sessions.user_id(SESSION_ID) == 7


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"__HTTP_Session2_Info|i:1;",
        b'__HTTP_Session2_Info|i:1;return_params|s:3:"a=b";',
        a_session(user_id=""),
        a_session(user_id="0"),
        a_session(user_id="1 OR 1=1"),
        a_session(app_key="0" * 32),
        a_session(app_key=""),
        b'AUTHUSERID|s:1:"7";authenticated_user_id|s:1:"7";',
    ],
    ids=[
        "after logout",
        "visitor",
        "sent to login",
        "no user",
        "zero",
        "no number",
        "other crm",
        "empty key",
        "no key",
    ],
)
def test_other_sessions_are_not_logged_in(sessions: CrmSessions, folder: Path, content: bytes) -> None:
    write(folder, content)
    assert sessions.user_id(SESSION_ID) is None


@pytest.mark.parametrize("session_id", ["", "../sess_x", "a/b", "a" * 129, "ñ", "a\0b", "a.b", "a\n", "*"])
def test_impossible_id_never_touches_a_path(session_id: str) -> None:
    class Bomb:
        def load(self, session_id: str) -> bytes | None:
            raise AssertionError(session_id)

    assert CrmSessions(Bomb(), APP_KEY).user_id(session_id) is None


def test_unknown_id_is_not_logged_in(sessions: CrmSessions) -> None:
    assert sessions.user_id("nobody") is None


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\xff garbage",
        a_session()[:60],
        b'AUTHUSERID|s:99999999:"7";',
        b"AUTHUSERID|i:;",
        b"x|" + b"a:1:{i:0;" * 5000,
        b'a:1:{s:3:"abc"',
        b"x|Z:1;",
    ],
)
def test_broken_session_is_an_error_that_quotes_nothing(
    sessions: CrmSessions, folder: Path, content: bytes
) -> None:  # fmt: skip
    write(folder, content)
    with pytest.raises(SessionBrokenError) as raised:
        sessions.user_id(SESSION_ID)
    assert raised.value.code == "session_broken"
    assert "garbage" not in str(raised.value)


def test_missing_folder_is_an_error(folder: Path) -> None:
    with pytest.raises(SessionStoreError) as raised:
        CrmSessions(FileStore(folder / "gone"), APP_KEY).user_id(SESSION_ID)
    assert raised.value.code == "session_store"


def test_folder_or_link_in_place_of_a_session_is_an_error(sessions: CrmSessions, folder: Path) -> None:
    (folder / "sess_folder").mkdir()
    write(folder, a_session(), "real")
    (folder / "sess_link").symlink_to(folder / "sess_real")
    for session_id in ("folder", "link"):
        with pytest.raises(SessionStoreError):
            sessions.user_id(session_id)


HOLD = (
    "import fcntl,sys,time; f=open(sys.argv[1],'rb+'); fcntl.flock(f,fcntl.LOCK_EX); print(flush=True);"
    " time.sleep(float(sys.argv[2]))"
)


def test_session_held_by_php_is_busy_not_logged_out(sessions: CrmSessions, folder: Path) -> None:
    write(folder, a_session())
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder / f"sess_{SESSION_ID}"), "30"], stdout=subprocess.PIPE
    ) as php:
        assert php.stdout is not None
        php.stdout.readline()
        began = time.monotonic()
        with pytest.raises(SessionBusyError) as raised:
            sessions.user_id(SESSION_ID)
        assert raised.value.code == "crm_busy"
        assert time.monotonic() - began < 10
        php.kill()
    assert sessions.user_id(SESSION_ID) == 7


def test_session_let_go_in_time_is_read_and_left_unlocked(folder: Path) -> None:
    write(folder, a_session())
    path = folder / f"sess_{SESSION_ID}"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path), "0.3"], stdout=subprocess.PIPE) as php:
        assert php.stdout is not None
        php.stdout.readline()
        assert CrmSessions(FileStore(folder), APP_KEY).user_id(SESSION_ID) == 7
    with path.open("rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FakeRedis:
    """The two commands that the store uses."""

    def __init__(self, values: dict[str, bytes], error: Exception | None = None) -> None:
        self.values, self.error = values, error

    def exists(self, key: str) -> int:
        if self.error:
            raise self.error
        return int(key in self.values)

    def get(self, key: str) -> bytes | None:
        return self.values.get(key)


def a_redis_store(values: dict[str, bytes], error: Exception | None = None) -> CrmSessions:
    store = RedisStore(FakeRedis(values, error), patience_s=0.1)  # type: ignore[arg-type]
    return CrmSessions(store, APP_KEY)


KEY = f"PHPREDIS_SESSION:{SESSION_ID}"


def test_session_in_redis_tells_its_user() -> None:
    assert a_redis_store({KEY: a_session()}).user_id(SESSION_ID) == 7
    assert a_redis_store({}).user_id(SESSION_ID) is None


def test_session_locked_in_redis_is_busy() -> None:
    with pytest.raises(SessionBusyError):
        a_redis_store({KEY: a_session(), f"{KEY}_LOCK": b"1"}).user_id(SESSION_ID)


def test_redis_that_does_not_answer_is_an_error() -> None:
    with pytest.raises(SessionStoreError):
        a_redis_store({}, RedisConnectionError("refused")).user_id(SESSION_ID)


def test_store_is_named_by_its_address(folder: Path) -> None:
    write(folder, a_session())
    assert build_store(f"file://{folder}").load(SESSION_ID) == a_session()
    store = build_store(
        "redis://host/1?prefix=CRM:",
        redis=lambda url: FakeRedis({f"CRM:{SESSION_ID}": b"x"}),  # type: ignore[arg-type,return-value]
    )
    assert store.load(SESSION_ID) == b"x"
    with pytest.raises(ConfigError):
        build_store("memcached://host")


# --- csrf tokens -----------------------------------------------------------------------------------------------------


def test_token_is_what_csrf_magic_makes() -> None:
    made = int(NOW.timestamp())
    digest = hashlib.sha1(f"{SECRET}{SESSION_ID}{made}".encode()).hexdigest()
    assert CsrfTokens(SECRET).make_token(SESSION_ID, NOW) == f"sid:{digest},{made}"


def test_token_is_good_for_three_days_and_its_session() -> None:
    tokens = CsrfTokens(SECRET)
    token = tokens.make_token(SESSION_ID, NOW)
    assert tokens.is_valid_token(token, SESSION_ID, NOW)
    assert tokens.is_valid_token(token, SESSION_ID, NOW + timedelta(days=3))
    assert tokens.is_valid_token(f"sid:bad,1;{token}", SESSION_ID, NOW)
    assert not tokens.is_valid_token(token, SESSION_ID, NOW + timedelta(days=3, seconds=1))
    assert not tokens.is_valid_token(token, "another", NOW)
    assert not CsrfTokens("other").is_valid_token(token, SESSION_ID, NOW)
    assert not tokens.is_valid_token(tokens.make_token("", NOW), "", NOW)


@pytest.mark.parametrize("value", ["", "sid:", ",", "sid:x,y", "sid:x,١٢٣", ";" * 500, "ñ,1", "sid:x,9" * 99])
def test_odd_tokens_are_refused(value: str) -> None:
    assert not CsrfTokens(SECRET).is_valid_token(value, SESSION_ID, NOW)
