"""A fault that nobody foresaw, as it is told on stderr: of what kind and where, and none of its words.

A library puts the value that it stumbled over into its message (a KeyError is nothing else), and that may be
a registration mark. Python's own report of an exception prints it, into a service's journal too.
"""

from __future__ import annotations

import sys
import threading
from traceback import StackSummary, extract_tb

HIDDEN = "(its words are not shown: they might hold a registration mark)"


def told_without_words(error: BaseException) -> str:
    """Files, lines and kinds of an error and of those that it came of, the first one first."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    head = f"{told_without_words(before)}\nand of that came:\n" if before is not None else ""
    stack = "".join(StackSummary.from_list(extract_tb(error.__traceback__)).format())
    return f"{head}{stack}{type(error).__name__} {HIDDEN}"


def tell_fault(error: BaseException) -> None:
    """To stderr."""
    print(told_without_words(error), file=sys.stderr, flush=True)


def hide_words_of_faults() -> None:
    """From now on also for threads that end by a fault, and for what is raised where nobody can catch it."""

    def of_thread(ended: threading.ExceptHookArgs) -> None:
        if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
            tell_fault(ended.exc_value)

    def unraisable(lost: sys.UnraisableHookArgs) -> None:
        if lost.exc_value is not None:
            tell_fault(lost.exc_value)

    threading.excepthook = of_thread
    sys.unraisablehook = unraisable
