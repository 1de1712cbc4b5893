"""Our own tables. All begin with gsync_, live in the CRM's database and have no foreign keys to its tables."""

from plugin.state.models.connections import accounts, install, oauth_client, oauth_states, pairs
from plugin.state.models.records import inbox, intents, journal, links, parked, series
from plugin.state.models.turns import locks, planner, runs

__all__ = [
    "accounts",
    "inbox",
    "install",
    "intents",
    "journal",
    "links",
    "locks",
    "oauth_client",
    "oauth_states",
    "pairs",
    "parked",
    "planner",
    "runs",
    "series",
]
