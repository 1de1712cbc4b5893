"""A private Redis: queue and quota buckets; in the tests of sessions, PHP's session store."""

from collections.abc import Sequence
from pathlib import Path

import redis

from demo.servers.process import Server, find_program, free_port


class Redis(Server):
    """In memory only: nothing is saved, so `kill` and `start` give an empty one."""

    name = "redis"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def flush(self) -> None:
        with redis.Redis(port=self.port) as client:
            client.flushall()

    def command(self) -> Sequence[str]:
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(self.folder),
            "save": "",
            "appendonly": "no",
        }
        program = find_program("redis-server", "redis-server")
        return [program, *(part for name, value in options.items() for part in (f"--{name}", value))]

    def is_ready(self) -> bool:
        with redis.Redis(port=self.port) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False
