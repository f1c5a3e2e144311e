"""A watched folder: what is put there becomes cars, by the rule of folders, once.

What was taken in is moved to done/, what could not be used to failed/ with a .txt that says why. A photo is
in the store, and its case written, before anything is moved: who is killed in between finds the same photos
again, and photos that came again are the same case. Where disk, mount or database fail, everything stays
where it is.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from kilpi.adverts.wording import load_wording
from kilpi.cases import Batch, MadeCars, SentFile, SentKind, keep, make_cars
from kilpi.cases.incoming.sent_files import originals_of, why_not
from kilpi.doors.inside import move_below, note_below, open_below
from kilpi.doors.looks import note_look
from kilpi.doors.steady import Entry, Steady, entry_at
from kilpi.errors import DoorError, KilpiError, StoreError, UsageError
from kilpi.hashing import sha256_hex
from kilpi.photos.kinds import is_clutter
from kilpi.store import Store
from kilpi.store.engines import make_private_folder
from kilpi.text import shown

DONE, FAILED = "done", "failed"
SETTLE_S = 5.0  # size and time stand still this long, and a copy counts as whole
PATIENCE_S = 300.0  # how long what looks cut off or unfinished is waited for: a copy over a network may pause
RESCAN_S = 60.0  # between looks where nothing was heard: network drives tell nobody of changes
MEMORY = ".watch"  # in the data folder: what was taken from folders where files stay
CUT_OFF = frozenset({"PhotoTruncated", "PhotoEmpty", "bad_archive"})
BAD = frozenset({SentKind.REFUSED, SentKind.LEFT_OUT})
log = logging.getLogger(__name__)


class NotYet(Exception):
    """It changed while it was read, or may still be written: another look will tell."""


@dataclass
class Watch:
    """One folder. `keep`: files stay where they are, and what was taken is remembered in `data`."""

    store: Store
    folder: Path
    data: Path
    dealer: str = ""
    keep: bool = False
    country: str = "FI"
    language: str = "en"
    settle_s: float = SETTLE_S
    patience_s: float = PATIENCE_S
    changed: Callable[[], object] = lambda: None  # cases were made: wakes the workers
    told: Callable[[MadeCars], object] = lambda made: None  # of each arrival, once it is put away
    clock: Callable[[], float] = time.monotonic
    steady: Steady = field(init=False)
    device: int | None = field(default=None, init=False)
    taken: set[str] = field(default_factory=set, init=False)
    failed: KilpiError | None = field(default=None, init=False)  # in the last look

    def __post_init__(self) -> None:
        self.folder = self.folder.absolute()
        if not self.folder.is_dir():
            raise UsageError(f"{self.folder}: no such folder; make it, or mount it, before it is watched")
        inside = self.data.resolve()
        if self.folder.resolve() in (inside, *inside.parents) or inside in self.folder.resolve().parents:
            raise UsageError(f"{self.folder}: and the data folder hold each other; watch another folder")
        self.steady = Steady(self.settle_s)
        self.device = self.folder.stat().st_dev
        self.taken = self._remembered() if self.keep else set()

    @property
    def name(self) -> str:
        """As it is called on /readyz."""
        return f"watch {shown(str(self.folder))}"

    def run(self, stop: threading.Event) -> None:
        """Looks until it is told to stop: when something changed there, and every minute anyway."""
        while not stop.is_set():
            try:
                self._hear(stop)
            except (OSError, RuntimeError):  # the folder is not there now, or changes cannot be heard of
                stop.wait(self.settle_s if self.look() else RESCAN_S)

    def _hear(self, stop: threading.Event) -> None:
        """One watcher, for as long as the next full look; it listens before the first look."""
        from watchfiles import watch

        due, until = 0.0, time.monotonic() + RESCAN_S
        step = int(1000 * min(self.settle_s, 1.0))
        for changes in watch(self.folder, stop_event=stop, rust_timeout=step, yield_on_timeout=True):
            now = time.monotonic()
            due = min(due, now + min(self.settle_s, 1.0)) if changes else due
            if now >= due:
                due = time.monotonic() + (self.settle_s if self.look() else RESCAN_S)
            if now >= until and due > until:
                return

    def look(self) -> bool:
        """Takes in what stands still; whether something is there that does not, so that a look soon is due.

        Raises nothing: what went wrong is noted with the look, and stays for the next one, a minute later.
        """
        self.failed, waits = None, False
        try:
            waits = self._look()
        except (OSError, KilpiError) as error:
            self._say(error)
        try:
            note_look(self.store, self.name, self.problem)
        except StoreError as error:
            self._say(error)
        return waits

    @property
    def problem(self) -> str:
        """What went wrong in the last look; "": nothing."""
        return str(self.failed or "")

    def _say(self, error: Exception) -> None:
        self.failed = error if isinstance(error, KilpiError) else DoorError(said(error))
        log.error("%s: %s", self.name, self.failed)

    def _look(self) -> bool:
        if self.folder.stat().st_dev != self.device:
            raise OSError(0, "another disk is there than at the start; is it mounted?")
        own = {DONE, FAILED}
        self._check(own)
        originals_of(self.store).check_room()
        found = sorted(name for name in os.listdir(self.folder) if name not in own and not is_clutter(name))  # noqa: PTH208
        self.steady.forget(set(found))
        waits, away, loose = False, False, list[Entry]()
        for name in found:
            try:
                entry = entry_at(self.folder, name)
                if not entry.files or self._known(entry):
                    continue
                if not self.steady.stands(entry, self.clock()):
                    waits = True
                elif (self.folder / name).is_dir() or name.lower().endswith(".zip"):
                    self._take([entry])
                else:
                    loose.append(entry)
            except (NotYet, FileNotFoundError, NotADirectoryError):
                waits = True  # renamed or taken away meanwhile: the next look sees what it is now
            except (OSError, UsageError) as error:  # of this entry: the others go on
                self._say(error)
                away = True
        return self._take_loose(loose, waits or away) or waits

    def _check(self, own: Collection[str]) -> None:
        """Nothing is taken in where it could not be put away: a link there would lead out of the folder."""
        for name in () if self.keep else sorted(own):
            place = self.folder / name
            if place.is_symlink() or (place.exists() and not place.is_dir()):
                raise OSError(0, f"{name} in the watched folder is a link or a file; make it a folder")

    def _take_loose(self, loose: Sequence[Entry], waits: bool) -> bool:
        """Files directly in the folder are one arrival, once all of them are there. Whether to look again."""
        if not loose:
            return False
        now = self.clock()
        if waits and max(self.steady.since(entry, now) for entry in loose) < self.patience_s:
            return True
        try:
            self._take(loose)
        except (NotYet, FileNotFoundError):
            return True
        return False

    def _take(self, entries: Sequence[Entry]) -> None:
        """Keeps the files, makes the cases, and only then moves anything."""
        sent = [self._keep(path) for entry in entries for path in entry.files]
        still = all(entry_at(self.folder, entry.name).print == entry.print for entry in entries)
        if not still:
            raise NotYet
        age = min(self.steady.since(entry, self.clock()) for entry in entries)
        unsure = any(one.why in CUT_OFF for one in flat(sent)) or any(e.unfinished for e in entries)
        if unsure and age < self.patience_s:
            raise NotYet
        batch = tuple((one.path, one.sha256) for one in sent if one.kind not in BAD)
        made = MadeCars(())
        if batch:
            made = make_cars(
                self.store, self.data, Batch(batch, "folder", self.name, self.dealer), self.country
            )
            if made.cars:
                self.changed()
        self._put_away(entries, sent, made)
        self.told(made)

    def _keep(self, path: str) -> SentFile:
        name = PurePosixPath(path).as_posix()
        if is_clutter(PurePosixPath(path).name):
            return SentFile(name, "", SentKind.LEFT_OUT, "clutter")
        try:
            with open_below(self.folder, path) as file:
                return keep(self.store, self.name, name, file)
        except PermissionError:
            return SentFile(name, "", SentKind.REFUSED, "unreadable")

    def _put_away(self, entries: Sequence[Entry], sent: Sequence[SentFile], made: MadeCars) -> None:
        bad = [one for one in sent if one.kind in BAD and one.why != "clutter"]
        words = load_wording(self.language)
        if self.keep:
            self._remember(entries)
            for one in bad:
                log.warning("%s: a file is not used (%s)", self.name, one.why)
            return
        for one in bad:
            move_below(self.folder, one.path, FAILED, why_not(one, words))
        for one in sent:
            inside = [member for member in one.members if member.kind in BAD]
            if inside:
                told = "\n".join(f"{member.path}: {why_not(member, words)}" for member in inside)
                note_below(self.folder, one.path, FAILED, told)
        for entry in entries:
            if os.path.lexists(self.folder / entry.name):
                move_below(self.folder, entry.name, DONE)

    def _known(self, entry: Entry) -> bool:
        return self.keep and self._key(entry) in self.taken

    def _key(self, entry: Entry) -> str:
        """By what an entry is known again; its name may hold a mark, so it is not written down."""
        return sha256_hex(f"{entry.name}\0{entry.print}".encode(errors="surrogateescape"))

    @property
    def _memory(self) -> Path:
        return self.data / MEMORY / sha256_hex(str(self.folder).encode(errors="surrogateescape"))[:24]

    def _remembered(self) -> set[str]:
        try:
            lines = self._memory.read_text().splitlines()
        except FileNotFoundError:
            return set()
        except OSError as error:
            raise StoreError(f"{self._memory}: {error.strerror}; see its rights") from None
        return {json.loads(line) for line in lines if line.endswith('"') and line.startswith('"')}

    def _remember(self, entries: Sequence[Entry]) -> None:
        make_private_folder(self._memory.parent)
        handle = os.open(self._memory, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "a") as file:
            for entry in entries:
                file.write(json.dumps(self._key(entry)) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.taken |= {self._key(entry) for entry in entries}


def flat(sent: Sequence[SentFile]) -> list[SentFile]:
    """Files and the members of archives."""
    return [one for file in sent for one in (file, *file.members)]


def said(error: Exception) -> str:
    """An error in one line, without a path that may hold a mark."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error)
