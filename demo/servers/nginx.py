"""A private nginx with njs, around the server blocks it is given."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from demo.servers.process import Server, ServerError, accepts_connections, find_program, free_port

NJS_MODULE = "ngx_http_js_module.so"
# Debian's packages, nginx.org's packages, and a build of one's own.
MODULE_FOLDERS = (
    "/usr/lib/nginx/modules",
    "/usr/lib64/nginx/modules",
    "/etc/nginx/modules",
    "/usr/local/nginx/modules",
)

FRAME = """\
load_module {njs};
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log {level};
events {{ worker_connections 256; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{ text/html html; text/css css; text/javascript js; image/svg+xml svg; image/png png; }}
    default_type application/octet-stream;
{blocks}
}}
"""


# The repository's own nginx files, which configurations include as `crm-google-sync/…`.
SHIPPED = Path(__file__).resolve().parents[2] / "nginx"
INCLUDED_AS = "crm-google-sync"


class Nginx(Server):
    """nginx around `blocks`, which stand in `http { … }` and listen on `port`.

    The repository's nginx/ folder is at hand as `crm-google-sync/`, as on an installed server.
    """

    name = "nginx"

    def __init__(self, folder: Path, blocks: str, *, port: int | None = None, level: str = "warn") -> None:
        super().__init__(folder)
        self.port = port or free_port()
        self.blocks = blocks
        self.level = level

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def conf(self) -> Path:
        return self.folder / "nginx.conf"

    def prepare(self) -> None:
        super().prepare()
        shutil.copytree(SHIPPED, self.folder / INCLUDED_AS, dirs_exist_ok=True)
        self.conf.write_text(
            FRAME.format(njs=find_njs(), folder=self.folder, level=self.level, blocks=self.blocks)
        )
        check = subprocess.run(self._arguments("-t"), capture_output=True, text=True, check=False)
        if check.returncode != 0:
            raise ServerError(f"nginx refuses its configuration:\n{check.stderr.strip()}")

    def command(self) -> Sequence[str]:
        return self._arguments()

    def is_ready(self) -> bool:
        return accepts_connections(self.port)

    def log_tail(self, lines: int = 25) -> str:
        error_log = self.folder / "error.log"
        own = error_log.read_text(errors="replace").splitlines()[-lines:] if error_log.exists() else []
        return "\n".join([super().log_tail(lines), *own]).strip()

    def _arguments(self, *more: str) -> list[str]:
        program = find_program("nginx", "nginx")
        error_log = str(self.folder / "error.log")
        return [program, "-p", str(self.folder), "-e", error_log, "-c", str(self.conf), *more]


def find_njs() -> Path:
    for folder in MODULE_FOLDERS:
        module = Path(folder) / NJS_MODULE
        if module.exists():
            return module
    raise ServerError("nginx has no njs: install the Debian package libnginx-mod-http-js.")
