"""Google's descriptions may hold HTML (its web page writes it); a CRM user reads and edits text.

What is in brackets and no HTML is kept in other ones: people also write <ana@example.com>, and whatever cleans HTML on the way
back would lose it. Where a link leads is said beside it, for a text that is edited in the CRM takes the HTML's place in Google.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BREAKS = {"br", "p", "div", "li", "tr", "ul", "ol"}
# `html-blob` and `google-sheets-html-origin` are Google's own, `o:p` is Outlook's.
_NAMES = """a abbr address article b big blockquote body caption center cite code col colgroup dd del dl dt em font footer
    google-sheets-html-origin h1 h2 h3 h4 h5 h6 head header hr html html-blob i img ins label main mark meta nav o:p pre q s
    script section small span strike strong style sub sup table tbody td tfoot th thead title tt u var wbr"""
_TAGS = _BREAKS.union(_NAMES.split())
_IS_HTML = re.compile(r"<[a-zA-Z/][^<>]*>|&(?:[a-zA-Z]+|#\d+|#[xX][0-9a-fA-F]+);")
_UNSEEN = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_LEADS_SOMEWHERE = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)


def text_from_html(value: str) -> str:
    """Return the text a person would read; plain text comes back unchanged."""
    if not _IS_HTML.search(value):
        return value
    reader = _TextReader()
    reader.feed(_UNSEEN.sub("", value))
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.parts)).replace("\xa0", " ").strip()


class _TextReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        # Of the link that is open: where it leads, and how many parts came before its text.
        self._link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.parts.append(f"({(self.get_starttag_text() or '').strip('</>')})")
        elif tag == "a":
            self._end_link()
            self._link = (dict(attrs).get("href") or "", len(self.parts))
        elif tag == "li":
            self.parts.append("\n- ")
        elif (tag in _BREAKS and self.parts and not self.parts[-1].endswith("\n")) or tag == "br":
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._end_link()
        elif tag in {"p", "div"} and self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def close(self) -> None:
        super().close()
        self._end_link()

    def _end_link(self) -> None:
        address, before = self._link or ("", 0)
        self._link = None
        text = "".join(self.parts[before:]).strip()
        if not _LEADS_SOMEWHERE.match(address) or _bare(text) == _bare(address):
            return
        self.parts.append(f" ({address})" if text else address)


def _bare(address: str) -> str:
    return _LEADS_SOMEWHERE.sub("", address.strip(), count=1).rstrip("/").lower()
