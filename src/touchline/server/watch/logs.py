"""Logs for machines: one JSON document a line on standard error.

No address, no key, no id of a person and no query string is ever logged; and as JSON escapes every control character,
nothing that came from outside can begin a line of its own.
"""

import logging
import sys
from typing import Any

import structlog

_SHARED: tuple[Any, ...] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


def configure() -> None:
    """Log as JSON in this process, including all of its libraries."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _formatter() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
        foreign_pre_chain=list(_SHARED),
    )


class _NotYetListening(logging.Filter):
    """Holds back what Granian says before its workers start; see :mod:`touchline.server.process.announcing`."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is true."""
        return not record.getMessage().startswith("Listening at")


def of_granian() -> dict[str, Any]:
    """The log configuration of Granian's processes: their lines go the same way."""
    loud = {"handlers": ["json"], "level": "INFO", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": _formatter}},
        "filters": {"early": {"()": _NotYetListening}},
        "handlers": {
            "json": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stderr",
                "formatter": "json",
                "filters": ["early"],
            }
        },
        "loggers": {"_granian": loud},
        "root": {"handlers": ["json"], "level": "INFO"},
    }
