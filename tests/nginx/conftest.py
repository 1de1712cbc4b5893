"""One nginx with the shipped files, in front of two echo servers, as it stands before a real CRM."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.servers import Nginx, free_port
from tests.nginx.echo import echo_server
from tests.nginx.front import Front

SERVER = """
server {{
    listen 127.0.0.1:{port};
    client_max_body_size 20m;
    set $gsync_plugin 127.0.0.1:{plugin};
    set $gsync_prefix "{prefix}";
    location =  {prefix}/             {{ js_content google_route.route; }}
    location =  {prefix}/index.php    {{ js_content google_route.route; }}
    location ^~ {prefix}/google-sync/ {{ js_content google_route.own; }}
    location @gsync_crm               {{ proxy_pass http://127.0.0.1:{crm}; }}
    location /                        {{ proxy_pass http://127.0.0.1:{crm}; }}
    include crm-google-sync/google_sync.conf;
}}
"""


class HurriedNginx(Nginx):
    """Waits for the plugin less long than a real one, for the sake of the tests."""

    def prepare(self) -> None:
        super().prepare()
        proxy = self.folder / "crm-google-sync" / "plugin_proxy.conf"
        text = proxy.read_text()
        assert "proxy_read_timeout 60s;" in text
        proxy.write_text(text.replace("proxy_read_timeout 60s;", "proxy_read_timeout 1s;"))


@dataclass(frozen=True)
class Fronts:
    root: Front
    under_a_path: Front
    plugin_down: Front
    plugin_down_under_a_path: Front


@pytest.fixture(scope="session")
def fronts(server_folder: Path) -> Iterator[Fronts]:
    ports = [free_port() for _ in range(4)]
    with echo_server("crm") as crm, echo_server("plugin") as plugin, socket.socket() as taken:
        # Bound but not listening: nobody answers there, nor can anybody else come to.
        taken.bind(("127.0.0.1", 0))
        nobody = taken.getsockname()[1]
        blocks = "".join(
            SERVER.format(port=port, crm=crm, plugin=behind, prefix=prefix)
            for port, behind, prefix in zip(
                ports, [plugin, plugin, nobody, nobody], ["", "/crm", "", "/crm"], strict=True
            )
        )
        with HurriedNginx(server_folder / "nginx-route", blocks, port=ports[0]) as nginx:
            bases = ["/", "/crm/", "/", "/crm/"]
            yield Fronts(*(Front(port, base) for port, base in zip(ports, bases, strict=True)))
            complaints = [line for line in nginx.log_tail(1000).splitlines() if "js exception" in line]
            assert complaints == []


@pytest.fixture(params=["root", "under_a_path"])
def front(request: pytest.FixtureRequest, fronts: Fronts) -> Front:
    """The CRM at https://host/, then at https://host/crm/."""
    return getattr(fronts, request.param)


@pytest.fixture(params=["plugin_down", "plugin_down_under_a_path"])
def front_without_plugin(request: pytest.FixtureRequest, fronts: Fronts) -> Front:
    return getattr(fronts, request.param)
