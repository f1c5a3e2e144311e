"""What the detector's first look at a photo saw, kept until the thread looks at another photo."""

from __future__ import annotations

import threading
import weakref

from kilpi.types import Pixels, Sighting


class LastFirstLook(threading.local):
    """A thread's last first look. The line asks for it twice, of one photo in turn: to find, and beside a
    glance; a search that hides plates asks with a least score of its own.
    """

    pixels: weakref.ref[Pixels] | None = None
    size = (0, 0)  # native, of the photo
    threshold = 1.0
    seen: tuple[Sighting, ...] = ()
