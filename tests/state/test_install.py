"""Whose database this is: checked at every run, and told by an administrator after a move or a copy."""

import threading
from dataclasses import replace

import pytest

from plugin.core.errors import ForeignInstallError
from plugin.state.install import Install
from tests.installed import Installed


def elsewhere(installed: Installed, **changes: str) -> Install:
    settings = replace(installed.parts.settings, **changes)
    return replace(installed.parts, settings=settings).install


def test_first_check_makes_the_id_and_later_ones_find_it(installed: Installed) -> None:
    assert installed.parts.install.check() == installed.parts.install.check()


def test_first_checks_at_once_agree(installed: Installed) -> None:
    start, found = threading.Barrier(6), []

    def check() -> None:
        start.wait()
        found.append(installed.parts.install.check())

    threads = [threading.Thread(target=check) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1


@pytest.mark.parametrize("change", [{"crm_url": "http://staging.example/"}, {"crm_app_key": "another"}])
def test_other_address_or_key_is_another_install(installed: Installed, change: dict[str, str]) -> None:
    installed.parts.install.check()
    with pytest.raises(ForeignInstallError, match=r"http://crm\.example/"):
        elsewhere(installed, **change).check()


def test_moved_install_keeps_its_id(installed: Installed) -> None:
    before = installed.parts.install.check()
    moved = elsewhere(installed, crm_url="https://new.example/")
    moved.adopt_moved()
    assert moved.check() == before


def test_copy_gets_its_own_id(installed: Installed) -> None:
    before = installed.parts.install.check()
    copy = elsewhere(installed, crm_url="https://staging.example/")
    copy.adopt_copy()
    assert copy.check() != before
