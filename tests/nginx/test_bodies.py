"""Bodies arrive whole, wherever they go; those that nginx cannot hold in memory go by the query."""

import hashlib
import random
from collections.abc import Iterator

import pytest

from tests.nginx.front import MULTIPART, Front, multipart

# client_body_buffer_size; nginx stretches a buffer by up to a quarter to hold a whole body.
READ_LIMIT = 64 * 1024
SURELY_OVER = READ_LIMIT * 5 // 4 + 4096


def noise(length: int) -> bytes:
    return random.Random(length).randbytes(length)


def assert_whole(answer_seen: dict, body: bytes) -> None:
    assert answer_seen["length"] == len(body)
    assert answer_seen["sha256"] == hashlib.sha256(body).hexdigest()


def test_upload_of_3_mb_reaches_the_crm_unharmed(front: Front) -> None:
    body = multipart(
        ('name="module"', "Documents"),
        ('name="action"', "Save"),
        ('name="filename"; filename="plan.pdf"', noise(3_000_000)),
    )
    answer = front.post(body, MULTIPART)
    assert answer.served_by == "crm"
    assert_whole(answer.seen, body)
    assert answer.seen["headers"]["content-type"] == MULTIPART


def test_small_upload_of_any_bytes_reaches_the_crm_unharmed(front: Front) -> None:
    for length in (0, 1, 1000, 50_000):
        body = multipart(('name="module"', "Documents"), ('name="f"; filename="f.bin"', noise(length)))
        answer = front.post(body, MULTIPART)
        assert answer.served_by == "crm"
        assert_whole(answer.seen, body)


def test_body_that_is_no_text_is_no_trouble(front: Front) -> None:
    for content_type in ("application/x-www-form-urlencoded", MULTIPART):
        body = noise(20_000)
        answer = front.post(body, content_type)
        assert answer.served_by == "crm"
        assert_whole(answer.seen, body)


@pytest.mark.parametrize("length", [10, 4_000, 20_000, 60_000, READ_LIMIT])
def test_form_up_to_the_limit_is_read_to_its_end(front: Front, length: int) -> None:
    ending = b"&module=Google&action=SaveSettings"
    body = b"x=" + b"y" * max(0, length - len(ending) - 2) + ending
    answer = front.post(body)
    assert answer.served_by == "plugin"
    assert_whole(answer.seen, body)


@pytest.mark.parametrize("length", [SURELY_OVER, 200_000])
def test_form_over_the_limit_goes_by_its_query(front: Front, length: int) -> None:
    body = b"module=Google&x=".ljust(length, b"y")
    for query, expected in (("", "crm"), ("module=Google", "plugin"), ("module=Google&view=Map", "crm")):
        answer = front.post(body, query=query)
        assert answer.served_by == expected
        assert_whole(answer.seen, body)


def test_upload_over_the_limit_to_the_plugin_by_its_query(front: Front) -> None:
    body = multipart(('name="f"; filename="f"', noise(300_000)))
    answer = front.post(body, MULTIPART, query="module=Google&action=Import")
    assert answer.served_by == "plugin"
    assert_whole(answer.seen, body)


def in_pieces(body: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


@pytest.mark.parametrize("size", [1, 7, 5_000])
def test_chunked_form_is_read_too(front: Front, size: int) -> None:
    body = b"__vtrftk=sid:1&module=Google&view=Sync" + (b"&x=" + b"y" * 30_000 if size > 100 else b"")
    answer = front.post(in_pieces(body, size))
    assert answer.served_by == "plugin"
    assert_whole(answer.seen, body)


def test_chunked_upload_reaches_the_crm_unharmed(front: Front) -> None:
    body = multipart(('name="module"', "Documents"), ('name="f"; filename="f"', noise(1_000_000)))
    answer = front.post(in_pieces(body, 8_192), MULTIPART)
    assert answer.served_by == "crm"
    assert_whole(answer.seen, body)
