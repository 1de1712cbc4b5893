"""Takes a file and says what arrived: shows that a proxy in front hands bodies on intact."""

import hashlib

from flask import Response

from demo.crm.turn import Turn, json_result


def answer(turn: Turn) -> Response:
    files = {}
    for name, file in turn.request.files.items():
        content = file.stream.read()
        digest = hashlib.sha256(content).hexdigest()
        files[name] = {"name": file.filename, "size": len(content), "sha256": digest}
    return json_result({"files": files})
