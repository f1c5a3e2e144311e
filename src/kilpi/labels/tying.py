"""Ties what a label file says of a photo to its picture: found, measured, hashed, kept where it must be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from kilpi.errors import LabelError, PhotoError
from kilpi.hashing import sha256_hex
from kilpi.images import displayed
from kilpi.labels.draft import Draft, DraftPhoto
from kilpi.labels.locate import Pictures, base_name, common_end, plain, sha256_of
from kilpi.labels.turned import drawn_as_stored, turn


class Tying:
    """Where pictures are looked for, and where those are kept that would be lost with a zip.

    `images`: folders that a person named; `output`: the label file that is being written.
    """

    def __init__(self, output: Path, images: Sequence[Path]) -> None:
        self.output, self.images = output, tuple(images)

    def tie(self, draft: Draft, pictures: Pictures, folder: Path | None, keep: bool) -> list[DraftPhoto]:
        """The photos of a draft, each with sha256, size and path of its picture; those without as they are.

        `folder`: the label file's. A photo that does not agree with its picture has a `problem`.
        """
        names = Counter(base_name(each.photo.path or "") for each in draft.photos)
        tied = []
        for each in draft.photos:
            again = names[base_name(each.photo.path or "")] > 1
            try:
                found = self.picture_of(each, pictures, folder, again)
                tied.append(each if found is None else self.tie_to(each, found, keep, draft))
            except (LabelError, PhotoError) as error:
                tied.append(replace(each, problem=LabelError(str(error))))
        return tied

    def picture_of(
        self, each: DraftPhoto, pictures: Pictures, folder: Path | None, again: bool
    ) -> Path | None:
        """A photo's picture file. `again`: whether the label file has several photos of this name.

        A picture that was found only by its name, outside the folders that a person named, is not taken
        where the label file lies among pictures, or names a second photo alike: then it is another one.
        """
        if each.inside:
            return self.keep(each.inside, ".png" if each.inside.startswith(b"\x89PNG") else ".jpg")
        if each.picture is not None:
            return each.picture
        found = pictures.find(each.photo, folder)
        if found is None or each.photo.photo is not None or folder is None:
            return found
        if found == pictures.as_written(each.photo, folder):
            return found
        written = PurePosixPath(plain(each.photo.path or ""))
        if again and common_end(found, written) < 2:
            return None
        named = any(found.is_relative_to(place) for place in self.images)
        below = found.is_relative_to(folder)
        return found if named or below or not pictures.has_pictures_in(folder) else None

    def tie_to(self, each: DraftPhoto, found: Path, keep: bool, draft: Draft) -> DraftPhoto:
        """One photo with its picture's facts. LabelError where the two do not agree."""
        size, orientation = displayed(found)
        photo = each.photo
        if drawn_as_stored(each, size, orientation):
            each = turn(each, size, orientation)
            draft.note(f"{photo.name}: was labelled without its EXIF rotation; the labels are turned")
        elif (photo.width or size[0], photo.height or size[1]) != size:
            raise LabelError(
                f"{photo.name}: was labelled at {photo.width} x {photo.height} pixels, but the picture has"
                f" {size[0]} x {size[1]}; give the pictures that were labelled"
            )
        elif orientation > 1 and each.places and (orientation < 5 or photo.width is None):
            draft.note(
                f"{photo.name}: is turned by EXIF, and nothing says whether it was when it was labelled;"
                " look at it (kilpi look labels)"
            )
        identity = sha256_of(found)
        if photo.photo not in {None, identity}:
            raise LabelError(f"{photo.name}: the picture of this path has another sha256 than the label")
        if keep:
            found = self.keep(found.read_bytes(), found.suffix.lower())
        path = self.path_of(found)
        return replace(
            each, photo=replace(each.photo, photo=identity, width=size[0], height=size[1], path=path)
        )

    def keep(self, data: bytes, suffix: str) -> Path:
        """Write a picture beside the output, named by its sha256."""
        folder = self.output.parent / f"{self.output.stem}-pictures"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / (sha256_hex(data) + suffix)
        if not path.exists():
            path.write_bytes(data)
        return path

    def path_of(self, found: Path) -> str:
        """Relative to the label file's folder or to a folder of pictures; else absolute."""
        real = found.resolve()
        for folder in (self.output.parent, *self.images):
            if real.is_relative_to(folder.resolve()):
                return real.relative_to(folder.resolve()).as_posix()
        return real.as_posix()
