"""What errors say about themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plugin.core import errors
from plugin.core.errors import (
    ConfigError,
    MappingError,
    RateLimitedError,
    RefusedError,
    Scope,
    SessionStoreError,
    SyncError,
    VersionMismatchError,
)


def _all(kind: type[SyncError]) -> Iterator[type[SyncError]]:
    yield kind
    for narrower in kind.__subclasses__():
        if narrower.__module__ == errors.__name__:
            yield from _all(narrower)


@pytest.mark.parametrize("kind", list(_all(SyncError)), ids=lambda kind: kind.__name__)
def test_error_states_its_reach_and_names_its_sentence(kind: type[SyncError]) -> None:
    assert isinstance(kind.scope, Scope)
    assert isinstance(kind.retryable, bool)
    assert kind.code


def test_message_falls_back_on_the_code() -> None:
    assert str(VersionMismatchError()) == "changed_meanwhile"
    assert str(VersionMismatchError("etag")) == "etag"


def test_details_are_kept_for_the_sentence() -> None:
    assert RefusedError("no", "invalid").details == {"reason": "invalid"}
    assert SessionStoreError("no", path="x").details == {"path": "x"}


def test_config_error_lists_all_problems() -> None:
    error = ConfigError(["one", "two"])

    assert (str(error), error.problems) == ("one\ntwo", ["one", "two"])


def test_mapping_error_names_record_and_field() -> None:
    error = MappingError("crm", "11", "time_start", "not a time")

    assert str(error) == "crm 11: time_start: not a time"
    assert (error.scope, error.details) == (Scope.ITEM, {"field": "time_start"})


def test_rate_limit_says_how_long_to_wait() -> None:
    assert RateLimitedError("slow down", retry_after_s=12).retry_after_s == 12
