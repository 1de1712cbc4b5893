"""Activities: the list in the user's own time, the form, and what its buttons do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import Response

from demo.crm.activities import (
    NO_REPEAT,
    Activity,
    activity_from_row,
    create_activity,
    delete_activity,
    load_activity,
    update_activity,
)
from demo.crm.local_time import parse_date, parse_time, to_local, to_utc
from demo.crm.pages.forms import Field, fetch_page, owner_field, picklist, sidebar_links
from demo.crm.rows import delete_rows, fetch_rows
from demo.crm.series import Reach, tied_events
from demo.crm.turn import NotPermittedError, Turn, json_result, redirect

LISTED = """SELECT a.activityid, a.subject, a.activitytype, a.date_start, a.due_date, a.time_start,
       a.time_end, a.status, a.eventstatus, a.priority, a.location, a.visibility, a.recurringtype,
       e.smownerid, e.description,
       COALESCE(NULLIF(TRIM(CONCAT(COALESCE(u.first_name, ''), ' ', COALESCE(u.last_name, ''))), ''),
                g.groupname) AS owner
FROM vtiger_activity a
JOIN vtiger_crmentity e ON e.crmid = a.activityid AND e.deleted = 0 AND e.setype = 'Calendar'
LEFT JOIN vtiger_users u ON u.id = e.smownerid
LEFT JOIN vtiger_groups g ON g.groupid = e.smownerid
WHERE a.activitytype <> 'Emails'"""
EVENT_STATUSES = ("Planned", "Held", "Not Held")
TASK_STATUSES = ("Not Started", "In Progress", "Completed")
EVENT_TYPES = ("Meeting", "Call", "Mobile Call")


def show_list(turn: Turn) -> Response:
    mine = ",".join(str(number) for number in (turn.user.user_id, *turn.user.group_ids))
    sql = LISTED
    if turn.parameter("viewname") == "mine":
        sql += f" AND e.smownerid IN ({mine})"
    elif not turn.user.is_admin:
        sql += f" AND (a.visibility <> 'Private' OR e.smownerid IN ({mine}))"
    page = fetch_page(turn, sql, "a.date_start DESC, a.time_start DESC, a.activityid DESC")
    rows = [{**row, "activity": activity_from_row(row)} for row in page.rows]
    view = "mine" if turn.parameter("viewname") == "mine" else "all"
    links = sidebar_links(turn, "Calendar")
    return turn.page("calendar_list.html", page=page, rows=rows, view=view, no_repeat=NO_REPEAT, **links)


def show_form(turn: Turn) -> Response:
    if turn.record_id is None:
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0, tzinfo=None)
        start_utc = now + timedelta(hours=1)
        is_task = turn.parameter("mode") == "Calendar"
        activity = Activity("", start_utc, start_utc + timedelta(hours=1), turn.user.user_id)
        if is_task:
            activity = replace(activity, activity_type="Task", status="Not Started", visibility="Private")
    else:
        activity = load_activity(turn.saving, turn.record_id)
        _check_readable(turn, activity)
    fields = _fields(turn, activity)
    repeats = activity.recurring_type not in NO_REPEAT
    return turn.page("form.html", module=activity.module, fields=fields, repeats=repeats, back="Calendar")


def save(turn: Turn) -> Response:
    _save(turn)
    return redirect("index.php?module=Calendar&view=List")


def save_ajax(turn: Turn) -> Response:
    """Save what the request names and leave the rest; answers the record as the CRM's script wants it."""
    if turn.parameter("field"):
        turn.parameters[turn.parameter("field")] = turn.parameter("value")
    crm_id = _save(turn)
    if turn.record_id is not None:
        # Measured: a save without the list of invitees removes them, and all contacts but one.
        delete_rows(turn.connection, "vtiger_invitees", activityid=crm_id)
        _keep_one_contact(turn, crm_id)
    activity = load_activity(turn.saving, crm_id)
    values = {
        field.name: {"value": field.value, "display_value": field.value} for field in _fields(turn, activity)
    }
    return json_result({**values, "_recordLabel": activity.subject, "_recordId": crm_id})


def delete(turn: Turn) -> Response:
    """Delete one activity, or as much of its series as the mode says; without one the series' row stays."""
    if turn.request.method != "POST" or turn.record_id is None:
        raise NotPermittedError
    activity = load_activity(turn.saving, turn.record_id)
    _check_readable(turn, activity)
    mode = turn.parameter("recurringEditMode")
    doomed = [turn.record_id]
    if mode in ("future", "all") and activity.recurring_type not in NO_REPEAT:
        doomed = tied_events(turn.saving, turn.record_id, Reach(mode))
    for crm_id in doomed:
        delete_activity(turn.saving, crm_id, clean_series=bool(mode))
    return json_result({"module": "Calendar", "deletedRecords": doomed})


