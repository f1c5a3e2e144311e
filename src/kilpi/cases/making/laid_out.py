"""The flow of cases whose photos are in originals/: the maker sees a folder with the names as sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from kilpi.cases.flow import Later, Outcome, Task
from kilpi.cases.incoming.beside import Beside
from kilpi.cases.incoming.dealers import dealer_settings
from kilpi.cases.incoming.sent_cars import laid_out
from kilpi.cases.incoming.sent_files import SentFile, SentKind
from kilpi.cases.making.maker import Maker
from kilpi.cases.shared import others_marks
from kilpi.decision.verifier import LstmVerifier
from kilpi.files import path_to_text
from kilpi.ports import Verifier
from kilpi.store import Store


@dataclass
class LaidOut:
    """A `Flow`. `beside` is what dealers said along with the photos."""

    store: Store
    maker: Maker
    beside: Beside
    usual: Verifier | None = None  # of the line, where a dealer said nothing

    def __call__(self, task: Task) -> Outcome | Later:
        """One case; one whose photos lie in a folder on this machine goes to the maker as it is."""
        stock, others = self.beside.stock_of(task.case), partial(others_marks, self.store, task.case)
        maker = replace(self._of_dealer(task.case.dealer), stock=stock, others=others, made={})
        if any(photo.path is not None for photo in task.photos):
            return maker(task)
        return self._laid_out(maker, task)

    def _of_dealer(self, dealer: str) -> Maker:
        """The maker with the dealer's home countries and show plates, as they are now.

        A worker has its line for itself, and works on one car at a time.
        """
        line = self.maker.line
        self.usual = self.usual or line.verifier
        said = dealer_settings(self.store, dealer) if dealer else None
        if said is None or not (said.home or said.show) or not isinstance(self.usual, LstmVerifier):
            line.verifier = self.usual
            return self.maker
        line.verifier = self.usual.ruled(said.home, said.show)
        return replace(self.maker, depends=[*self.maker.depends, dealer, *said.home, *said.show])

    def _laid_out(self, maker: Maker, task: Task) -> Outcome | Later:
        mine = {photo.sha256 for photo in task.belonging}
        photos = [SentFile(_base(p.name), p.sha256, SentKind.PHOTO) for p in task.photos if p.sha256 in mine]
        with laid_out(self.store, self.maker.out, photos) as (folder, names):
            for text in self.beside.texts(task.case.id):
                (folder / text.name).symlink_to(text.resolve())
            lying = {sha256: path for path, sha256 in names.items()}
            moved = tuple(
                replace(photo, path=path_to_text(path), name=path.name)
                for photo in task.photos
                if (path := lying.get(photo.sha256)) is not None
            )
            case = replace(task.case, place=path_to_text(folder))
            return maker(replace(task, case=case, photos=moved))


def _base(name: str) -> str:
    """A photo's own name: folders would keep notes from lying beside it."""
    return Path(name.replace("\\", "/")).name or "photo"
