"""The sample company's customers: three accounts and ten contacts, each with a reason to be there."""

from datetime import date
from typing import Any

from demo.crm.contacts import Contact, create_contact, next_record_number
from demo.crm.records import Saving, create_entity
from demo.crm.rows import insert_row

ACCOUNTS = [
    ("Olivares del Norte S.L.", "Calle Mayor 12", "Jaén", "23001", "España"),
    ("Talleres Ruiz y Peña", "Avda. de la Industria 4", "Zaragoza", "50016", "España"),
    ("Kiwi Imports Ltd", "7 Sample Quay", "Auckland", "1010", "New Zealand"),
]


def load_contacts(saving: Saving, owners: tuple[int, int, int]) -> list[int]:
    """Create the accounts and contacts and return the contacts' ids."""
    account_ids = [_create_account(saving, owners[0], *account) for account in ACCOUNTS]
    return [create_contact(saving, contact) for contact in _contacts(owners, account_ids)]


def _contacts(owners: tuple[int, int, int], account_ids: list[int]) -> list[Contact]:
    (lucia_id, marco_id, helen_id), (first, second, third) = owners, account_ids
    jaen: dict[str, Any] = {
        "mailingstreet": "Calle Mayor 12",
        "mailingcity": "Jaén",
        "mailingzip": "23001",
        "mailingcountry": "España",
    }
    zaragoza: dict[str, Any] = {
        "mailingstreet": "Avda. de la Industria 4\nNave 3",
        "mailingcity": "Zaragoza",
        "mailingstate": "Zaragoza",
        "mailingzip": "50016",
        "mailingcountry": "España",
    }
    auckland: dict[str, Any] = {
        "mailingstreet": "7 Sample Quay",
        "mailingcity": "Auckland",
        "mailingcountry": "New Zealand",
    }
    birthday = date(1978, 2, 28)
    return [
        Contact("Olivares Peña", lucia_id, "Pilar", "Ms.", "pilar@olivares.example", phone="+34 953 000 001",
                mobile="+34 600 000 001", title="Compras", accountid=first, birthday=birthday, **jaen),
        Contact("Núñez-Ibáñez", lucia_id, "José Ángel", "Mr.", "jose.angel@olivares.example",
                phone="+34 953 000 002", title="Jefe de almacén", accountid=first),
        # Only a surname: the CRM asks for nothing more.
        Contact("Recepción", lucia_id, phone="+34 953 000 000", accountid=first),
        Contact("Ruiz", lucia_id, "Amparo", "Mrs.", "amparo@talleres.example", mobile="+34 600 000 004",
                homephone="+34 976 000 004", accountid=second, **zaragoza),
        # The same address as the one before, as couples and small firms have it.
        Contact("Peña", lucia_id, "Tomás", "Mr.", "amparo@talleres.example", accountid=second),
        Contact("O'Neill & Sons", lucia_id, "Siobhán", email="siobhan@oneill.example",
                description="Habla «inglés» y español"),
        # Born on a leap day.
        Contact("Bisiesto", lucia_id, "Blas", email="blas@bisiesto.example", birthday=date(1992, 2, 29)),
        Contact("Cordero", marco_id, "Inés", "Dr.", "ines@cordero.example", phone="+57 601 000 0008"),
        Contact("Waititi", helen_id, "Aroha", "Ms.", "aroha@kiwi.example", phone="+64 9 000 0009",
                accountid=third, **auckland),
        Contact("Smith", helen_id, "Zoë", email="zoe@kiwi.example", accountid=third),
    ]  # fmt: skip


def _create_account(
    saving: Saving, owner_id: int, name: str, street: str, city: str, code: str, country: str
) -> int:
    crm_id = create_entity(saving, "Accounts", name, owner_id)
    number = next_record_number(saving, "Accounts")
    insert_row(saving.connection, "vtiger_account", accountid=crm_id, account_no=number, accountname=name)
    insert_row(saving.connection, "vtiger_accountscf", accountid=crm_id)
    insert_row(
        saving.connection,
        "vtiger_accountbillads",
        accountaddressid=crm_id,
        bill_street=street,
        bill_city=city,
        bill_code=code,
        bill_country=country,
    )
    insert_row(saving.connection, "vtiger_accountshipads", accountaddressid=crm_id)
    return crm_id
