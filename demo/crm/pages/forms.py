"""Fields of a form, lists in pages, and the sidebar's boxes: what the module pages share."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from demo.crm.rows import fetch_rows
from demo.crm.turn import Turn
from demo.crm.users import list_owners

PAGE_SIZE = 20


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    value: Any = ""
    kind: str = "text"
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False


def picklist(turn: Turn, values: Iterable[str], current: str) -> tuple[tuple[str, str], ...]:
    """Return the choices; a stored value that is no longer one of them stays choosable."""
    choices = list(values)
    if current not in choices:
        choices.insert(0, current)
    return tuple((value, turn.texts.value(value)) for value in choices)


def owner_field(turn: Turn, owner_id: int) -> Field:
    options = tuple((str(row["id"]), str(row["label"])) for row in list_owners(turn.connection))
    return Field("assigned_user_id", turn.texts.owner, str(owner_id), "select", options)


@dataclass(frozen=True)
class Page:
    """One page of a list, with the numbers that its navigation shows."""

    rows: list[dict[str, Any]]
    number: int
    total: int

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE_SIZE + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return (self.number - 1) * PAGE_SIZE + len(self.rows)

    @property
    def has_next(self) -> bool:
        return self.last < self.total


def fetch_page(turn: Turn, sql: str, order: str, **parameters: Any) -> Page:
    """Fetch the page that is asked for and remember the query in the session, as the CRM does."""
    number = max(1, int(turn.parameter("page", "1")) if turn.parameter("page", "1").isdigit() else 1)
    module = turn.parameter("module")
    offset = (number - 1) * PAGE_SIZE
    listing = f"{sql} ORDER BY {order} LIMIT {offset},{PAGE_SIZE};"
    turn.session.data.setdefault("lvs", {})[module] = {"viewname": "19", 19: {"start": str(number)}}
    turn.session.data[f"{module}_listquery"] = listing
    total = fetch_rows(turn.connection, f"SELECT COUNT(*) AS total FROM ({sql}) AS listed", **parameters)
    return Page(fetch_rows(turn.connection, listing.rstrip(";"), **parameters), number, total[0]["total"])


def sidebar_links(turn: Turn, module: str) -> dict[str, list[dict[str, Any]]]:
    """Return the module's rows of vtiger_links that its list page shows: boxes and extension pages."""
    rows = fetch_rows(
        turn.connection,
        """SELECT l.linktype, l.linklabel, l.linkurl
           FROM vtiger_links l JOIN vtiger_tab t ON t.tabid = l.tabid
           WHERE t.name = :module ORDER BY l.sequence, l.linkid""",
        module=module,
    )
    return {
        "boxes": [row for row in rows if row["linktype"] == "LISTVIEWSIDEBARWIDGET"],
        "extensions": [row for row in rows if row["linktype"] == "EXTENSIONLINK"],
    }
