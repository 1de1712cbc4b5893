"""A CRM user without a browser: the requests that their browser sends, in its order, all to the addresses they see."""

import re
import time
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

PATIENCE_S = 60.0
LOOK_S = 0.3


class VisitError(Exception):
    """Something did not go as a user expects; the text says what they saw instead."""


@dataclass(frozen=True)
class Counts:
    """What the box tells of one side."""

    created: int
    updated: int
    deleted: int
    skipped: int


@dataclass(frozen=True)
class Outcome:
    """What the box tells at the end of a sync."""

    crm: Counts
    google: Counts
    seconds: float


class Visitor:
    """One user's cookies, and the csrf token of the page they have open, the list of `module`."""

    def __init__(self, crm_url: str, module: str = "Calendar") -> None:
        self.crm_url, self.module = crm_url, module
        self._box = {"module": "Google", "view": "List", "sourcemodule": module}
        self._call = {**self._box, "operation": "sync"}
        self._session = requests.Session()
        # A proxy of the machine has no business between the browser and the demo.
        self._session.trust_env = False
        self._token = ""

    def close(self) -> None:
        self._session.close()

    def log_in(self, name: str, password: str) -> None:
        """Send the login form, and open the module's list."""
        login = self._get(self.crm_url)
        fields = {"module": "Users", "action": "Login", "username": name, "password": password}
        self._post(_form_of(login), fields)
        page = self._get(f"{self.crm_url}index.php", {"module": self.module, "view": "List"})
        found = re.search(r'csrfMagicToken = "([^"]+)"', page.text)
        if found is None:
            raise VisitError(f"the CRM did not let {name} in")
        self._token = found.group(1)

    def open_box(self) -> str:
        """Load the sidebar's box and return its HTML."""
        box = self._get(f"{self.crm_url}index.php", self._box).text
        if 'id="sync_button"' not in box:
            raise VisitError(f"instead of the Google box came: {_words(box)}")
        return box

    def connect(self, email: str) -> None:
        """Open the popup, choose the Google account, allow everything, and come back to the CRM."""
        consent = self._get(f"{self.crm_url}index.php", self._call)
        # Google knows by the hint who is meant, once another module is connected.
        if 'value="allow"' not in consent.text:
            consent = self._post(_form_of(consent), {"account": email})
        back = self._post(_form_of(consent), {"decision": "allow"})
        if 'data-success="yes"' not in back.text:
            raise VisitError(f"the window of Google ended with: {_words(back.text)}")

    def sync(self) -> Outcome:
        """Press the button and watch the box until the counts stand in it."""
        began = time.monotonic()
        answer = self._session.post(
            f"{self.crm_url}index.php", data={"__vtrftk": self._token, **self._call}, timeout=30
        )
        html = answer.text
        while (watched := re.search(r'class="gsync-progress" data-url="([^"]+)"', html)) is not None:
            if time.monotonic() - began > PATIENCE_S:
                raise VisitError(f"after {PATIENCE_S:.0f} s the box still says: {_words(html)}")
            time.sleep(LOOK_S)
            told = self._get(urljoin(self.crm_url, unescape(watched.group(1)))).json()
            if not told["success"]:
                raise VisitError(f"the box says: {told['error']['message']}")
            html = told["result"]["html"]
        numbers = [int(number) for number in re.findall(r"<dd>(\d+)</dd>", html)]
        if len(numbers) != 8 or "gsync-problem" in html:
            raise VisitError(f"the box says: {_words(html)}")
        return Outcome(Counts(*numbers[:4]), Counts(*numbers[4:]), time.monotonic() - began)

    def _get(self, url: str, query: dict[str, str] | None = None) -> requests.Response:
        return _expected(self._session.get(url, params=query, timeout=30))

    def _post(self, form: "_Form", more: dict[str, str]) -> requests.Response:
        return _expected(self._session.post(form.url, data=[*form.fields, *more.items()], timeout=30))


@dataclass
class _Form:
    url: str
    fields: list[tuple[str, str]] = field(default_factory=list)


class _FormReader(HTMLParser):
    """Reads a page's first form: where it goes, its hidden fields, and what is ticked."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form" and self.action is None:
            self.action = values.get("action") or ""
        is_sent = values.get("type") == "hidden" or ("checked" in values and "disabled" not in values)
        if tag == "input" and is_sent:
            self.fields.append((values.get("name") or "", values.get("value") or ""))


def _form_of(page: requests.Response) -> _Form:
    reader = _FormReader(page.text)
    if reader.action is None:
        raise VisitError(f"instead of a form came: {_words(page.text)}")
    return _Form(urljoin(page.url, reader.action), reader.fields)


def _expected(answer: requests.Response) -> requests.Response:
    if answer.status_code >= 400:
        raise VisitError(
            f"{answer.url.partition('?')[0]} answered {answer.status_code}: {_words(answer.text)}"
        )
    return answer


def _words(html: str) -> str:
    """Return what a person reads of a page, shortened."""
    visible = re.sub(r"<(script|style|title)\b.*?</\1>", " ", html, flags=re.DOTALL)
    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", visible)).split())
    return text[:300] or "(nothing)"
