"""The CRM's protection of POST requests: a token made of session id and time, checked before anything else.

The CRM puts the token into its finished pages; so does this module, and templates know nothing of it.
"""

import hashlib
import hmac
import re
import time

FIELD = "__vtrftk"
LIFETIME_S = 259200  # 3 days, as the CRM's config.security.php sets it
POST_FORM = re.compile(r"(<form\b[^>]*\bmethod=[\"']?post\b[^>]*>)", re.IGNORECASE)


def make_token(secret: str, session_id: str, created_s: int | None = None) -> str:
    created_s = int(time.time()) if created_s is None else created_s
    digest = hashlib.sha1(f"{secret}{session_id}{created_s}".encode()).hexdigest()
    return f"sid:{digest},{created_s}"


def is_valid(value: str, secret: str, session_id: str) -> bool:
    """Tell whether one of the `;`-separated tokens was made for this session and is not too old."""
    for token in value.split(";"):
        created = token.rpartition(",")[2]
        if created.isdigit() and int(created) + LIFETIME_S >= time.time():
            expected = make_token(secret, session_id, int(created))
            if hmac.compare_digest(token.encode(), expected.encode()):
                return True
    return False


def is_exempt(parameters: dict[str, object]) -> bool:
    return parameters.get("action") == "Login" or parameters.get("mode") in ("reset", "fromMig")


def add_token(page: str, token: str, *, fragment: bool) -> str:
    """Put the token into a page: its POST forms, and into whole pages also what scripts need."""
    page = POST_FORM.sub(rf'\1<input type="hidden" name="{FIELD}" value="{token}">', page)
    if fragment:
        return page
    head = (
        "<script>if (top !== self) { top.location.href = self.location.href; }</script>"
        f'<script>var csrfMagicToken = "{token}";var csrfMagicName = "{FIELD}";</script>'
        '<script src="libraries/csrf-magic/csrf-magic.js"></script></head>'
    )
    return page.replace("</head>", head, 1)
