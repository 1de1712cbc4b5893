"""Static files that browsers may keep for a year: their address changes with their content."""

from __future__ import annotations

import hashlib
from pathlib import Path

MAX_AGE_S = 365 * 24 * 3600


class StaticUrls:
    """The addresses of the files in one folder, under the site's path."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._prefix = prefix
        self._versions = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in folder.iterdir()
        }

    def url(self, name: str) -> str:
        """Return the file's address with its version."""
        return f"{self._prefix}/google-sync/static/{name}?v={self._versions[name]}"
