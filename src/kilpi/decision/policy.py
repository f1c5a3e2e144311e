"""Every number by which a decision is made. They were chosen for one set of weights, and travel with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from kilpi.errors import WeightsError

RETIRED = frozenset({"blank"})  # numbers of earlier versions' cards that nothing asks for any more


@dataclass(frozen=True, slots=True)
class DecisionPolicy:
    """The thresholds of a decision, kept in the verifier's card under `policy`.

    The defaults are those of cards that were written before cards had a policy; recipes/LOG.md says what
    each was chosen on.
    """

    # The least calibrated probability that a mark is right.
    p: float
    tied: float = 0.0  # the least p that a read must come to with what ties it to its car; never below `p`
    # Score of a mark's weakest character in the two photos that show it best (`CharacterFeatures.best`). p
    # is calibrated on composed cars and promised more than it held on photos of other places; of the marks
    # that it took wrongly nearly all had one character that was not sure, or had lost one.
    weakest: float = 0.93
    weakest_diacritic: float = 0.95  # the same for an A where the series also has Å: a ring is lost first
    left_out: float = 0.1  # score of a character in a place that was taken for empty
    # Part of the photo's width: what is narrower in every photo may be a car behind.
    narrowest: float = 0.06
    # Least prominence, in the photo where it is highest, of a plate that one photo shows (nothing else says
    # whose it is) and of one that several do. The second stops 1 of 8,327 right calibration cars and 2 of 5
    # wrong ones.
    aside: float = 0.1
    aside_often: float = 0.07
    # Ratios of prominence, found on composed cars, where they cost little (docs/how-it-decides.md).
    rival: float = 0.6  # from this part of the main plate's another plate may be the subject's as well
    larger: float = 1.5  # an unread plate so much more prominent than the one read may be the subject's
    rival_p: float = 0.5  # calibrated p from which a rival's mark is taken seriously
    # Of the 8,091 calibration cars of one run that pass, one has another country's mark; with 0.9 and 0.95
    # five of 8,287, and of real plates as cars of three photos, all alike, a few.
    country_seen: float = 0.95  # score of the mark's country where seen best; no photo may see another's so
    country_share: float = 0.99  # share of the mark's country among those with such marks, over all photos
    country_home: float = 0.5  # the same of a country where the cars are at home
    # How a plate is laid out. Costs are sums of squares in standard deviations (`decision.spacing`). Chosen
    # on the folders of `kilpi.evaluation.mishaps` with seed 0 (patch, patch-two, part, clean, clean-short),
    # with the materials that are looked at; then held against real plates (docs/how-it-decides.md).
    clearer: float = 1.3  # by so much a mark must explain the places better than any longer one
    clearer_beside: float = 14.0  # the same where something stands in the place of the supposed character
    # So much more on two rows, and where something lies over a character beside it (recipes/LOG.md, a fresh
    # seed of accidents).
    vague: float = 5.0
    stuff: float = 0.35  # part of the characters' height from which something stands in a gap or margin
    # Plate widths from its left end before which the ground does not end on its right: of 352 real plates and
    # 479 folders without a mishap one in a hundred ends before 0.93 to 0.98.
    ground_end: float = 0.95
    # Heights of a character from an end of the ground to the character there, and part of the ground's width
    # from a character to the next: with less and more, the plate goes on behind something. Two of 1,400
    # accepted drawn marks without a mishap have both, none of 107 Polish plates (recipes/LOG.md).
    no_margin: float = 0.3
    large_cells: float = 0.14
    split: float = 6.0  # by so much a mark must explain the places better than one that is split elsewhere
    odd: float = 0.22  # cells that a character may be away from its place, by several photos
    odd_alone: float = 0.32  # the same by one photo
    # Whether a part of a character is covered (`decision.covered`). Chosen on the folders `part`, `clean` and
    # `clean-short` of seed 0, materials that are looked at, and on 216 composed cars.
    apart: float = 0.125  # heights of a character that two may stand further apart than plates have them
    # The same that one beside a dash may stand further from it than the other: in 38 folders without a mishap
    # 0.055 at most, of rests 0.17 to 0.33 (recipes/LOG.md, characters about a dash).
    off_dash: float = 0.12
    no_room: float = 0.33  # heights of a character between two inks in which no other one, not even I, fits
    # Ink of characters' feet less that of their heads, part of both, from which the feet may be hidden; whole
    # characters have -0.28 at least (accepted drawn marks without a mishap, 254 real ones).
    no_feet: float = -0.3
    unlike: float = 0.4  # logarithm, all photos together, by which a part of another explains it better
    unlike_often: float = 0.15  # the same in half of the photos
    unlike_alone: float = 0.85  # the same where one photo shows it: typefaces differ
    # The same of an I, J or 1 in the median photo, where it has more room at its end of the plate than there
    # is at the other, by so many heights of a character (recipes/LOG.md, half a character).
    as_well: float = -0.15
    lopsided: float = 0.3
    # What the network of `kilpi.plates.hidden_parts` says (`decision.unseen`): scores of the worst character
    # from which something hides it, by the photo that shows it best, by an only photo, and by the median one;
    # below which nothing hides the room above a letter, by every photo; and from which something does, by the
    # median.
    unseen: float = 0.3
    unseen_alone: float = 0.95
    unseen_often: float = 0.7
    room: float = 0.02
    no_roof: float = 0.5
    # Parts of the photo's height between which a car's own plate stands: all 370 labelled plates of
    # dev-dealer, dev-market and dev-press do. Asked where several photos show the plate and it is no
    # close-up.
    highest: float = 0.3
    lowest: float = 0.9
    close_up: float = 0.4  # part of the photo's width from which a plate is a close-up
    # Photos of another car in the folder, chosen on the folders `mix`, `mix-even` and `clean`, seed 0.
    stranger: float = 0.08  # prominence from which a plate that reads otherwise is another car's in front
    surely_other: float = 0.45  # score of the weakest character of a photo that reads another mark
    lead: float = 3.0  # in so many times as many photos the decided mark must be read as another car's
    # Share of the view network from which a photo surely shows a car's front or rear, and from which it
    # probably does (recipes/LOG.md, ends without the plate; p of a plate on the car's own end).
    end: float = 0.9
    likely_end: float = 0.7
    # Least height of a plate on the end that its photo shows, and how far below the end's middle it must be,
    # in photo heights (`kilpi.photos.end_place`); chosen on real own plates (recipes/LOG.md, neighbours).
    on_end: float = 0.4
    below_end: float = -0.2
    # The same for a plate that is surely the car's own: 19 in 20 of the real ones are above both, and 5 of 19
    # plates of other cars (recipes/LOG.md, a plate on the car's own end).
    own_end: float = 0.5
    own_below: float = -0.1
    # From this height on the end it counts for p as no less prominent than so: in the network's bin above
    # `aside`, which a plate needs that nothing ties to the car (recipes/LOG.md, p of a plate on its own end).
    own_high: float = 0.6
    own_prominence: float = 0.12
    # Places where a car wears its plate and none is seen (`decision.places`): the score from which one surely
    # is some, and how wide it must be, plate widths: where the plate that was read is at such a place itself,
    # and where it is not (recipes/LOG.md, where a car wears its plate).
    place: float = 0.5
    empty_wide: float = 0.8
    empty_beside: float = 0.6
    # Share of a front or rear from which a photo's widest place says whose plate is there: in a photo of a
    # car's side it may be a neighbour's.
    led_end: float = 0.4
    beside: float = 0.5  # part of the photos that show an end, from which beside it in so many is a doubt
    longer: float = 0.5  # score of the weakest character from which a longer reading counts
    at_edge: float = 0.08  # plate widths from the photo's left or right edge: a plate may go on beyond it

    @classmethod
    def from_card(cls, thresholds: Mapping[str, float], policy: Mapping[str, Any]) -> DecisionPolicy:
        """The policy of a verifier's card. Raises WeightsError where it holds what is no number of ours."""
        known = {field.name for field in fields(cls)}
        policy = {key: value for key, value in policy.items() if key not in RETIRED}
        if unknown := sorted(set(policy) - known):
            raise WeightsError(
                f"the verifier's card has a policy of another version ({', '.join(unknown)}); train it again"
            )
        try:
            return cls(**{"p": float(thresholds["p"])} | {key: float(value) for key, value in policy.items()})
        except (KeyError, TypeError, ValueError) as error:
            raise WeightsError(f"the verifier's card lacks {error}; train it again") from None

    def as_card(self) -> dict[str, float]:
        """For a card; `p` stands among its thresholds as well."""
        return asdict(self)


USUAL = DecisionPolicy(p=1.0)  # where no card gives one: of its numbers those are asked for that need no p
