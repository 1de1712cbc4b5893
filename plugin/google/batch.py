"""The client library's batch, sent once and told part by part.

https://developers.google.com/workspace/calendar/api/guides/batch and the source of googleapiclient.http
"""

from __future__ import annotations

from typing import Any

import httplib2
from googleapiclient.http import BatchHttpRequest


class Batch(BatchHttpRequest):  # type: ignore[misc] # the library has no types
    """Leaves to the transport what was refused with 401, and tells the other parts where the answer to one is missing.

    The library would send such parts a second time, asking neither the lock nor the quota, and throw all answers away if one
    is missing or the access token can't be renewed. These are methods inside of it: tests/google/ would see them go.
    """

    def _execute(self, http: Any, order: list[str], requests: dict[str, Any]) -> None:
        if self._responses:
            return
        super()._execute(http, order, requests)
        for request_id in order:
            # As from a gateway that heard nothing: such a write may have been carried out.
            self._responses.setdefault(request_id, (httplib2.Response({"status": "504"}), b""))

    def _refresh_and_apply_credentials(self, request: Any, http: Any) -> None:
        pass
