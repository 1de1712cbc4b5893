"""Each refusal of Google's at each call of a run ends as the matrix says, and once it is over nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.servers import MariaDb
from plugin.google.answers import RULES
from tests.engine.fault_matrix import FAULTS, MATRIX, Call, Ending, Fault, Mend, cells
from tests.engine.fault_scene import Scene, Stage
from tests.simulated_google import SimulatedGoogle


@pytest.fixture(scope="module")
def stage(mariadb: MariaDb, simulator: SimulatedGoogle) -> Iterator[Stage]:
    """One installation for many cells."""
    made = Stage(mariadb, simulator)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("call", "fault", "ending"),
    [pytest.param(*cell, id=f"{cell[0].value}-{cell[1].title}") for cell in cells()],
)
def test_fault_ends_as_the_matrix_says(stage: Stage, call: Call, fault: Fault, ending: Ending) -> None:
    with stage.scene() as scene:
        scene.prepare(call, fault)
        scene.inject(call, fault)

        run = scene.run()

        told = (run.status.value, run.error_code, scene.connection)
        assert told == (ending.status, ending.code, ending.connection)
        if ending.status == "done":
            assert (run.google.skipped > 0, run.parked > 0) == (ending.is_skipped, ending.is_parked)
        scene.heal(ending.mend)
        assert_nothing_is_doubled(scene)
        if ending.mend is not Mend.NOTHING:
            scene.run()
        assert_both_sides_agree(scene)
        quiet = scene.run()
        assert quiet.status.value == "done" and quiet.crm.is_nothing and quiet.google.is_nothing


def assert_nothing_is_doubled(scene: Scene) -> None:
    titles = [title for title, _ in scene.in_google()]
    assert len(set(titles)) == len(titles)


def assert_both_sides_agree(scene: Scene) -> None:
    assert scene.in_crm() == scene.expected
    assert sorted(scene.in_google()) == sorted(scene.expected.items())
    assert set(scene.left_over().values()) == {0}


def test_matrix_has_every_rule_of_the_error_translation() -> None:
    statuses = {fault.rule.get("status") for fault in FAULTS}
    assert {rule.status for rule in RULES} - statuses <= {413}  # never answered to what we send
    assert all(len(row) == len(Call) for row in MATRIX.values())
