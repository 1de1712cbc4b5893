"""HTML of the account chooser, the consent page and the page for refused requests."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from demo.google.model import Account
from demo.google.oauth import IDENTITY_SCOPES
from demo.google.texts import scope_text, text

if TYPE_CHECKING:
    from demo.google.consent import Pending

STYLE = """
:root{color-scheme:light;--ink:#1f1f1f;--soft:#5f6368;--line:#dadce0;--blue:#0b57d0;--wash:#f0f4f9}
*{box-sizing:border-box}body{margin:0;background:var(--wash);color:var(--ink);
font:16px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif;min-height:100vh;display:grid;
place-items:center;padding:16px}
main{background:#fff;border-radius:24px;padding:36px;width:min(560px,100%)}
.mark{display:flex;gap:10px;align-items:center;color:var(--soft);font-size:14px;margin-bottom:20px}
.mark i{display:inline-flex;gap:3px}.mark i b{width:9px;height:9px;border-radius:50%}
h1{font-size:28px;line-height:1.25;font-weight:400;margin:0 0 8px}p{margin:0 0 18px;color:var(--soft)}
ul{list-style:none;margin:18px 0;padding:0;border-top:1px solid var(--line)}
li{border-bottom:1px solid var(--line)}
label{display:flex;gap:14px;padding:14px 4px;align-items:flex-start;cursor:pointer}
input[type=checkbox]{width:20px;height:20px;margin:2px 0 0;accent-color:var(--blue);flex:none}
small{color:var(--soft);display:block}
.account{display:flex;gap:14px;align-items:center;width:100%;border:0;background:none;font:inherit;
text-align:left;padding:12px 4px;cursor:pointer;color:inherit}
.account:hover,.account:focus{background:var(--wash)}
.face{width:36px;height:36px;border-radius:50%;background:var(--blue);color:#fff;display:grid;
place-items:center;flex:none}
.chip{border:1px solid var(--line);border-radius:18px;padding:4px 14px;background:none;font:inherit;
font-size:14px;cursor:pointer;color:inherit}
.row{display:flex;justify-content:flex-end;gap:12px;margin-top:24px}
.row button{border-radius:20px;padding:10px 24px;font:inherit;font-weight:500;border:0;cursor:pointer}
.allow{background:var(--blue);color:#fff}.deny{background:none;color:var(--blue)}
.note{margin:22px 0 0;font-size:13px}code{word-break:break-all}
button:focus-visible,input:focus-visible{outline:3px solid #a8c7fa;outline-offset:2px}
"""
DOTS = (
    "<i>"
    + "".join(f'<b style="background:{c}"></b>' for c in ("#4285f4", "#ea4335", "#fbbc04", "#34a853"))
    + "</i>"
)


def _page(language: str, title: str, inner: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>"
        f'<div class="mark">{DOTS}{text(language, "simulator")}</div>{inner}'
        f'<p class="note">{text(language, "not_google")}</p></main></body></html>'
    )


def _form(pending: Pending, inner: str) -> str:
    return (
        '<form method="post" action="/o/oauth2/v2/consent">'
        f'<input type="hidden" name="request" value="{escape(pending.key)}">{inner}</form>'
    )


def _client_name(pending: Pending) -> str:
    return urlsplit(pending.redirect_uri).netloc or pending.client.client_id


def accounts_page(language: str, pending: Pending, accounts: list[Account], chosen: str) -> str:
    """One button per account."""
    rows = []
    for account in accounts:
        focus = " autofocus" if account.email == chosen else ""
        row = (
            f'<button class="account" name="account" value="{escape(account.email)}"{focus}>'
            f'<span class="face" aria-hidden="true">{escape(account.name[:1].upper())}</span>'
            f"<span>{escape(account.name)}<small>{escape(account.email)}</small></span></button>"
        )
        rows.append(f"<li>{row}</li>")
    hidden = '<input type="hidden" name="decision" value="choose">'
    title = text(language, "choose")
    client = text(language, "continue_to", client=escape(_client_name(pending)))
    inner = f"<h1>{title}</h1><p>{client}</p>" + _form(pending, hidden + f"<ul>{''.join(rows)}</ul>")
    return _page(language, title, inner)


def consent_page(language: str, pending: Pending, account: Account) -> str:
    """One checkbox per scope; those for signing in can't be taken off, as at Google."""
    rows = []
    for scope in pending.scopes:
        fixed = scope in IDENTITY_SCOPES
        note = f"<small>{text(language, 'always')}</small>" if fixed else ""
        rows.append(
            f'<li><label><input type="checkbox" name="scope" value="{escape(scope)}" checked'
            f"{' disabled' if fixed else ''}>"
            f"<span>{escape(scope_text(language, scope))}{note}</span></label></li>"
        )
    title = text(language, "wants", client=_client_name(pending))
    inner = (
        f'<input type="hidden" name="account" value="{escape(account.email)}">'
        f'<button class="chip" name="decision" value="other" title="{text(language, "other_account")}">'
        f"{escape(account.email)}</button><p></p><p>{text(language, 'select_what')}</p>"
        f"<ul>{''.join(rows)}</ul><div class=row>"
        f'<button class="deny" name="decision" value="deny">{text(language, "deny")}</button>'
        f'<button class="allow" name="decision" value="allow">{text(language, "allow")}</button></div>'
    )
    return _page(language, title, f"<h1>{escape(title)}</h1>" + _form(pending, inner))


def error_page(language: str, status: int, code: str, detail: str) -> str:
    title = text(language, "error", status=status, code=code)
    inner = f"<h1>{text(language, 'blocked')}</h1><p>{escape(title)}</p><p><code>{escape(detail)}</code></p>"
    return _page(language, title, inner)
