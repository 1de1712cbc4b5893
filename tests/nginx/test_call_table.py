"""Every call that the CRM's pages, of 6.4 to 8.0, make to the Google module, letter by letter."""

import pytest

from tests.nginx.front import FORM, Front

TOKEN = "__vtrftk=sid:7c211a,1700000000&"

# Letter, method, query, body, who answers. Calls of two versions or two kinds have a row each.
CALLS = [
    ("a", "GET", "module=Google&view=List&sourcemodule=Calendar", None, "plugin"),
    ("a-contacts", "GET", "module=Google&view=List&sourcemodule=Contacts", None, "plugin"),
    ("b", "GET", "module=Google&view=List&operation=sync&sourcemodule=Contacts", None, "plugin"),
    (
        "c",
        "GET",
        "module=Google&view=List&operation=sync&sourcemodule=Contacts&service=GoogleContacts&code=4%2F0Ab",
        None,
        "plugin",
    ),
    (
        "c-refused",
        "GET",
        "module=Google&view=List&operation=sync&sourcemodule=Calendar&service=GoogleCalendar&error=access_denied",
        None,
        "plugin",
    ),
    ("d", "POST", "", "module=Google&view=List&operation=sync&sourcemodule=Calendar", "plugin"),
    ("e", "POST", "", "module=Google&view=List&operation=removeSync&sourcemodule=Calendar", "plugin"),
    ("f", "POST", "", "module=Google&view=Setting&sourcemodule=Contacts", "plugin"),
    (
        "g",
        "POST",
        "",
        "module=Google&action=SaveSettings&sourcemodule=Contacts&google_group=all&sync_direction=11"
        "&fieldmapping=%7B%220%22%3A%7B%22vtiger_field_name%22%3A%22title%22%7D%7D",
        "plugin",
    ),
    (
        "h",
        "GET",
        "module=Google&view=Map&mode=showMap&viewtype=detail&record=12&source_module=Contacts",
        None,
        "crm",
    ),
    (
        "i",
        "GET",
        "module=Google&action=MapAjax&mode=getLocation&recordid=12&source_module=Contacts",
        None,
        "crm",
    ),
    ("j", "GET", "module=Contacts&view=Extension&extensionModule=Google&extensionView=Index", None, "plugin"),
    (
        "j-calendar",
        "GET",
        "module=Calendar&view=Extension&extensionModule=Google&extensionView=Index&mode=showLogs&_pjax=%23p",
        None,
        "plugin",
    ),
    (
        "k",
        "GET",
        "module=Contacts&parent=Settings&view=Extension&extensionModule=Google&extensionView=Index&mode=settings",
        None,
        "plugin",
    ),
    ("l", "GET", "module=Google&view=List&operation=sync&sourcemodule=Contacts", None, "plugin"),
    ("m", "GET", "module=Google&view=List&operation=changeUser&sourcemodule=Contacts", None, "plugin"),
    (
        "n",
        "GET",
        "module=Google&view=Authenticate&service=Google&state=x&code=4%2F0Ab&scope=email%20openid",
        None,
        "plugin",
    ),
    ("o", "POST", "", "module=Google&view=Sync", "plugin"),
    ("p", "POST", "", "module=Google&view=Setting&sourcemodule=Calendar", "plugin"),
    ("q", "GET", "module=Google&view=Setting&sourcemodule=Contacts&mode=googleImport", None, "plugin"),
    (
        "r",
        "POST",
        "",
        "module=Google&action=SaveSettings&sourcemodule=Contacts&fieldmapping=%7B%7D",
        "plugin",
    ),
    ("s", "POST", "", "module=Google&action=Import&sourcemodule=Contacts", "plugin"),
    (
        "t",
        "POST",
        "",
        "module=Google&action=SaveSyncSettings&sourceModule=Contacts&parent=&Contacts%5Benabled%5D=on"
        "&Contacts[google_group]=all&Calendar%5Bsync_direction%5D=11",
        "plugin",
    ),
    (
        "u",
        "POST",
        "",
        "module=Google&view=Index&mode=showLogDetail&logid=7&logtype=vt_create&sourcemodule=Contacts",
        "plugin",
    ),
    (
        "v",
        "POST",
        "",
        "module=Google&action=MapAjax&mode=getLocation&recordid=12&source_module=Contacts",
        "crm",
    ),
    (
        "v-map",
        "POST",
        "",
        "module=Google&view=Map&mode=showMap&viewtype=detail&record=12&source_module=Contacts",
        "crm",
    ),
]

OTHER_CALLS = [
    ("start-page", "GET", "", None),
    ("home", "GET", "module=Home&view=DashBoard", None),
    ("reminder-poll", "POST", "", "module=Calendar&action=ActivityReminder&mode=getReminders"),
    ("login", "POST", "module=Users&action=Login", "username=ana&password=module%3DGoogle"),
    ("other-extension", "GET", "module=Contacts&view=Extension&extensionModule=Mailchimp", None),
    ("search-for-google", "GET", "module=Contacts&view=List&search_value=module=Google", None),
]


@pytest.mark.parametrize(
    ("method", "query", "body", "expected"), [row[1:] for row in CALLS], ids=[row[0] for row in CALLS]
)
def test_call_of_the_crm_reaches_who_answers_it(
    front: Front, method: str, query: str, body: str | None, expected: str
) -> None:
    for path in ("index.php", ""):
        target = f"{path}?{query}" if query else path
        text = None if body is None else TOKEN + body
        answer = front.send(method, target, text, FORM if text else None)
        assert answer.served_by == expected
        assert answer.seen["method"] == method
        assert answer.seen["path"] == front.base + target
        assert answer.seen["length"] == len(text or "")


def test_every_letter_of_the_table_is_there() -> None:
    assert {row[0].split("-")[0] for row in CALLS} == set("abcdefghijklmnopqrstuv")


@pytest.mark.parametrize(
    ("method", "query", "body"), [row[1:] for row in OTHER_CALLS], ids=[row[0] for row in OTHER_CALLS]
)
def test_all_other_calls_reach_the_crm(front: Front, method: str, query: str, body: str | None) -> None:
    answer = front.send(method, f"index.php?{query}", body, FORM if body else None)
    assert answer.served_by == "crm"
    assert answer.seen["path"] == f"{front.base}index.php?{query}"
