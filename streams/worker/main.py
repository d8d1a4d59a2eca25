"""Running a worker until it is told to stop."""

import faulthandler
import logging
from tempfile import TemporaryDirectory

import faust
import uvloop

from streams import broker
from streams.core.facets import Stage
from streams.enrich.stages import load_stage
from streams.settings import Settings
from streams.topology import ARTICLES
from streams.worker.app import build
from streams.worker.report import Report
from streams.worker.watchdog import watch_stop

log = logging.getLogger(__name__)


def run(stage_name: Stage, settings: Settings) -> None:
    """Run one stage; ends by SystemExit. Raises BrokerUnavailable or StreamsMismatch at the start."""
    faulthandler.enable()  # what a library breaks below Python is told too
    report = Report.served(stage_name, settings)
    broker.require_streams(settings)
    articles_id = broker.topic_ids(settings)[ARTICLES.name]
    stage = load_stage(stage_name, settings.registry)
    uvloop.install()
    log.info("reads %s, stage version %d", settings.stream_name(ARTICLES), stage.version)
    with TemporaryDirectory(prefix="summitry-") as folder:  # Faust wants one, though nothing is kept
        app = build(settings, stage, articles_id=articles_id, folder=folder, report=report)
        worker = faust.Worker(app, override_logging=False, redirect_stdouts=False, quiet=True)
        worker.spinner = None
        watch_stop(app)
        worker.execute_from_commandline()
