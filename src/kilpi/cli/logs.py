"""What programs that run for long write to stderr: a line a message, as text or as JSON. Never a mark."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb

FIELDS = ("case", "state", "delivery")  # what a message may carry beside its words


class JsonLines(logging.Formatter):
    """One object a line. Of an exception only kind and place are told: its words might hold a mark."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        told |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            frames = extract_tb(record.exc_info[1].__traceback__)
            place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
            told["error"] = {"kind": type(record.exc_info[1]).__name__, "place": place}
        return json.dumps(told, ensure_ascii=False)


class Plain(logging.Formatter):
    """Time, words, and the case."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line; an exception as in JSON."""
        record.exc_text, error = "", record.exc_info
        record.exc_info = None
        line = super().format(record)
        record.exc_info = error
        case = f" case {record.case}" if hasattr(record, "case") else ""
        return line + case + (f" ({type(error[1]).__name__})" if error and error[1] else "")


def tell_log(form: str) -> None:
    """Sets it up: `form` is text or json."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == "json" else Plain())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("kilpi").setLevel(logging.INFO)
