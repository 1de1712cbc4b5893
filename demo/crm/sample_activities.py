"""The sample users' diaries: one activity for each case that a synchronisation has to get right."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from demo.crm.activities import Activity, create_activity, delete_activity
from demo.crm.contacts import load_contact
from demo.crm.records import Saving
from demo.crm.rows import insert_row, update_row
from demo.crm.series import create_series


class Diary:
    """Writes one owner's activities, with days counted from today and times on the owner's wall."""

    def __init__(self, saving: Saving, today: date, zone: ZoneInfo, owner_id: int) -> None:
        self.saving, self.today, self.zone, self.owner_id = saving, today, zone, owner_id

    def activity(
        self, subject: str, day: int, start: str, end: str, *, end_day: int | None = None, **more: Any
    ) -> Activity:
        last = day if end_day is None else end_day
        return Activity(subject, self._utc(day, start), self._utc(last, end), self.owner_id, **more)

    def add(
        self, subject: str, day: int, start: str, end: str, *, contacts: tuple[int, ...] = (), **more: Any
    ) -> int:
        return create_activity(self.saving, self.activity(subject, day, start, end, **more), contacts)

    def add_task(self, subject: str, day: int, start: str, status: str, priority: str) -> int:
        more: dict[str, Any] = {"activity_type": "Task", "visibility": "Private", "recurring_type": ""}
        return self.add(subject, day, start, start, status=status, priority=priority, **more)

    def _utc(self, day: int, wall: str) -> datetime:
        local = datetime.combine(self.today + timedelta(days=day), time.fromisoformat(wall), self.zone)
        return local.astimezone(UTC).replace(tzinfo=None)


def load_activities(
    saving: Saving,
    today: date,
    zones: Mapping[int, ZoneInfo],
    owners: tuple[int, int, int, int],
    contact_ids: Sequence[int],
) -> None:
    """Create the activities of the three sample users and of their group."""
    lucia_id, marco_id, helen_id, group_id = owners
    lucia = Diary(saving, today, zones[lucia_id], lucia_id)
    _load_lucia(lucia, contact_ids, invitee_id=marco_id)
    _load_series(lucia)
    Diary(saving, today, zones[lucia_id], group_id).add("Reunión del equipo comercial", 4, "09:00", "10:00")

    marco = Diary(replace(saving, user_id=marco_id), today, zones[marco_id], marco_id)
    marco.add(
        "Visita a Cordero", 1, "08:00", "09:00", contacts=(contact_ids[7],), location="Bogotá, Calle 100"
    )
    # In UTC this one starts and ends on the next day.
    marco.add("Cena con proveedores", 2, "20:00", "22:30", visibility="Private")

    helen = Diary(replace(saving, user_id=helen_id), today, zones[helen_id], helen_id)
    # In UTC this one lies on the day before.
    helen.add(
        "Breakfast with Kiwi Imports", 1, "07:30", "08:30", contacts=(contact_ids[8],), location="Auckland"
    )
    helen.add("Quarterly review", 3, "14:00", "15:30", status="Planned")


def _load_lucia(lucia: Diary, contact_ids: Sequence[int], invitee_id: int) -> None:
    _load_meetings(lucia, contact_ids, invitee_id)
    # Whole days, as people type them: the CRM has no flag for them.
    lucia.add("Feria del aceite", 7, "00:00", "00:00", end_day=8, location="Recinto ferial")
    lucia.add("Vacaciones", 20, "00:00", "00:00", end_day=25)
    lucia.add("Médico", 3, "08:30", "09:30", visibility="Private")
    # 'all' is the column's default; rows that other programs write have it.
    open_id = lucia.add("Jornada de puertas abiertas", 5, "12:00", "14:00")
    update_row(lucia.saving.connection, "vtiger_activity", {"activityid": open_id}, visibility="all")
    lucia.add("Tren nocturno", 9, "23:00", "07:15", end_day=10)
    cancelled_id = lucia.add("Reunión anulada", 6, "10:00", "10:30")
    delete_activity(lucia.saving, cancelled_id, clean_series=True)
    lucia.add_task("Enviar presupuesto", 2, "09:00", "Not Started", "High")
    lucia.add_task("Actualizar lista de precios", -2, "09:00", "Completed", "Medium")


def _load_meetings(lucia: Diary, contact_ids: Sequence[int], invitee_id: int) -> None:
    """Meetings with customers, one of them with everything that hangs on an event."""
    connection = lucia.saving.connection
    pilar_id, jose_id, amparo_id, tomas_id = (contact_ids[number] for number in (0, 1, 3, 4))
    call: dict[str, Any] = {"activity_type": "Call", "status": "Held"}
    lucia.add("Llamada de seguimiento", -3, "11:00", "11:15", contacts=(jose_id,), **call)
    notes: dict[str, Any] = {"location": "Sala Grande", "description": "Traer muestras\nde aceite"}
    lucia.add("Presentación de la campaña", -1, "16:30", "18:00", **notes)
    lunch: dict[str, Any] = {"location": "Zaragoza", "contacts": (amparo_id, tomas_id)}
    lucia.add("Comida con Amparo & Tomás", 2, "14:00", "15:30", **lunch)
    visit: dict[str, Any] = {"location": "Calle Mayor 12, Jaén", "contacts": (pilar_id,), "reminder_min": 30}
    visit_id = lucia.add("Visita a Olivares", 1, "10:00", "11:00", **visit)
    insert_row(connection, "vtiger_invitees", activityid=visit_id, inviteeid=invitee_id, status="sent")
    insert_row(connection, "vtiger_salesmanactivityrel", smid=invitee_id, activityid=visit_id)
    pilar = load_contact(lucia.saving, pilar_id)
    insert_row(connection, "vtiger_seactivityrel", crmid=pilar.accountid, activityid=visit_id)


def _load_series(lucia: Diary) -> None:
    """Mondays and Wednesdays for three weeks, from the next Monday on; then four days, one of them dragged to another hour."""
    monday = 7 - lucia.today.weekday()
    head = lucia.activity(
        "Seguimiento de pedidos", monday, "10:00", "10:30", location="Por teléfono", activity_type="Call"
    )
    days = [head.start_utc.date() + timedelta(days=offset) for offset in (0, 2, 7, 9, 14, 16)]
    create_series(lucia.saving, head, days, frequency=1, rule="Weekly::1::3")
    duty = lucia.activity("Guardia de teléfono", monday + 21, "17:00", "17:30", activity_type="Call")
    days = [duty.start_utc.date() + timedelta(days=offset) for offset in range(4)]
    dragged_id = create_series(lucia.saving, duty, days, frequency=1, rule="Daily")[2]
    dragged: dict[str, Any] = {"time_start": "12:00:00", "time_end": "12:30:00"}
    update_row(lucia.saving.connection, "vtiger_activity", {"activityid": dragged_id}, **dragged)
    own_date = {"recurringdate": days[2]}
    update_row(lucia.saving.connection, "vtiger_recurringevents", {"activityid": dragged_id}, **own_date)
