"""CRM users as the pages need them: who is logged in, with which language, zone and formats."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from demo.crm.local_time import date_pattern, show_time, to_local
from demo.crm.passwords import is_password
from demo.crm.rows import fetch_row, fetch_rows


@dataclass(frozen=True)
class User:
    user_id: int
    name: str
    full_name: str
    is_admin: bool
    language: str
    zone: ZoneInfo
    date_format: str
    hour_format: str
    group_ids: tuple[int, ...]

    def show_date(self, moment_utc: datetime) -> str:
        return to_local(moment_utc, self.zone).strftime(date_pattern(self.date_format))

    def show_time(self, moment_utc: datetime) -> str:
        return show_time(to_local(moment_utc, self.zone), self.hour_format)

    def show_moment(self, moment_utc: datetime) -> str:
        return f"{self.show_date(moment_utc)} {self.show_time(moment_utc)}"


def load_user(connection: Connection, user_id: int) -> User | None:
    """Return the user whatever their status: as in the CRM only the login looks at it."""
    row = fetch_row(connection, "SELECT * FROM vtiger_users WHERE id = :user_id", user_id=user_id)
    if row is None:
        return None
    groups = fetch_rows(
        connection, "SELECT groupid FROM vtiger_users2group WHERE userid = :user_id", user_id=user_id
    )
    return User(
        user_id=user_id,
        name=row["user_name"],
        full_name=f"{row['first_name'] or ''} {row['last_name'] or ''}".strip(),
        is_admin=row["is_admin"] == "on",
        language=row["language"] or "",
        zone=ZoneInfo(row["time_zone"] or "UTC"),
        date_format=row["date_format"] or "yyyy-mm-dd",
        hour_format=row["hour_format"] or "24",
        group_ids=tuple(group["groupid"] for group in groups),
    )


def check_login(connection: Connection, name: str, password: str) -> int | None:
    """Return the id of the active user with this name and password."""
    sql = """SELECT id, user_password FROM vtiger_users
             WHERE user_name = :name AND status = 'Active' AND deleted = 0"""
    for row in fetch_rows(connection, sql, name=name):
        if is_password(row["user_password"], password):
            return int(row["id"])
    return None


def list_owners(connection: Connection) -> list[dict[str, object]]:
    """Return everybody to whom a record can be assigned: active users, then groups."""
    return fetch_rows(
        connection,
        """SELECT id, TRIM(CONCAT(COALESCE(first_name, ''), ' ', COALESCE(last_name, ''))) AS label
           FROM vtiger_users WHERE status = 'Active' AND deleted = 0
           UNION ALL SELECT groupid, groupname FROM vtiger_groups""",
    )
