"""The guests of a Google event, by their addresses: personal data, never to be logged, and kept as digests only."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from plugin.core.model import GoogleChange, Link


def guest_keys(addresses: Iterable[str]) -> frozenset[str]:
    """Return what a link remembers of guests instead of their addresses."""
    return frozenset(_key(address) for address in addresses)


def new_guests(google: GoogleChange, link: Link | None) -> frozenset[str]:
    """Return the addresses of guests that the link hasn't seen: whom a user took off the activity isn't put back."""
    known = link.guest_keys if link else frozenset()
    return frozenset(address for address in google.guests if _key(address) not in known)


def _key(address: str) -> str:
    return blake2b(address.encode(), digest_size=8).hexdigest()
