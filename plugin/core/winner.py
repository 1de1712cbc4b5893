"""Who wins a conflict, by the pair's policy.

"Newest wins" is the one decision that reads two machines' clocks against each other (design.md §5), by the user's choice only.
"""

from __future__ import annotations

from plugin.core.model import CrmChange, GoogleChange, Policy, Side


def winner_of(policy: Policy, crm: CrmChange | None, google: GoogleChange | None) -> Side:
    """Return the side whose value stands; for "newest wins" Google's, if neither is known to be the later one."""
    if policy is Policy.NEWEST_WINS:
        modified_utc = crm.modified_utc if crm else None
        updated_utc = google.updated_utc if google else None
        is_crm_later = modified_utc is not None and updated_utc is not None and modified_utc > updated_utc
        return Side.CRM if is_crm_later else Side.GOOGLE
    return Side.CRM if policy is Policy.CRM_WINS else Side.GOOGLE
