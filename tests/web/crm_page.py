"""A page of the CRM's that loads the box, Google's consent page, and what their users do there."""

from dataclasses import replace
from pathlib import Path

from flask import Flask, make_response, send_from_directory
from playwright.sync_api import Page, expect

from plugin.sync.views import CALENDAR, RunStatus, RunView, SideCounts
from tests.fakes.services import NOW
from tests.web.browser import SESSION

CRM_SCRIPTS = Path(__file__).parents[2] / "demo/crm/static"
PAGE = """<!doctype html><meta charset="utf-8"><title>CRM</title><link rel="icon" href="data:,">
<script src="scripts/libraries/jquery/jquery.min.js"></script>
<script>
  window.lists = 0;
  window.Vtiger_List_Js = {{getInstance: function () {{ return {{getListViewRecords: function () {{ lists += 1; }}}}; }}}};
  window.AppConnector = {{request: function (url) {{
    return $.ajax({{type: 'POST', url: 'index.php', dataType: 'html', data: url.split('?')[1] + '&__vtrftk=' + token()}});
  }}}};
  function token() {{ return encodeURIComponent($('#sync_message').data('token')); }}
  {script}
</script><div style="width:230px" id="widget"></div>"""
LOAD_BOX = """$.ajax({url: 'index.php', data: 'module=Google&view=List&sourcemodule=Calendar', dataType: 'html'})
  .done(function (html) { $('#widget').html(html); });"""
# What the CRM's own 6.x script does on a click when the user is connected.
OLD_SCRIPT = """$.ajax({url: 'index.php', data: 'module=Google&view=List&sourcemodule=Calendar', dataType: 'html'})
  .done(function (html) {
    $('#widget').html($('<div>').html($.parseHTML(html)).html());
    $('#sync_button').on('click', function () {
      $('#sync_details').html('wait');
      AppConnector.request($(this).data('url')).then(function (answer) {
        var parsed;
        try { parsed = JSON.parse(answer); } catch (notJson) {}
        if (parsed && parsed.error.code == '401') { $('#firsttime').val('yes'); return; }
        $('#sync_details').html(answer);
        if ($('#norefresh').length === 0) { Vtiger_List_Js.getInstance().getListViewRecords(); }
      });
    });
  });"""
CONSENT = """<a id="allow" href="{0}&code=c&state=s1">Permitir</a>
<a id="deny" href="{0}&error=access_denied&state=s1">Denegar</a>"""
CALLBACK = (
    "/crm/index.php?module=Google&view=List&operation=sync&sourcemodule=Calendar&service=GoogleCalendar"
)

RUNNING = RunView(0, 0, CALENDAR, "manual", RunStatus.RUNNING)
DONE = replace(
    RUNNING, status=RunStatus.DONE, crm=SideCounts(7, has_more=True), google=SideCounts(3), finished_utc=NOW
)


def add_crm_pages(app: Flask) -> None:
    """Put what the CRM and Google would serve beside the plugin."""

    def crm_page(script: str) -> object:
        response = make_response(PAGE.format(script=script))
        response.set_cookie("PHPSESSID", SESSION)
        return response

    def consent(policy: str) -> object:
        return CONSENT.format(CALLBACK), 200, {"Cross-Origin-Opener-Policy": policy}

    app.add_url_rule("/crm/page", "page", lambda: crm_page(LOAD_BOX))
    app.add_url_rule("/crm/old", "old", lambda: crm_page(OLD_SCRIPT))
    app.add_url_rule("/consent", "consent", lambda: consent("unsafe-none"))
    app.add_url_rule("/cutting-consent", "cutting_consent", lambda: consent("same-origin"))
    app.add_url_rule(
        "/crm/scripts/<path:name>", "scripts", lambda name: send_from_directory(CRM_SCRIPTS, name)
    )


def open_box(page: Page, path: str = "/crm/page") -> None:
    page.goto(path)
    expect(page.locator("#sync_button")).to_be_visible()


def click_away(popup: Page, selector: str) -> None:
    """Click what ends the window: it may be gone before an ordinary click has reported back."""
    popup.wait_for_selector(selector)
    popup.evaluate(
        "(selector) => { setTimeout(() => document.querySelector(selector).click(), 20); }", selector
    )


def expect_idle(page: Page) -> None:
    expect(page.locator("#sync_button")).to_be_enabled()
    expect(page.locator("#sync_button b")).to_have_text("Sincronizar ahora")
    expect(page.locator(".gsync-wait, .gsync-progress")).to_have_count(0)
