"""Settings: every variable, where it may come from, and all problems in one go, none of which tells a secret."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from plugin.config import Settings, read_settings
from plugin.core.errors import ConfigError

KEY, OLD_KEY = Fernet.generate_key().decode(), Fernet.generate_key().decode()
GIVEN = {
    "GSYNC_CRM_URL": "https://host.example/crm",
    "GSYNC_DATABASE_URL": "mysql+pymysql://crm:s3cr3t@db.example/crm",
    "GSYNC_CRM_APP_KEY": "the-app-key",
    "GSYNC_CRM_CSRF_SECRET": "the-csrf-secret",
    "GSYNC_TOKEN_KEYS": KEY,
}
SECRETS = ("s3cr3t", "the-app-key", "the-csrf-secret", KEY)


def read(**more: str) -> Settings:
    return read_settings({**GIVEN, **more}, env_file=Path("no-such-file"))


def problems_of(**more: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(**more)
    return caught.value.problems


def test_five_settings_are_enough() -> None:
    settings = read()
    assert (settings.crm_url, settings.crm_path) == ("https://host.example/crm/", "/crm/")
    assert settings.crm_timezone == "UTC"
    assert settings.crm_sessions == "file:///var/lib/php/sessions"
    assert settings.redis_url == "redis://127.0.0.1:6379/0"
    assert (settings.batch_size, settings.horizon_days, settings.history_days) == (100, 180, 90)
    assert (settings.planner_task, settings.log_format) == ("SAI GoogleCalSync", "text")
    assert (settings.google_endpoint, settings.google_client_id, settings.sync_from) == (None, None, None)


def test_machines_of_one_crm_use_the_same_names_in_redis_and_no_other_crm_s() -> None:
    elsewhere = {
        "GSYNC_DATABASE_URL": "mysql+pymysql://crm:other@db.example/crm",
        "GSYNC_TOKEN_KEYS": f"{KEY},{OLD_KEY}",
    }
    assert read().namespace == read(**elsewhere).namespace
    others = {"GSYNC_CRM_URL": "https://staging.example/crm/"}, {"GSYNC_CRM_APP_KEY": "another"}
    assert len({read().namespace, *(read(**other).namespace for other in others)}) == 3


def test_every_other_setting_is_read() -> None:
    settings = read(
        GSYNC_CRM_TIMEZONE="Europe/Madrid",
        GSYNC_CRM_SESSIONS="redis://127.0.0.1:6379/1",
        GSYNC_REDIS_URL="unix:///run/redis.sock",
        GSYNC_TOKEN_KEYS=f"{KEY}, {OLD_KEY}",
        GSYNC_GOOGLE_CLIENT_ID="client",
        GSYNC_GOOGLE_CLIENT_SECRET="hush",
        GSYNC_GOOGLE_ENDPOINT="http://127.0.0.1:8089/",
        GSYNC_BATCH_SIZE="50",
        GSYNC_SYNC_FROM="2026-01-31",
        GSYNC_HORIZON_DAYS="365",
        GSYNC_HISTORY_DAYS="7",
        GSYNC_PLANNER_TASK="Google",
        GSYNC_LOG_FORMAT="json",
    )
    assert settings.crm_timezone == "Europe/Madrid"
    assert settings.crm_sessions == "redis://127.0.0.1:6379/1"
    assert settings.redis_url == "unix:///run/redis.sock"
    assert settings.token_keys == (KEY, OLD_KEY)
    assert (settings.google_client_id, settings.google_client_secret) == ("client", "hush")
    assert settings.google_endpoint == "http://127.0.0.1:8089"
    assert (settings.batch_size, settings.horizon_days, settings.history_days) == (50, 365, 7)
    assert settings.sync_from == date(2026, 1, 31)
    assert (settings.planner_task, settings.log_format) == ("Google", "json")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CRM_URL", "host.example/crm"),
        ("CRM_URL", "http://[host"),
        ("CRM_URL", "ftp://host.example/"),
        ("CRM_URL", "https://host.example:port/"),
        ("DATABASE_URL", "sqlite:///crm.db"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql+pymysql://crm:p@db:port/crm"),
        ("DATABASE_URL", "mysql+pymysql://crm:p@db"),
        ("DATABASE_URL", "mysql+nosuch://crm:p@db/crm"),
        ("CRM_TIMEZONE", "Mars/Olympus"),
        ("CRM_TIMEZONE", "Europe"),
        ("CRM_TIMEZONE", "../etc/passwd"),
        ("CRM_SESSIONS", "/var/lib/php/sessions"),
        ("CRM_ROOT", "/no/such/folder"),
        ("REDIS_URL", "http://127.0.0.1/"),
        ("REDIS_URL", "redis://127.0.0.1:port/0"),
        ("TOKEN_KEYS", "not-a-key"),
        ("GOOGLE_CLIENT_ID", "alone"),
        ("GOOGLE_ENDPOINT", "127.0.0.1:8089"),
        ("BATCH_SIZE", "0"),
        ("BATCH_SIZE", "many"),
        ("BATCH_SIZE", "٣"),
        ("SYNC_FROM", "31.1.2026"),
        ("HORIZON_DAYS", "-1"),
        ("HISTORY_DAYS", "1.5"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_bad_value_is_one_problem_that_names_its_variable(name: str, value: str) -> None:
    [problem] = problems_of(**{f"GSYNC_{name}": value})
    assert problem.startswith(f"GSYNC_{name}")


def test_unknown_setting_is_a_problem() -> None:
    assert problems_of(GSYNC_BATCHSIZE="5") == ["GSYNC_BATCHSIZE: there is no such setting"]


def test_settings_of_others_are_not_looked_at() -> None:
    assert read(OTHER_SETTING="x", PATH="/bin").batch_size == 100


def test_all_problems_are_told_together() -> None:
    with pytest.raises(ConfigError) as caught:
        read_settings({"GSYNC_BATCH_SIZE": "x", "GSYNC_NOVELTY": "y"}, env_file=Path("no-such-file"))
    named = [problem.split(":")[0] for problem in caught.value.problems]
    required = ["CRM_URL", "DATABASE_URL", "CRM_APP_KEY", "CRM_CSRF_SECRET", "TOKEN_KEYS"]
    assert sorted(named) == sorted(f"GSYNC_{name}" for name in [*required, "BATCH_SIZE", "NOVELTY"])


def test_empty_value_counts_as_missing() -> None:
    assert [p.split(":")[0] for p in problems_of(GSYNC_CRM_URL="  ")] == ["GSYNC_CRM_URL"]


@pytest.mark.parametrize(
    "bad",
    [
        {"GSYNC_TOKEN_KEYS": f"{KEY},almost-{OLD_KEY}"},
        {"GSYNC_DATABASE_URL": "mysql+pymysql://db:s3cr3t/crm"},
        {"GSYNC_DATABASE_URL": "postgresql://crm:s3cr3t@db/crm"},
        {"GSYNC_REDIS_URL": "http://:s3cr3t@127.0.0.1/"},
        {"GSYNC_CRM_SESSIONS": "tcp://:s3cr3t@127.0.0.1/"},
        {"GSYNC_GOOGLE_CLIENT_SECRET": "s3cr3t"},
    ],
)
def test_no_problem_tells_a_secret(bad: dict[str, str]) -> None:
    told = "\n".join(problems_of(**bad))
    assert not any(secret in told for secret in (*SECRETS, OLD_KEY))


def test_settings_do_not_show_themselves() -> None:
    settings = read()
    shown = f"{settings!r} {settings} {settings.app_key_hash}"
    assert not any(secret in shown for secret in SECRETS)


# --- files ---


@pytest.mark.parametrize("name", ["DATABASE_URL", "CRM_APP_KEY", "CRM_CSRF_SECRET", "TOKEN_KEYS"])
def test_secret_is_read_from_a_file(tmp_path: Path, name: str) -> None:
    file = tmp_path / "secret"
    file.write_text(GIVEN[f"GSYNC_{name}"] + "\n")
    without = {key: value for key, value in GIVEN.items() if key != f"GSYNC_{name}"}

    settings = read_settings({**without, f"GSYNC_{name}_FILE": str(file)}, env_file=tmp_path / "none")

    assert settings.database_url == GIVEN["GSYNC_DATABASE_URL"]
    assert (settings.crm_app_key, settings.token_keys) == ("the-app-key", (KEY,))


def test_secret_given_twice_is_a_problem() -> None:
    assert problems_of(GSYNC_TOKEN_KEYS_FILE="/run/secrets/keys") == [
        "GSYNC_TOKEN_KEYS and GSYNC_TOKEN_KEYS_FILE: give one of them, not both"
    ]


def test_secret_file_that_can_t_be_read_is_a_problem(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfes3cr3t")
    told = problems_of(
        GSYNC_GOOGLE_CLIENT_ID_FILE=str(tmp_path / "missing"), GSYNC_GOOGLE_CLIENT_SECRET_FILE=str(binary)
    )
    assert [problem.split(":")[0] for problem in told] == [
        "GSYNC_GOOGLE_CLIENT_ID_FILE",
        "GSYNC_GOOGLE_CLIENT_SECRET_FILE",
    ]
    assert "s3cr3t" not in "".join(told)


def test_only_secrets_come_from_files() -> None:
    assert problems_of(GSYNC_BATCH_SIZE_FILE="/x") == ["GSYNC_BATCH_SIZE_FILE: there is no such setting"]


def test_env_file_is_read_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    env_file = tmp_path / "settings.env"
    env_file.write_text("GSYNC_BATCH_SIZE=7\nGSYNC_HISTORY_DAYS=8\nGSYNC_PLANNER_TASK='${HOME} sync'\n")
    settings = read_settings({**GIVEN, "GSYNC_ENV_FILE": str(env_file), "GSYNC_BATCH_SIZE": "9"})
    assert (settings.batch_size, settings.history_days) == (9, 8)
    assert settings.planner_task == "${HOME} sync"


def test_named_env_file_that_is_missing_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="GSYNC_ENV_FILE: there is no file"):
        read_settings({**GIVEN, "GSYNC_ENV_FILE": str(tmp_path / "missing.env")})


# --- the CRM's own files ---


@pytest.fixture
def from_crm(tmp_path: Path) -> Callable[..., Settings]:
    def read_from(config: str, secret: str | None = '<?php $secret = "c5rf";') -> Settings:
        (tmp_path / "config.inc.php").write_text(config)
        if secret is not None:
            (tmp_path / "config.csrf-secret.php").write_text(secret)
        given = {"GSYNC_CRM_ROOT": str(tmp_path), "GSYNC_TOKEN_KEYS": KEY}
        return read_settings(given, env_file=tmp_path / "none")

    return read_from


CONFIG = r"""<?php
/* the database; $site_URL = 'http://wrong/'; */
$dbconfig['db_server'] = 'db.example';
$dbconfig['db_port'] = ':3307';
$dbconfig["db_username"] = "crm";  // who
$dbconfig['db_password'] = 'pa/*ss\'s "w@rd" // not a comment';
$dbconfig['db_name'] = 'crm';
$dbconfig['db_hostname'] = $dbconfig['db_server'].$dbconfig['db_port'];
# $site_URL = 'http://old/';
// $site_URL = 'http://older/';
$site_URL = 'https://crm.example/crm/';
if ($site_URL == 'x') { $list_max_entries_per_page = '20'; } /* done */
$default_timezone = 'Europe/Madrid';
$application_unique_key = 'the-app-key';
"""


def test_folder_that_can_t_be_read_is_the_only_problem(tmp_path: Path) -> None:
    given = {"GSYNC_CRM_ROOT": str(tmp_path / "none"), "GSYNC_TOKEN_KEYS": KEY}
    with pytest.raises(ConfigError) as refused:
        read_settings(given, env_file=tmp_path / "no-env")
    [problem] = refused.value.problems
    assert "config.inc.php can't be read" in problem


def test_crm_s_files_give_what_is_starred(from_crm: Callable[..., Settings]) -> None:
    settings = from_crm(CONFIG)
    assert settings.crm_url == "https://crm.example/crm/"
    assert settings.database_url == (
        "mysql+pymysql://crm:pa%2F%2Ass%27s%20%22w%40rd%22%20%2F%2F%20not%20a%20comment"
        "@db.example:3307/crm?charset=utf8mb4"
    )
    assert (settings.crm_timezone, settings.crm_app_key) == ("Europe/Madrid", "the-app-key")
    assert settings.crm_csrf_secret == "c5rf"


@pytest.mark.parametrize(
    ("server", "port", "host"),
    [
        ("'db'", "':3307'", "db:3307"),
        ("'db'", "'3307'", "db:3307"),
        ("'db'", "3307", "db:3307"),
        ("'db:3307'", "':3306'", "db:3307"),
        ("'db'", "''", "db"),
        ('"db"', '":3307"', "db:3307"),
    ],
)
def test_port_is_read_in_every_form(
    from_crm: Callable[..., Settings], server: str, port: str, host: str
) -> None:
    config = CONFIG.replace("'db.example'", server).replace("':3307'", port)
    assert f"@{host}/crm?" in from_crm(config).database_url


@pytest.mark.parametrize(
    ("php", "password"),
    [
        (r"'a\\b'", "a%5Cb"),
        (r"'a\"b'", "a%5C%22b"),
        (r'"a\"b"', "a%22b"),
        (r'"a\$b"', "a%24b"),
        ("'a#b'", "a%23b"),
    ],
)
def test_escapes_are_php_s(from_crm: Callable[..., Settings], php: str, password: str) -> None:
    config = CONFIG.replace(r"""'pa/*ss\'s "w@rd" // not a comment'""", php)
    assert f"crm:{password}@" in from_crm(config).database_url


def test_given_setting_goes_before_the_crm_s(tmp_path: Path) -> None:
    (tmp_path / "config.inc.php").write_text(CONFIG)
    settings = read(GSYNC_CRM_ROOT=str(tmp_path))
    assert (settings.crm_url, settings.crm_timezone) == ("https://host.example/crm/", "Europe/Madrid")


def test_crm_without_a_csrf_secret_yet_says_where_it_would_be(from_crm: Callable[..., Settings]) -> None:
    with pytest.raises(ConfigError, match=r"GSYNC_CRM_CSRF_SECRET: is missing.*config\.csrf-secret\.php"):
        from_crm(CONFIG, secret=None)


def test_placeholder_config_is_missing_everything(from_crm: Callable[..., Settings]) -> None:
    with pytest.raises(ConfigError) as caught:
        from_crm("<?php\n// not installed yet\n")
    assert [p.split(":")[0] for p in caught.value.problems] == [
        "GSYNC_CRM_URL",
        "GSYNC_DATABASE_URL",
        "GSYNC_CRM_APP_KEY",
    ]
