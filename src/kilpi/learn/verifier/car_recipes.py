"""What composed cars are like: as a dealer's for tests, harder for training, and a blend for calibration."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class CarRecipe:
    """What the cars are like. Shares are of all cars, or of a car's photos."""

    photos: tuple[int, int] = (3, 8)
    shown: float = 0.6  # of a car's photos that show its plate; at least one does
    trade: float = 0.05  # of cars that wear a trade plate
    bare: float = 0.05  # of cars without a plate
    behind: float = 0.35  # of photos with a plate of a neighbour
    lettered: float = 0.2  # of photos with words or signs that are no plates
    soiled: float = 0.2  # of plates that are dirty, in all photos alike
    strength: float = 0.5  # the hardest `degrade`
    widths: tuple[float, float] = (90.0, 320.0)  # of the car's own plate, pixels, as far as photos allow
    replaced: float = 64.0  # pixels of the real plate that the car's own takes the place of, at least
    share: tuple[float, float] = (0.07, 0.4)  # of the photo's width that the plate takes
    longest: int = 800  # pixels of a photo's width
    countries: tuple[tuple[str, float], ...] = (
        ("FI", 0.6), ("SE", 0.1), ("NO", 0.06), ("EE", 0.06), ("DK", 0.03), ("LV", 0.02), ("LT", 0.02),
        ("AX", 0.02), ("DE", 0.05), ("PL", 0.02), ("NL", 0.02),
    )  # fmt: skip
    rare: float = 0.05  # of plates of a series drawn alike often, not by its prior


DEALER = CarRecipe()
# For the verifier's training: everything harder, and hardly a photo without the plate.
HARD = CarRecipe(
    photos=(2, 4), shown=0.97, trade=0.02, bare=0.05, behind=0.25, soiled=0.35, strength=0.85,
    widths=(44.0, 240.0), replaced=36.0, share=(0.1, 0.5), longest=480, rare=0.2,
)  # fmt: skip
# For calibration and threshold: like a dealer's cars, without the photos that would teach nothing.
CALIBRATION = replace(DEALER, photos=(2, 5), shown=0.8, trade=0.02, longest=640)
