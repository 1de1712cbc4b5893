"""Real servers, started privately: for tests, benchmarks and the demo.

    with MariaDb(folder / "db") as db, Redis(folder / "redis") as queue:
        db.create_database("crm")
        ...  # db.url("crm"), queue.url

Each listens on a free loopback port, keeps data and logs in the folder it is given, and ends with the
process that started it, however that ends (see `keeper.py`).
"""

from demo.servers.folder import temporary_folder
from demo.servers.mariadb import LENIENT, STRICT, MariaDb
from demo.servers.nginx import Nginx
from demo.servers.process import Server, ServerError, free_port
from demo.servers.python import PythonServer
from demo.servers.redis import Redis

__all__ = [
    "LENIENT",
    "STRICT",
    "MariaDb",
    "Nginx",
    "PythonServer",
    "Redis",
    "Server",
    "ServerError",
    "free_port",
    "temporary_folder",
]
