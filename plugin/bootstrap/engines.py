"""Which modules can be synchronized: everything around the engine for contacts is there, the engine itself is not yet.

Whoever adds it deletes this file, its uses in opening.py, execution.py and reviews.py, and the sentence of its code.
"""

from __future__ import annotations

from plugin.core.errors import SyncError
from plugin.sync.views import CALENDAR

MODULES_WITH_ENGINE = frozenset({CALENDAR})


class EngineMissingError(SyncError):
    """This release can connect the module, but not synchronize it."""

    code = "contacts_not_built"


def has_engine(module: str) -> bool:
    """Tell whether runs and previews of the module can be carried out."""
    return module in MODULES_WITH_ENGINE


def check_engine(module: str) -> None:
    """Raise EngineMissingError for a module that can't be synchronized yet."""
    if not has_engine(module):
        raise EngineMissingError(f"no engine for {module}")


def engine_obstacle(module: str) -> str:
    """Return the code of why no run of the module begins; '' if one does."""
    return "" if has_engine(module) else EngineMissingError.code
