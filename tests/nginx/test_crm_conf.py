"""The example server block, adapted as its head says, before a stand-in for PHP-FPM."""

import hashlib
import http.client
import shutil
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.servers import Nginx, free_port
from demo.servers.nginx import SHIPPED
from tests.nginx.certificate import write_certificate
from tests.nginx.echo import echo_server
from tests.nginx.fastcgi import fastcgi_echo
from tests.nginx.front import FORM, MULTIPART, Answer, multipart

# Debian's own file: its HTTP_HOST without port is what the example has to mend.
FASTCGI_PARAMS = Path("/etc/nginx/fastcgi_params")


@dataclass(frozen=True)
class Site:
    port: int
    plain_port: int
    prefix: str

    @property
    def host(self) -> str:
        return f"crm.example.com:{self.port}"

    def send(
        self, method: str, path: str, body: bytes | None = None, content_type: str = FORM, host: str = ""
    ) -> Answer:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=10, context=context)
        try:
            headers = {"Host": host or self.host, "Proxy": "http://evil.example"}
            if body is not None:
                headers["Content-Type"] = content_type
            connection.request(method, self.prefix + path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()


def adapted(folder: Path, site: Site, plugin: int) -> str:
    """crm.conf after what its head asks the admin to adapt, each of which must be found in it."""
    text = (SHIPPED / "crm.conf").read_text()
    moved = {
        'set $gsync_prefix "";': f"set $gsync_prefix {site.prefix};",
        "location =  / ": f"location =  {site.prefix}/ ",
        "location =  /index.php ": f"location =  {site.prefix}/index.php ",
        "location ^~ /google-sync/ ": f"location ^~ {site.prefix}/google-sync/ ",
    }
    placed = {
        "listen 80;": f"listen 127.0.0.1:{site.plain_port};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{site.port} ssl http2;",
        "/etc/ssl/certs/crm.example.com.pem": f"{folder}/site.pem",
        "/etc/ssl/private/crm.example.com.key": f"{folder}/site.key",
        "/var/www/crm": f"{folder}/www",
        "/run/php/php-fpm.sock": f"{folder}/php.sock",
        "127.0.0.1:8100": f"127.0.0.1:{plugin}",
    }
    for shipped, ours in (placed | (moved if site.prefix else {})).items():
        assert shipped in text
        text = text.replace(shipped, ours)
    return text


@pytest.fixture(scope="module", params=["", "/crm"], ids=["root", "under_a_path"])
def site(request: pytest.FixtureRequest, server_folder: Path) -> Iterator[Site]:
    site = Site(free_port(), free_port(), request.param)
    folder = server_folder / f"nginx-example{site.prefix.replace('/', '-')}"
    documents = folder / "www" / site.prefix.strip("/")
    for name in (
        "webservice.php",
        "config.inc.php",
        "layouts/x.js",
        "storage/x.php",
        "logs/crm.log",
        ".htaccess",
    ):
        (documents / name).parent.mkdir(parents=True, exist_ok=True)
        (documents / name).write_text("content")
    write_certificate("crm.example.com", folder / "site.pem", folder / "site.key")
    shutil.copy(FASTCGI_PARAMS, folder)
    with (
        echo_server("plugin") as plugin,
        fastcgi_echo(folder / "php.sock"),
        Nginx(folder, adapted(folder, site, plugin), port=site.port),
    ):
        yield site


@pytest.mark.parametrize("path", ["/?module=Home&view=DashBoard", "/index.php?module=Home&view=DashBoard"])
def test_php_is_asked_for_index_php_over_https_with_the_port(site: Site, path: str) -> None:
    params = site.send("GET", path).seen
    assert params["SCRIPT_FILENAME"].endswith(f"/www{site.prefix}/index.php")
    assert params["SCRIPT_NAME"] == f"{site.prefix}/index.php"
    assert params["QUERY_STRING"] == "module=Home&view=DashBoard"
    assert params["REQUEST_URI"] == site.prefix + path
    assert params["HTTP_HOST"] == site.host
    assert params["HTTPS"] == "on"
    assert "HTTP_PROXY" not in params


def test_google_requests_reach_the_plugin_over_https_with_the_port(site: Site) -> None:
    answer = site.send("POST", "/index.php", b"__vtrftk=sid:1&module=Google&view=Sync")
    assert answer.served_by == "plugin"
    assert answer.seen["headers"]["host"] == site.host
    assert answer.seen["headers"]["x-forwarded-proto"] == "https"
    assert site.send("GET", "/google-sync/health/live").served_by == "plugin"


def test_upload_reaches_php_unharmed(site: Site) -> None:
    body = multipart(('name="module"', "Documents"), ('name="f"; filename="f"', b"\x00\xff" * 1_500_000))
    params = site.send("POST", "/index.php", body, MULTIPART).seen
    assert params["REQUEST_METHOD"] == "POST"
    assert params["CONTENT_LENGTH"] == str(len(body))
    assert params["CONTENT_TYPE"] == MULTIPART
    assert params["body_sha256"] == hashlib.sha256(body).hexdigest()


def test_other_scripts_and_static_files_are_served(site: Site) -> None:
    params = site.send("POST", "/webservice.php?operation=getchallenge", b"module=Google").seen
    assert params["SCRIPT_FILENAME"].endswith(f"/www{site.prefix}/webservice.php")
    assert params["HTTP_HOST"] == site.host
    assert site.send("GET", "/layouts/x.js").body == b"content"


@pytest.mark.parametrize(
    "path", ["/.htaccess", "/logs/crm.log", "/storage/x.php", "/missing.php", "/cron/x.php"]
)
def test_private_files_are_not_served(site: Site, path: str) -> None:
    assert site.send("GET", path).status == 404


def test_plain_http_is_sent_to_https(site: Site) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.plain_port, timeout=10)
    connection.request("GET", "/index.php?module=Google&view=List", headers={"Host": "crm.example.com"})
    response = connection.getresponse()
    assert response.status == 301
    assert response.headers["Location"] == "https://crm.example.com/index.php?module=Google&view=List"
    connection.close()
