"""The plugin's worker pool as a private server."""

from collections.abc import Mapping
from pathlib import Path

import redis

from demo.servers.python import PythonServer
from demo.servers.redis import Redis


class Workers(PythonServer):
    """`python worker.py`; ready when its workers have signed on in Redis."""

    def __init__(
        self, folder: Path, queue: Redis, *, size: int = 2, environ: Mapping[str, str | None] | None = None
    ) -> None:
        super().__init__(folder, ["worker.py", "--workers", str(size)], name="workers", environ=environ)
        self._queue, self._size = queue, size

    def prepare(self) -> None:
        super().prepare()
        # A killed pool leaves its names behind; they must not count as the new one's.
        with redis.Redis(port=self._queue.port) as client:
            client.delete("rq:workers")

    def is_ready(self) -> bool:
        with redis.Redis(port=self._queue.port) as client:
            return int(client.scard("rq:workers")) >= self._size
