"""Everything that Kilpi raises on purpose, as one tree.

    KilpiError                    anything below
    ├── UsageError                the command or the settings make no sense
    ├── Stopped                   Ctrl-C or SIGTERM ended a run or a training; what was done is kept
    ├── PhotoError                one file cannot be used; the others go on
    │   ├── PhotoMissing          no such file, or it may not be read
    │   ├── PhotoEmpty            zero bytes
    │   ├── PhotoNotAnImage       no format that we know (a text file called .jpg)
    │   ├── PhotoTruncated        begins as an image and breaks off, or is damaged inside
    │   └── PhotoTooLarge         more pixels or bytes than the stated limit
    ├── LabelError                a label file, or one line of it, cannot be understood
    │   ├── RegisterNotStock      an extract of a vehicle register where a dealer's list is wanted
    │   └── NotUsed               a column, key, line or value that Kilpi has no use for; the rest is used
    ├── WeightsError              a network's file or card is missing, damaged, or of another kind
    ├── MissingExtra              a part needs an optional install, for example kilpi[ocr]
    ├── PublishError              a picture or a feed may not leave: it would show what it must not
    ├── OutputError               a result cannot be written: disk full, read-only, a file in the way
    │   └── NoRoom                less is free on the disk than is to stay free: nothing new is taken in
    ├── Unexpected                a fault of Kilpi's own; it is one photo's or one car's, and the others go on
    ├── DoorError                 a mailbox or a watched folder cannot be used now; what is there stays
    ├── StoreError                the database or the folder of originals cannot be used
    ├── CaseError                 a case cannot do what it was asked
    │   ├── CaseMissing           there is no such case
    │   ├── CaseRefused           not in its state, or it would make a second advert of one car
    │   └── CaseChanged           it changed since it was shown, or another worker has taken over
    └── RegisterError             a vehicle register gave no vehicle
        ├── NotRegistered         it answered: there is no such mark
        ├── RegisterRefused       it will not answer us: credentials, contract, budget, bad request
        └── RegisterUnavailable   no usable answer now: time-out, 5xx, malformed or foreign reply

"No plate in the photo" and "not sure" are not errors; they are verdicts of a `Decision`.
A message names the thing (file, line, provider), what is wrong, and the next step. It never holds a mark:
messages end up in logs, and a licence plate is personal data.
"""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb


class KilpiError(Exception):
    """Root of the tree. `exit_code` is the CLI's, `status` the HTTP status."""

    exit_code = 1
    status = 500

    @property
    def kind(self) -> str:
        """The class name, as `kilpi read --json` prints it."""
        return type(self).__name__


class UsageError(KilpiError):
    """The command or the settings make no sense."""

    exit_code = 2
    status = 400


class Stopped(KilpiError):
    """A run or a training was told to end, by Ctrl-C or SIGTERM; it can go on from what it kept."""

    exit_code = 130  # as shells have it for Ctrl-C


class KeyReused(UsageError):
    """An Idempotency-Key came again with something else than it came with first."""

    status = 422


class PhotoError(KilpiError):
    """One photo file cannot be used."""

    exit_code = 3
    status = 422


class PhotoMissing(PhotoError):
    """No such file, or it may not be read."""

    status = 404


class PhotoEmpty(PhotoError):
    """The file has no bytes."""


class PhotoNotAnImage(PhotoError):
    """The bytes are no image format that we know."""

    status = 415


class PhotoTruncated(PhotoError):
    """Begins as an image, then breaks off or is damaged."""


class PhotoTooLarge(PhotoError):
    """More pixels or bytes than the stated limit."""

    status = 413


class LabelError(KilpiError):
    """A label file, or one record of it, cannot be understood."""

    exit_code = 4
    status = 422


class RegisterNotStock(LabelError):
    """An extract of a vehicle register: its old mileage would become the dealer's word."""


class NotUsed(LabelError):
    """A column, key, line or value that was read and is not used; nothing is wrong with the rest."""

    exit_code = 0


class WeightsError(KilpiError):
    """A network's file or card is missing, damaged, or of another kind."""

    exit_code = 5


class MissingExtra(KilpiError):
    """A part needs an optional install."""

    exit_code = 6


class PublishError(KilpiError):
    """A picture or feed may not leave."""

    exit_code = 7
    status = 409


class OutputError(KilpiError):
    """A result cannot be written."""

    exit_code = 14
    status = 507


class NoRoom(OutputError):
    """Less is free on the disk than is to stay free."""


class Unexpected(KilpiError):
    """A fault of Kilpi's own."""


class DoorError(KilpiError):
    """A mailbox or a watched folder cannot be used now."""

    exit_code = 15
    status = 503


class StoreError(KilpiError):
    """The database or the folder of originals cannot be used."""

    exit_code = 12
    status = 503


class CaseError(KilpiError):
    """A case cannot do what it was asked."""

    exit_code = 13
    status = 409


class CaseMissing(CaseError):
    """There is no such case."""

    status = 404


class CaseRefused(CaseError):
    """Not in the case's state, or it would make a second advert of one car."""


class CaseChanged(CaseError):
    """The case changed since it was shown, or another worker has taken it over."""


class RegisterError(KilpiError):
    """A vehicle register gave no vehicle."""

    exit_code = 8
    status = 502


class NotRegistered(RegisterError):
    """The register answered that there is no such mark."""

    exit_code = 9
    status = 404


class RegisterRefused(RegisterError):
    """The register will not answer us: credentials, contract, budget, or a request it rejects."""

    exit_code = 10


class RegisterUnavailable(RegisterError):
    """No usable answer now: time-out, 5xx, malformed reply, or a reply for another car.

    `lasting`: asking again later gives the same, so that a person must look.
    """

    exit_code = 11
    status = 503

    def __init__(self, message: str = "", lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting


def as_kilpi_error(error: Exception, where: str) -> KilpiError:
    """Any exception as one of the tree, for the record of the photo or car (`where`) that it belongs to.

    Of a foreign one only its kind and place are told: its message might hold a mark.
    """
    if isinstance(error, KilpiError):
        return error
    if isinstance(error, OSError):
        return OutputError(f"{where}: the disk or a file refused ({error.strerror or type(error).__name__})")
    frames = extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return Unexpected(
        f"{where}: stopped by a fault of Kilpi's own, {type(error).__name__}{place}; please report it"
    )
