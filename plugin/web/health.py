"""For machines: is the process alive, are its parts there, how much went through it.

/metrics is for scrapers on this machine: a request from elsewhere, or one that came through the proxy, is refused. Request
counts are this process's own; runs are counted from the run history, so that they are the same whichever process is asked.
"""

from __future__ import annotations

import logging
from collections import Counter as Tally
from collections.abc import Iterable

from flask import Blueprint, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from plugin.bootstrap import Runs
from plugin.web.asking import services

RUNS_COUNTED = 500
_LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
log = logging.getLogger(__name__)


def add_to(blueprint: Blueprint) -> None:
    """Answer the three addresses and count every request."""
    requests = Counter(
        "gsync_requests", "Requests answered, by route and status", ["route", "status"], registry=None
    )

    def count(response: Response) -> Response:
        requests.labels((request.endpoint or "").rpartition(".")[2], str(response.status_code)).inc()
        return response

    def tell_metrics() -> Response:
        if request.remote_addr not in _LOOPBACK or "X-Forwarded-For" in request.headers:
            return Response("Only from this machine.\n", 403, content_type="text/plain; charset=UTF-8")
        registry = CollectorRegistry(auto_describe=False)
        registry.register(requests)
        registry.register(_RecentRuns(services().runs))
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    blueprint.after_request(count)
    blueprint.add_url_rule("/google-sync/health/live", "live", tell_live)
    blueprint.add_url_rule("/google-sync/health/ready", "ready", tell_ready)
    blueprint.add_url_rule("/google-sync/metrics", "metrics", tell_metrics)


def tell_live() -> Response:
    """Tell that the process answers."""
    return Response("ok\n", content_type="text/plain; charset=UTF-8")


def tell_ready() -> Response:
    """Tell which parts are down; 503 if any is."""
    try:
        down = list(services().ready())
    except Exception:
        # A part that can't even be asked is down, whatever it raised.
        log.exception("the parts could not be asked")
        down = ["unexpected"]
    response = jsonify({"ready": not down, "down": down})
    response.status_code = 503 if down else 200
    return response


class _RecentRuns(Collector):
    """The newest runs of all users, by module and outcome."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the gauge that a scrape shows."""
        gauge = GaugeMetricFamily(
            "gsync_recent_runs",
            f"The newest {RUNS_COUNTED} runs, by module and status",
            labels=["module", "status", "error"],
        )
        tally = Tally(
            (run.module, run.status.value, run.error_code) for run in self._runs.history(None, RUNS_COUNTED)
        )
        for labels, number in tally.items():
            gauge.add_metric(list(labels), number)
        return [gauge]
