"""Scenarios of contacts: 100 created and 100 updated on each side in one run, and a run with nothing to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bench.installation import USER, Installation
from bench.measure import Measured, measure
from demo.crm.contacts import Contact, create_contact
from demo.crm.records import Saving
from plugin.jobs.queue import RunQueue

COUNT = 100


def hundred(there: Installation) -> Measured:
    """100 created and 100 updated on each side, in one run."""
    _begin(there)
    _change_contacts(there)
    _change_people(there)
    _add_contacts(there, "C2")
    _add_people(there, "G2")
    return measure(there, "contacts hundred")


def idle(there: Installation) -> Measured:
    """Nothing has changed since the last run."""
    _begin(there)
    return measure(there, "contacts idle")


def _begin(there: Installation) -> None:
    """A hundred from each side are linked and at rest. A run takes as many as are created and updated together."""
    there.parts = replace(there.parts, settings=replace(there.parts.settings, batch_size=2 * COUNT))
    there.queue = RunQueue(there.parts)
    there.use_contacts()
    _add_people(there, "G1")
    _add_contacts(there, "C1")
    measure(there, "contacts first")
    there.execute("UPDATE vtiger_crmentity SET modifiedtime = modifiedtime - INTERVAL 1 HOUR")
    there.execute(
        "UPDATE gsync_links SET crm_version = crm_version - INTERVAL 1 HOUR, is_settled = 1,"
        " pushed_utc = pushed_utc - INTERVAL 1 HOUR"
    )
    measure(there, "contacts settle")


def _add_people(there: Installation, prefix: str) -> None:
    for number in range(COUNT):
        there.google.edit_person("create", body=_person(prefix, number))


def _person(prefix: str, number: int) -> dict[str, Any]:
    address = {"streetAddress": "Calle Mayor 1", "city": "Jaén", "postalCode": "23001", "country": "España"}
    return {
        "names": [{"givenName": "Ana", "familyName": f"{prefix}{number:05}"}],
        "emailAddresses": [{"type": "home", "value": f"{prefix}{number}@x.example".lower()}],
        "phoneNumbers": [{"type": "mobile", "value": f"+34 600 {number:06}"}],
        "addresses": [{"type": "home", **address}],
        "organizations": [{"name": "Olivares del Norte S.L.", "title": "Compras"}],
        "biographies": [{"value": "Prefiere las tardes"}],
    }


def _add_contacts(there: Installation, prefix: str) -> None:
    an_hour_ago = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(hours=1)
    account = int(there.scalar("SELECT MIN(accountid) FROM vtiger_account"))
    with there.parts.engine.begin() as connection:
        for number in range(COUNT):
            contact = Contact(
                f"{prefix}{number:05}", USER, "Blas", email=f"{prefix}{number}@x.example".lower(),
                phone=f"+34 910 {number:06}", mailingstreet="Avda. 4", mailingcity="Zaragoza", accountid=account,
            )  # fmt: skip
            create_contact(Saving(connection, USER, an_hour_ago), contact)


def _change_people(there: Installation) -> None:
    """Another telephone for each person that Google had first."""
    for number, google_id in enumerate(_of_first(there, "google_id", "G1")):
        phones = [{"type": "mobile", "value": f"+34 699 {number:06}"}]
        there.google.edit_person("update", google_id, {"phoneNumbers": phones})


def _change_contacts(there: Installation) -> None:
    """Another telephone for each contact that the CRM had first."""
    chosen = ",".join(str(crm_id) for crm_id in _of_first(there, "crm_id", "C1"))
    there.execute(f"UPDATE vtiger_contactdetails SET phone = 'otro' WHERE contactid IN ({chosen})")
    there.execute(
        f"UPDATE vtiger_crmentity SET modifiedtime = UTC_TIMESTAMP() - INTERVAL 1 MINUTE WHERE crmid IN ({chosen})"
    )


def _of_first(there: Installation, column: str, prefix: str) -> Iterable[Any]:
    query = (
        f"SELECT l.{column} FROM gsync_links l JOIN vtiger_contactdetails d ON d.contactid = l.crm_id"
        f" WHERE d.lastname LIKE '{prefix}%' ORDER BY l.crm_id"
    )
    with there.parts.engine.connect() as connection:
        return list(connection.execute(sa.text(query)).scalars())
