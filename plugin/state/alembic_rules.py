"""What Alembic may look at. Apart from env.py, which runs when it is imported."""

from __future__ import annotations

from collections.abc import Mapping

VERSION_TABLE = "gsync_alembic_version"


def is_ours(name: str | None, type_: str, _parent_names: Mapping[str, str | None]) -> bool:
    """Keep Alembic's eyes off the CRM's tables."""
    if type_ == "table":
        return name is not None and name.startswith("gsync_") and name != VERSION_TABLE
    return True
