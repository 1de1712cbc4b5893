"""Repeating events as their user meets them: what the preview says of each step, and what both sides hold after it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from demo.crm.activities import Activity
from demo.crm.sample import LUCIA_ID
from demo.crm.series import Reach, create_series, delete_series, edit_series
from tests.browser.site import CalendarList, Site, shot

MADRID = ZoneInfo("Europe/Madrid")
# A Monday of the next weeks: what lies further back, or behind the horizon, isn't laid out.
MONDAY = datetime.now(MADRID).date() + timedelta(days=14 - datetime.now(MADRID).weekday())


def week(number: int) -> date:
    return MONDAY + timedelta(days=7 * number)


def as_told(day: date, wall: str) -> str:
    return f"{day:%d-%m-%Y} {wall}"


def hour(day: date, hour_of_day: int) -> dict[str, Any]:
    return {
        name: {"dateTime": f"{day}T{hour:02}:00:00", "timeZone": "Europe/Madrid"}
        for name, hour in (("start", hour_of_day), ("end", hour_of_day + 1))
    }


def slot(series_id: str, number: int) -> str:
    begins = datetime.combine(week(number), datetime.min.time(), MADRID).replace(hour=10).astimezone(UTC)
    return f"{series_id}_{begins:%Y%m%dT%H%M%SZ}"


def preview(box: CalendarList) -> list[str]:
    """Press “Ver cambios” and return a line for each record."""
    box.tab.get_by_role("button", name="Ver cambios").click()
    box.expect_idle()
    return [" ".join(text.split()) for text in box.details.locator(".gsync-records li").all_inner_texts()]


def test_weekly_meeting_of_google_is_followed_step_by_step(synced: CalendarList, site: Site) -> None:
    rule = ["RRULE:FREQ=WEEKLY;COUNT=6"]
    series_id = site.edit_google("insert", summary="Comité", recurrence=rule, **hour(week(0), 10))["id"]
    assert preview(synced) == [
        f"Comité {as_told(week(n), '10:00')} Añadir en el CRM: nuevo en Google" for n in range(6)
    ]
    shot(synced.tab, "80-series-new")
    synced.click()
    synced.expect_counts("6 0 0 0", "0 0 0 0")

    site.edit_google("patch", slot(series_id, 1), **hour(week(1) + timedelta(days=1), 12))
    site.edit_google("delete", slot(series_id, 2))
    assert preview(synced) == [
        f"Comité {as_told(week(1) + timedelta(days=1), '12:00')} Cambiar en el CRM: modificado (fecha y hora)",
        f"Comité {as_told(week(2), '10:00')} Eliminar del CRM: eliminado en Google",
    ]
    shot(synced.tab, "81-series-moved")
    synced.click()
    synced.expect_counts("0 1 1 0", "0 0 0 0")

    ended = f"RRULE:FREQ=WEEKLY;UNTIL={week(3):%Y%m%d}T220000Z"
    site.edit_google("patch", series_id, recurrence=[ended])
    part = {"id": f"{series_id}_R{week(4):%Y%m%d}T100000", "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"]}
    site.edit_google("insert", summary="Comité", **part, **hour(week(4), 16))
    assert preview(synced) == [
        f"Comité {as_told(week(n), '16:00')} Cambiar en el CRM: modificado (fecha y hora)" for n in (4, 5)
    ]
    shot(synced.tab, "82-series-following")
    synced.click()
    synced.expect_counts("0 2 0 0", "0 0 0 0")
    assert preview(synced) == []
    assert "no hay nada que sincronizar" in synced.details.inner_text()


def test_repeat_of_the_crm_is_one_series_in_google(synced: CalendarList, site: Site) -> None:
    begins = datetime.combine(week(0), datetime.min.time()) + timedelta(hours=14)
    head = Activity("Ronda", begins, begins + timedelta(minutes=90), LUCIA_ID)
    days = [week(number) for number in range(4)]
    crm_ids = site.in_crm(create_series, head, days, frequency=1, rule="Weekly::1")
    [line] = preview(synced)
    assert line.startswith("Ronda ")
    assert line.endswith("Añadir en Google: nuevo en el CRM")
    synced.click()
    synced.expect_counts("0 0 0 0", "1 0 0 0")
    assert len(site.google_series("Ronda")) == 1

    site.in_crm(edit_series, crm_ids[2], lambda one: replace(one, location="Leganés"), Reach.ALL)
    [line] = preview(synced)
    assert line.endswith("Cambiar toda la serie en Google: modificado (ubicación)")
    shot(synced.tab, "83-series-all-changed")
    synced.click()
    synced.expect_counts("0 0 0 0", "0 1 0 0")
    assert {one["location"] for one in site.google_series("Ronda")} == {"Leganés"}

    site.in_crm(edit_series, crm_ids[1], lambda one: replace(one, location="Getafe"), Reach.CURRENT)
    [line] = preview(synced)
    assert line.endswith("Cambiar en Google: modificado (ubicación)")
    synced.click()
    synced.expect_counts("0 0 0 0", "0 1 0 0")

    site.in_crm(delete_series, crm_ids[2], Reach.FUTURE)
    assert [line.partition(" Eliminar ")[2] for line in preview(synced)] == [
        "de Google: eliminado en el CRM"
    ] * 2
    shot(synced.tab, "84-series-future-deleted")
    synced.click()
    synced.expect_counts("0 0 0 0", "0 0 2 0")

    site.in_crm(delete_series, crm_ids[0], Reach.ALL)
    synced.click()
    synced.expect_counts("0 0 0 0", "0 0 2 0")
    assert [one["id"] for one in site.google_series("Ronda") if "recurrence" not in one] == []
    assert preview(synced) == []
