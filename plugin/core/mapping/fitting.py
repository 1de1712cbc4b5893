"""Cuts texts to what the CRM's columns can hold, so that a strict server accepts them and a lax one changes nothing unseen."""

from __future__ import annotations

import re

_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
# What the CRM itself never stores as it is (facts/crm_google_module.md §8.3): anybody may send an invitation with it.
_SCRIPT = re.compile(r"</?\s*script", re.IGNORECASE)
_ENCODED = str.maketrans({"<": "&lt;", ">": "&gt;", '"': "&quot;"})


def fit(text: str, *, has_only_bmp: bool, chars: int | None = None) -> str:
    """Return the text as a column holds it: at most `chars` characters, the first plane of Unicode only if it is utf8mb3."""
    # A server that isn't strict stores "?" itself for what utf8mb3 has no room for.
    fitting = _BEYOND_BMP.sub("?", text) if has_only_bmp else text
    if _SCRIPT.search(fitting):
        fitting = fitting.translate(_ENCODED)
    if chars is None or len(fitting) <= chars:
        return fitting
    # The CRM's forms trim what they save: a space at the cut would look like an edit, and cut Google's text too.
    return fitting[:chars].rstrip()


def fit_bytes(text: str, size: int) -> str:
    """Return the text cut to `size` bytes of UTF-8, never in the middle of a character."""
    return text if len(text) * 4 <= size else text.encode()[:size].decode(errors="ignore")
