"""What `kilpi publish` sent where: `.kilpi-published.json` in the output folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kilpi.files import locked, write_whole

STATE = ".kilpi-published.json"
LOCK = ".lock"  # the ending of the file beside it
SENDING = "sending"  # in the place of a digest: perhaps out, perhaps not


@dataclass(frozen=True, slots=True)
class Sent:
    """What a target was told last of one car: how many times before, and the digest ("" for withdrawn,
    SENDING where a run was killed while it told).
    """

    count: int = 0
    digest: str = ""


@dataclass(frozen=True)
class State:
    """What was sent to one target, by id; kept in a file together with other targets'."""

    path: Path
    target: str
    sent: dict[str, Sent]

    @classmethod
    def load(cls, path: Path, target: str) -> State:
        """The state of one target; empty where the file is absent or damaged."""
        known = read_state(path).get(target, {})
        return cls(path, target, {identity: Sent(**values) for identity, values in known.items()})

    def note(self, identity: str, sent: Sent) -> None:
        """One car was sent or withdrawn: write the file beside and rename. Other processes write to it too,
        for other places or the same, so what it holds now is read again and only this car's entry changed.
        """
        self.sent[identity] = sent
        with locked(self.path.with_suffix(LOCK)):
            known = read_state(self.path)
            mine = {**known.get(self.target, {}), identity: asdict(sent)}
            state = {**known, self.target: mine}
            write_whole(self.path, (json.dumps(state, indent=1, sort_keys=True) + "\n").encode())


def read_state(path: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Target -> id -> fields of Sent."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
