"""docs/operations/ and the runbook, held against the metrics that are declared and by Prometheus's own tool."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from absent import NotHere, needed
from prometheus_client import generate_latest
from prometheus_client.metrics_core import Metric

from streams.settings import Settings
from streams.telemetry.health import LONG_RUN, Hole, SinkVitals, WorkerVitals
from streams.telemetry.metrics import SinkMetrics, WorkerMetrics
from streams.telemetry.server import PROCESSES, port_of

ROOT = Path(__file__).parents[2]
OPERATIONS = ROOT / "docs/operations"
RUNBOOK = (ROOT / "docs/runbook.md").read_text("utf-8")
README = (OPERATIONS / "README.md").read_text("utf-8")
ALERTS: list[dict[str, Any]] = [
    alert
    for group in yaml.safe_load((OPERATIONS / "alerts.yml").read_text("utf-8"))["groups"]
    for alert in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((OPERATIONS / "dashboard.json").read_text("utf-8"))
EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


def declared() -> dict[str, Metric]:
    """Every metric of the sink and a worker, by its name with the unit."""
    registries = (SinkMetrics(SinkVitals()).registry, WorkerMetrics("topics", WorkerVitals()).registry)
    families = [family for registry in registries for family in registry.collect()]
    return {f"{f.name}_total" if f.type == "counter" else f.name: f for f in families}


DECLARED = declared()
OURS = {name for name in DECLARED if name.startswith("summitry_")}


def named(expression: str) -> set[str]:
    """The metrics that an expression names, histograms without their suffix."""
    words = set(re.findall(r"\b(?:summitry|process)_[a-z_]+", expression))
    return {word if word in DECLARED else re.sub("_(bucket|count|sum)$", "", word) for word in words}


def table() -> str:
    """The metrics as README.md tells them."""
    rows = [f"| `{name}` | {DECLARED[name].type} | {DECLARED[name].documentation} |" for name in sorted(OURS)]
    return "\n".join(["| metric | kind | meaning |", "|---|---|---|", *rows])


def promtool(*arguments: str, given: bytes = b"") -> None:
    """Run Prometheus's tool; what it finds fails the test. Where it isn't installed, skip or fail."""
    with needed():
        if shutil.which("promtool") is None:
            raise NotHere("promtool isn't installed: on Debian it is in the package prometheus")
    done = subprocess.run(
        ["promtool", *arguments], input=given, capture_output=True, cwd=OPERATIONS, timeout=60, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode()


def test_prometheus_takes_the_rules_and_the_sample() -> None:
    """Syntax, templates and file names."""
    promtool("check", "rules", "alerts.yml")
    promtool("check", "config", "prometheus.yml")


def test_each_alarm_comes_when_it_should_and_not_before() -> None:
    """By series written by hand, in Prometheus's own test format."""
    promtool("test", "rules", "alerts.test.yml")


def test_each_alarm_is_tested_both_ways() -> None:
    """Once where it comes, once where all is well."""
    tests = yaml.safe_load((OPERATIONS / "alerts.test.yml").read_text("utf-8"))["tests"]
    cases = [case for test in tests for case in test["alert_rule_test"]]
    names = {alert["alert"] for alert in ALERTS}
    assert {case["alertname"] for case in cases if case.get("exp_alerts")} == names
    assert {case["alertname"] for case in tests[0]["alert_rule_test"]} == names
    assert not any(case.get("exp_alerts") for case in tests[0]["alert_rule_test"])


def test_prometheus_takes_the_dashboards_expressions(tmp_path: Path) -> None:
    """As recording rules, with Grafana's interval filled in."""
    rules = [
        {"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "1m")}
        for number, expression in enumerate(EXPRESSIONS)
    ]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    promtool("check", "rules", str(path))


def vitals() -> Iterator[bytes]:
    """What each process tells when it knows everything."""
    sink = SinkVitals(
        turned_at=1.0, holds_lease=True, lag={"topics": 3}, holes={"topics": Hole(1, 2.0)}, applied_at=5.0
    )
    told = SinkMetrics(sink)
    told.facets.labels("topics").inc()
    told.passed_over.labels("topics").inc()
    yield generate_latest(told.registry)
    yield generate_latest(WorkerMetrics("topics", WorkerVitals(turned_at=1.0, read_at=5.0)).registry)


def test_names_and_units_follow_the_conventions() -> None:
    """Base units, `_total`, a help text for each: promtool's own lint."""
    for page in vitals():
        promtool("check", "metrics", given=page)


@pytest.mark.parametrize("expression", [*EXPRESSIONS, *(alert["expr"] for alert in ALERTS)])
def test_each_metric_that_is_used_is_declared(expression: str) -> None:
    """A name that is mistyped would be an alarm that never comes, or an empty panel."""
    assert named(expression) <= DECLARED.keys()
    assert named(expression) or "up{" in expression


def test_each_metric_that_is_declared_is_shown_or_watched() -> None:
    """And told in the README with its meaning."""
    used = {name for each in (*EXPRESSIONS, *(alert["expr"] for alert in ALERTS)) for name in named(each)}
    assert OURS - used == set()
    assert table() in README


def test_panels_are_told_apart() -> None:
    """Each has an id, a title and a description of its own, and none lies over another."""
    panels = DASHBOARD["panels"]
    for key in ("id", "title", "description"):
        assert len({panel[key] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


def test_the_runbook_has_a_heading_for_each_alarm() -> None:
    """And for nothing else; each alarm points to its own."""
    assert re.findall(r"(?m)^## (.*)$", RUNBOOK) == [alert["alert"] for alert in ALERTS]
    for alert in ALERTS:
        path, _, anchor = alert["annotations"]["runbook_url"].partition("#")
        assert (OPERATIONS / path).resolve() == ROOT / "docs/runbook.md"
        assert anchor == alert["alert"].lower()
        assert alert["labels"]["severity"] in ("warning", "critical")


def test_the_alarm_of_dead_letters_is_readiness_own() -> None:
    """One number in both."""
    (alert,) = (alert for alert in ALERTS if alert["alert"] == "SummitryDeadLetterRun")
    assert alert["expr"].endswith(f">= {LONG_RUN}")


def test_the_sample_scrapes_the_processes_where_they_serve() -> None:
    """At their ports, under the names that Compose gives them."""
    config = yaml.safe_load((OPERATIONS / "prometheus.yml").read_text("utf-8"))
    (job,) = config["scrape_configs"]
    settings = Settings(http_port=Settings.model_fields["http_port"].default)
    assert job["static_configs"][0]["targets"] == [f"{name}:{port_of(name, settings)}" for name in PROCESSES]
    assert all(
        f'job="{job["job_name"]}"' in a["expr"]
        for a in ALERTS
        if "process_" in a["expr"] or "up{" in a["expr"]
    )
