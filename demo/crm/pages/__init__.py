"""Which page or action answers a request: module and view or action, as the CRM dispatches."""

from flask import Response

from demo.crm.pages import calendar, contacts, google, login, planner, upload
from demo.crm.turn import Handler, Turn, redirect

VIEWS: dict[tuple[str, str], Handler] = {
    ("Calendar", "List"): calendar.show_list,
    ("Calendar", "Edit"): calendar.show_form,
    ("Calendar", "Detail"): calendar.show_form,
    ("Events", "Edit"): calendar.show_form,
    ("Events", "Detail"): calendar.show_form,
    ("Contacts", "List"): contacts.show_list,
    ("Contacts", "Edit"): contacts.show_form,
    ("Contacts", "Detail"): contacts.show_form,
    ("CronTasks", "List"): planner.show_list,
}
ACTIONS: dict[tuple[str, str], Handler] = {
    ("Users", "Logout"): login.log_out,
    ("Calendar", "Save"): calendar.save,
    ("Calendar", "SaveAjax"): calendar.save_ajax,
    ("Calendar", "Delete"): calendar.delete,
    ("Calendar", "DeleteAjax"): calendar.delete,
    ("Events", "Save"): calendar.save,
    ("Events", "SaveAjax"): calendar.save_ajax,
    ("Events", "Delete"): calendar.delete,
    ("Events", "DeleteAjax"): calendar.delete,
    ("Contacts", "Save"): contacts.save,
    ("Contacts", "SaveAjax"): contacts.save_ajax,
    ("Contacts", "Delete"): contacts.delete,
    ("Contacts", "DeleteAjax"): contacts.delete,
    ("CronTasks", "SaveAjax"): planner.save,
}


def find_handler(turn: Turn) -> Handler:
    module, action = turn.parameter("module"), turn.parameter("action")
    view = turn.parameter("view") or "List"
    if module == "Google":
        return google.answer
    if module == "Documents" and turn.request.method == "POST":
        return upload.answer
    if action:
        return ACTIONS.get((module, action), _show_no_page)
    if view == "Extension":
        return google.show_extension
    if not module or module in ("Home", "Users"):
        return _go_home
    return VIEWS.get((module, view), _show_no_page)


def _go_home(turn: Turn) -> Response:
    return redirect("index.php?module=Calendar&view=List")


def _show_no_page(turn: Turn) -> Response:
    raise LookupError(turn.texts.no_such_page)
