"""The one place where settings and adapters are put together into what web, jobs and cli use."""

from plugin.bootstrap.execution import open_execution
from plugin.bootstrap.parts import Parts, build_parts
from plugin.bootstrap.services import Accounts, Runs, Services, Sessions, Users, WebSettings
from plugin.bootstrap.timing import Timing

__all__ = [
    "Accounts",
    "Parts",
    "Runs",
    "Services",
    "Sessions",
    "Timing",
    "Users",
    "WebSettings",
    "build_parts",
    "open_execution",
]
