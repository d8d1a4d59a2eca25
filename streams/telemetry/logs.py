"""Log lines: for people, or JSON for programs; a line that concerns an article names it.

Give it as `extra=about(article)`: it becomes the field `article`, in both forms.
"""

import logging
import sys
from datetime import UTC, datetime
from types import TracebackType

from pythonjsonlogger.json import JsonFormatter

from streams.settings import Settings

log = logging.getLogger(__name__)

SELDOM_SECONDS = 10.0
"""How long a library that tells all the time says nothing more of the same."""


def log_as(process: str, settings: Settings) -> None:
    """Log to standard error, each line with the process's name; libraries only where they warn."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json(process) if settings.log_format == "json" else _Console(process))
    if settings.log_format == "json":
        sys.excepthook = _log_defect
    handler.addFilter(_Seldom("aiokafka"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("streams").setLevel(settings.log_level)
    # These two warn of every passing reconnection, and of our own graceful stop.
    for library, level in (("kafka", logging.CRITICAL), ("aiokafka", logging.ERROR)):
        logging.getLogger(library).setLevel(level)


def about(article: str | None, key: bytes | None = None) -> dict[str, str]:
    """The field that names an article: by its id, else by the key of its record, if there is one."""
    if article is None and key is not None:
        article = key.decode(errors="replace")
    return {} if article is None else {"article": article}


def logs_json() -> bool:
    """Whether standard error is to hold nothing but JSON lines."""
    return any(isinstance(handler.formatter, _Json) for handler in logging.getLogger().handlers)


def _log_defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log.critical("ended by a defect: %s", error, exc_info=(kind, error, trace))


class _Seldom(logging.Filter):
    """Lets a library say the same only now and then: of a broker that is away aiokafka tells all the time."""

    def __init__(self, library: str) -> None:
        super().__init__()
        self._library = library
        self._said: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is to be shown."""
        if record.name.partition(".")[0] != self._library:
            return True
        place = record.pathname, record.lineno
        if record.created - self._said.get(place, float("-inf")) < SELDOM_SECONDS:
            return False
        self._said[place] = record.created
        return True


class _Console(logging.Formatter):
    """A line a record; what of it may be anybody's can't steer a terminal, or pass for a line of ours."""

    def __init__(self, process: str) -> None:
        super().__init__(f"%(asctime)s {process:<9} %(levelname)-7s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(map(_printable, super().format(record).split("\n")))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the library's name
        line = super().formatMessage(record)
        article = getattr(record, "article", None)
        if article is not None:
            line += f" [article {article}]"
        return _printable(line) if record.name.startswith("streams.") else line  # libraries log tables


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


class _Json(JsonFormatter):
    """An object a line: time (RFC 3339, UTC), level, process, logger, message, and what else there is."""

    def __init__(self, process: str) -> None:
        super().__init__(
            ["asctime", "levelname", "name", "message"],
            rename_fields={
                "asctime": "time",
                "levelname": "level",
                "name": "logger",
                "exc_info": "exception",
                "stack_info": "stack",
            },
            static_fields={"process": process},
            json_ensure_ascii=False,
        )

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        instant = datetime.fromtimestamp(record.created, UTC)
        return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
