"""What `import kilpi` promises; a name may be added here, and is taken away only with a new major version."""

from __future__ import annotations

import kilpi


def test_public_names() -> None:
    assert set(kilpi.__all__) == {
        "Car", "Decision", "FileRegister", "Kilpi", "KilpiError", "Listing", "Mark", "Offer", "Photo",
        "PhotoRead", "Picture", "Plate", "Reading", "Reason", "Sighting", "Vehicle", "Verdict", "open_photo",
    }  # fmt: skip
    assert all(hasattr(kilpi, name) for name in kilpi.__all__)