def _save(turn: Turn) -> int:
    if turn.request.method != "POST":
        raise NotPermittedError
    saving = turn.saving
    if turn.record_id is None:
        contact_ids = tuple(
            int(part) for part in turn.parameter("contactidlist").split(";") if part.isdigit()
        )
        return create_activity(saving, _typed(turn, None), contact_ids)
    before = load_activity(saving, turn.record_id)
    _check_readable(turn, before)
    update_activity(saving, turn.record_id, _typed(turn, before))
    return turn.record_id


def _typed(turn: Turn, before: Activity | None) -> Activity:
    """Return the activity that the request describes; what it doesn't name stays as it was."""
    is_task = before.is_task if before else turn.parameter("activitytype", "Meeting") == "Task"
    now = turn.saving.now_utc
    base = before or Activity("", now, now, turn.user.user_id, status="Not Started" if is_task else "Planned")
    subject = turn.parameter("subject", base.subject).strip()
    if not subject:
        raise ValueError(turn.texts.subject)
    start_utc = _typed_moment(turn, "date_start", "time_start", base.start_utc)
    end_utc = _typed_moment(turn, "due_date", "time_start" if is_task else "time_end", base.end_utc)
    reminder = turn.parameter("reminder_time", "0")
    return replace(
        base,
        subject=subject,
        start_utc=start_utc,
        end_utc=end_utc,
        owner_id=int(turn.parameter("assigned_user_id", str(base.owner_id))),
        activity_type=turn.parameter("activitytype", base.activity_type),
        status=turn.parameter("taskstatus" if is_task else "eventstatus", base.status),
        location=turn.parameter("location", base.location),
        description=turn.parameter("description", base.description),
        visibility=turn.parameter("visibility", base.visibility),
        priority=turn.parameter("taskpriority", base.priority),
        reminder_min=int(reminder) if reminder.isdigit() else 0,
    )


def _typed_moment(turn: Turn, date_name: str, time_name: str, before_utc: datetime) -> datetime:
    """Read a date and a time in the user's zone and formats; a half that is not sent stays as it was."""
    local = to_local(before_utc, turn.user.zone)
    day, wall = local.date(), local.time()
    if turn.parameter(date_name):
        day = parse_date(turn.parameter(date_name), turn.user.date_format)
    if turn.parameter(time_name):
        wall = parse_time(turn.parameter(time_name))
    return to_utc(day, wall, turn.user.zone)


def _check_readable(turn: Turn, activity: Activity) -> None:
    is_mine = activity.owner_id in (turn.user.user_id, *turn.user.group_ids)
    if activity.visibility == "Private" and not is_mine and not turn.user.is_admin:
        raise NotPermittedError


def _keep_one_contact(turn: Turn, crm_id: int) -> None:
    sql = "SELECT contactid FROM vtiger_cntactivityrel WHERE activityid = :crm_id ORDER BY contactid"
    for row in fetch_rows(turn.connection, sql, crm_id=crm_id)[1:]:
        delete_rows(turn.connection, "vtiger_cntactivityrel", activityid=crm_id, contactid=row["contactid"])


def _fields(turn: Turn, activity: Activity) -> list[Field]:
    user, t = turn.user, turn.texts
    statuses = TASK_STATUSES if activity.is_task else EVENT_STATUSES
    status = Field(
        "taskstatus" if activity.is_task else "eventstatus",
        t.status,
        activity.status,
        "select",
        picklist(turn, statuses, activity.status),
    )
    return [
        Field("subject", t.subject, activity.subject, required=True),
        Field("date_start", t.start_date, user.show_date(activity.start_utc), required=True),
        Field("time_start", t.start_time, user.show_time(activity.start_utc), required=True),
        Field("due_date", t.due_date if activity.is_task else t.end_date, user.show_date(activity.end_utc)),
        *_kind_fields(turn, activity),
        status,
        owner_field(turn, activity.owner_id),
        Field("location", t.location, activity.location),
        _choice(turn, "visibility", t.visibility, activity.visibility, ("Public", "Private")),
        Field("description", t.description, activity.description, "textarea"),
    ]


def _kind_fields(turn: Turn, activity: Activity) -> list[Field]:
    """Return what only a task's or only an event's form has."""
    t = turn.texts
    if activity.is_task:
        priorities = ("High", "Medium", "Low")
        hidden = Field("activitytype", t.type, "Task", "hidden")
        return [hidden, _choice(turn, "taskpriority", t.priority, activity.priority, priorities)]
    return [
        Field("time_end", t.end_time, turn.user.show_time(activity.end_utc), required=True),
        _choice(turn, "activitytype", t.type, activity.activity_type, EVENT_TYPES),
        Field("reminder_time", t.reminder, activity.reminder_min),
    ]


def _choice(turn: Turn, name: str, label: str, value: str, values: tuple[str, ...]) -> Field:
    return Field(name, label, value, "select", picklist(turn, values, value))
