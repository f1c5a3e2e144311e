"""What the detector's first look at a photo saw, kept until the thread looks at another photo."""

from __future__ import annotations

import threading
import weakref

from kilpi.types import Pixels, Sighting


class LastFirstLook(threading.local):
    """A thread's last first look. The line asks for it up to three times, each time of one photo in turn:
    to find, beside a glance, and for plates without a mark, with a lower least score.
    """

    pixels: weakref.ref[Pixels] | None = None
    size = (0, 0)  # native, of the photo
    threshold = 1.0
    seen: tuple[Sighting, ...] = ()
