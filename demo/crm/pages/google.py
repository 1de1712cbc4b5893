"""What the CRM answers to the Google module's URLs: the map, the extension's frame, else a loud page."""

from flask import Response

from demo.crm.rows import fetch_row
from demo.crm.turn import Turn, json_response

ADDRESS = """SELECT e.label, a.mailingstreet AS street, a.mailingcity AS city, a.mailingstate AS state,
                    a.mailingzip AS zip, a.mailingcountry AS country
             FROM vtiger_crmentity e JOIN vtiger_contactaddress a ON a.contactaddressid = e.crmid
             WHERE e.crmid = :crm_id AND e.deleted = 0"""


def answer(turn: Turn) -> Response:
    """Serve the map, which stays the CRM's; everything else of the module should not have come here."""
    if turn.parameter("action") == "MapAjax":
        return _locate(turn)
    if turn.parameter("view") == "Map":
        record = turn.parameter("record") or turn.parameter("recordid")
        return Response(f'<div id="mapCanvas" class="mapCanvas" data-record="{int(record or 0)}"></div>')
    return turn.page("wrong_way.html", asked=sorted(turn.parameters.items()))


def show_extension(turn: Turn) -> Response:
    """Serve the frame of an extension page; the plugin puts its own content where this says nothing."""
    is_settings = turn.parameter("parent") == "Settings"
    return turn.page("extension.html", is_settings=is_settings, query=turn.request.query_string.decode())


def _locate(turn: Turn) -> Response:
    """Answer raw JSON, not the usual envelope: the name and the address with its parts joined by commas."""
    record = turn.parameter("recordid")
    row = fetch_row(turn.connection, ADDRESS, crm_id=int(record) if record.isdigit() else 0)
    if row is None:
        return json_response("")
    parts = [row[name] or "" for name in ("street", "city", "state", "zip", "country")]
    return json_response({"label": row["label"], "address": ",".join(parts)})
