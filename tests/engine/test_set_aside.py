"""The list of what is set aside says which record is meant, wherever the record is kept."""

from plugin.bootstrap.reviews import SqlReviews
from tests.builders import timed_body
from tests.installed import Installed


def test_series_that_can_not_be_laid_out_is_listed_by_its_title(installed: Installed) -> None:
    rule = ["RRULE:FREQ=HOURLY;COUNT=3"]
    installed.google.edit("insert", body={"summary": "Aviso", "recurrence": rule, **timed_body()})

    runs = [installed.sync(), installed.sync()]

    assert [run.parked for run in runs] == [1, 1]
    [listed] = SqlReviews(installed.parts).parked(installed.pair_id)
    assert (listed.subject, listed.reason) == ("Aviso", "unreadable")
    assert listed.when is not None
    assert installed.activities() == {}


def test_refused_occurrence_is_listed_by_the_title_of_its_series(installed: Installed) -> None:
    rule = ["RRULE:FREQ=DAILY;COUNT=2"]
    made = installed.google.edit("insert", body={"summary": "Curso", "recurrence": rule, **timed_body()})
    installed.sync()
    installed.execute(
        "INSERT INTO gsync_parked (pair_id, side, google_id, google_etag, reason, attempts, parked_utc)"
        f" SELECT pair_id, 'google', google_id, google_etag, 'refused', 1, NOW(6) FROM gsync_links"
        f" WHERE series_id = '{made['id']}' LIMIT 1"
    )

    [listed] = SqlReviews(installed.parts).parked(installed.pair_id)

    assert (listed.subject, listed.when) == ("Curso", None)
