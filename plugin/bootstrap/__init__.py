"""The one place where settings and adapters are put together into what web, jobs and cli use."""

from plugin.bootstrap.calendars import choose_calendar, choose_label
from plugin.bootstrap.opening import Opening, begin_run, obstacle, open_run
from plugin.bootstrap.parts import Parts, build_parts
from plugin.bootstrap.rehearsal import open_preview, open_rehearsal
from plugin.bootstrap.reviews import SqlReviews
from plugin.bootstrap.services import (
    Accounts,
    Calendars,
    Labels,
    Previews,
    Reviews,
    Runs,
    Services,
    Sessions,
    Users,
    WebSettings,
)
from plugin.bootstrap.timing import Timing

__all__ = [
    "Accounts",
    "Calendars",
    "Labels",
    "Opening",
    "Parts",
    "Previews",
    "Reviews",
    "Runs",
    "Services",
    "Sessions",
    "SqlReviews",
    "Timing",
    "Users",
    "WebSettings",
    "begin_run",
    "build_parts",
    "choose_calendar",
    "choose_label",
    "obstacle",
    "open_preview",
    "open_rehearsal",
    "open_run",
]
