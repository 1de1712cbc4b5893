"""What a page or an action gets to answer one request, and the shapes of its answers."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Response, render_template
from sqlalchemy import Connection
from werkzeug.wrappers import Request

from demo.crm.installation import Installation
from demo.crm.records import Saving
from demo.crm.sessions import Session
from demo.crm.texts import Texts
from demo.crm.users import User


class NotPermittedError(Exception):
    """The user may not see or do this."""


@dataclass(frozen=True)
class Turn:
    """One request of a logged-in user."""

    installation: Installation
    request: Request
    parameters: dict[str, Any]
    session: Session
    connection: Connection
    user: User
    texts: Texts

    def parameter(self, name: str, default: str = "") -> str:
        value = self.parameters.get(name, default)
        return value if isinstance(value, str) else default

    @property
    def record_id(self) -> int | None:
        record = self.parameter("record")
        return int(record) if record.isdigit() else None

    @property
    def is_fragment(self) -> bool:
        """A script asks for the content alone, without the page around it."""
        return "X-Requested-With" in self.request.headers or "X-PJAX" in self.request.headers

    @property
    def saving(self) -> Saving:
        return Saving(
            self.connection, self.user.user_id, datetime.now(UTC).replace(microsecond=0, tzinfo=None)
        )

    def page(self, template: str, **values: Any) -> Response:
        frame = "frame/fragment.html" if self.is_fragment else "frame/page.html"
        return Response(
            render_template(template, turn=self, user=self.user, t=self.texts, frame=frame, **values)
        )


Handler = Callable[[Turn], Response]


def json_result(result: object) -> Response:
    return json_response({"success": True, "result": result})


def json_error(code: str, message: str = "") -> Response:
    return json_response({"success": False, "error": {"code": code, "message": message or code}})


def json_response(value: object) -> Response:
    return Response(json.dumps(value, default=str), content_type="text/json; charset=UTF-8")


def redirect(location: str, body: str = "") -> Response:
    """Send the browser on with the relative Location header that the CRM sends."""
    response = Response(body, status=302, headers={"Location": location})
    response.autocorrect_location_header = False
    return response
