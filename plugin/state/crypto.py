"""Secrets at rest: Fernet keys from the settings; the first encrypts, all decrypt, so that keys can be rotated."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from plugin.core.errors import KeyMissingError


class SecretBox:
    """Encrypts and decrypts short texts."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def encrypt(self, text: str) -> str:
        """Return the text encrypted with the first key."""
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, encrypted: str) -> str:
        """Return the text; raises KeyMissingError if none of the keys fits."""
        try:
            return self._fernet.decrypt(encrypted.encode()).decode()
        except InvalidToken as error:
            raise KeyMissingError("no key in GSYNC_TOKEN_KEYS decrypts this secret") from error

    def encrypt_anew(self, encrypted: str) -> str:
        """Return the same secret, encrypted with the first key; raises KeyMissingError."""
        try:
            return self._fernet.rotate(encrypted.encode()).decode()
        except InvalidToken as error:
            raise KeyMissingError("no key in GSYNC_TOKEN_KEYS decrypts this secret") from error
