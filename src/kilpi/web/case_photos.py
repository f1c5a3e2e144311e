"""One photo of a case, for every page that shows it: which one, and where it lies."""

from __future__ import annotations

from kilpi.cases import CasePhoto, photos
from kilpi.cases.photo_places import lies_at
from kilpi.web.problems import Problem
from kilpi.web.serving import Serving


def photo_of(serving: Serving, case_id: str, sha256: str) -> CasePhoto:
    """A photo of a case. Raises Problem where it has none such."""
    found = next((one for one in photos(serving.store, case_id) if one.sha256 == sha256), None)
    if found is None:
        raise Problem(404, "no_page")
    return found


def place_of(serving: Serving, photo: CasePhoto) -> str:
    """Where a photo lies, also on a server without a flow; `path_from_text` makes a path of it."""
    return lies_at(photo, serving.store.originals)
