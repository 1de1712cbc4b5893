"""Log lines carry ids, and nothing that is secret or personal."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from plugin.logs import RedactingHandler, about, configure_logging, redact


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture(autouse=True)
def leave_logging_as_it_was() -> Iterator[None]:
    yield
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if not isinstance(handler, RedactingHandler)]


def test_line_carries_run_and_user(output: io.StringIO) -> None:
    configure_logging("text", output)
    with about(user_id=5), about(run_id=7):
        logging.getLogger("gsync").info("begun")
    logging.getLogger("gsync").info("outside")
    inside, outside = output.getvalue().splitlines()
    assert inside.endswith("INFO gsync run=7 user=5: begun")
    assert outside.endswith("INFO gsync: outside")


def test_json_line_is_one_object(output: io.StringIO) -> None:
    configure_logging("json", output)
    try:
        raise ValueError("refresh_token=1//abcdefghijkl of ana@example.com")
    except ValueError:
        with about(run_id=7):
            logging.getLogger("gsync").exception("failed for %s", "ana@example.com")
    line = json.loads(output.getvalue())
    assert (line["run"], line["level"], line["message"]) == (7, "ERROR", "failed for <address>")
    assert "ValueError" in line["exception"]
    assert "abcdefghijkl" not in output.getvalue()
    assert "ana@" not in output.getvalue()


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("GET /?code=4/0AbCdEf&state=xyz123 HTTP", "0AbCdEf"),
        ("GET /?code=4/0AbCdEf&state=xyz123 HTTP", "xyz123"),
        ("Authorization: Bearer ya29.a0Af-x", "a0Af"),
        ("{'access_token': 'ya29.a0Af-x', 'refresh_token': '1//0e-abcdefghij'}", "0e-abc"),
        ('{"client_secret": "GOCSPX-abc"}', "GOCSPX"),
        ("Cookie: PHPSESSID=85co67abc", "85co67abc"),
        ("body __vtrftk=sid:0123456789012345678901234567890123456789,1795352789", "1795352789"),
        ("mysql+pymysql://crm:hunter2@localhost/crm", "hunter2"),
        (
            "(OperationalError) [SQL: SELECT 1] [parameters: {'subject': 'Visita [a] médico'}]\n(Background",
            "Visita",
        ),
        ("encrypted gAAAAABkabcdefghijklmnopqrstuvwxyz==", "abcdefghijklmn"),
    ],
)
def test_secret_never_reaches_the_log(text: str, secret: str) -> None:
    assert secret not in redact(text)


def test_plain_text_stays(output: io.StringIO) -> None:
    text = "run 7: 100 created, 3 skipped; pair 12, status code 200, state of the queue: good"
    assert redact("run 7: 100 created, 3 skipped; pair 12") == "run 7: 100 created, 3 skipped; pair 12"
    assert "100 created" in redact(text)


def test_second_setup_does_not_double_the_lines(output: io.StringIO) -> None:
    configure_logging("text", output)
    configure_logging("text", output)
    logging.getLogger("gsync").info("once")
    assert output.getvalue().count("once") == 1
