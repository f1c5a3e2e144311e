"""What the reader is taught by: its slots above all, and on rendered plates also where every character
stands.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from kilpi.learn.reader.crop_pool import UNKNOWN, UNSEEN
from kilpi.learn.reader.net import LINES, TOKENS, ReaderOutput
from kilpi.plates.alphabet import BLANK, SLOTS

BETWEEN = 0.3  # weight of a column between characters, of which there are three times as many


class ReaderLoss(NamedTuple):
    """Each part as a mean over what it is about; `total` is what is learnt from."""

    total: Tensor
    slots: Tensor
    columns: Tensor
    places: Tensor
    beginnings: Tensor
    country: Tensor
    strip: Tensor
    rows: Tensor


def reader_loss(
    out: ReaderOutput, slots: Tensor, columns: Tensor, country: Tensor, rows: Tensor
) -> ReaderLoss:
    """`slots` (n, SLOTS) classes, `columns` (n, TOKENS) as from `columns_of`, `country` and `rows` (n,)
    classes.
    """
    by_slot = F.cross_entropy(out.slots.float().flatten(0, 1), slots.flatten())
    drawn = columns[:, 0] != UNSEEN
    parts = [by_slot]
    if bool(drawn.any()):
        owners, classes = columns[drawn], slots[drawn]
        parts += [
            of_columns(out.columns[drawn], owners, classes),
            of_places(out.places[drawn], owners, classes),
            of_beginnings(out.beginnings[drawn], owners),
        ]
    else:
        parts += [by_slot.new_zeros(())] * 3
    parts.append(masked(out.country, country))
    # By itself too: beside what the whole plate tells of its country the strip was never learnt to be read.
    parts.append(masked(out.strip, country))
    parts.append(masked(out.rows, rows))
    weights = (1.0, 0.5, 0.5, 0.5, 0.3, 0.3, 0.1)
    total = sum((w * p for w, p in zip(weights, parts, strict=True)), by_slot.new_zeros(()))
    return ReaderLoss(total, *parts)


def of_columns(scores: Tensor, owners: Tensor, classes: Tensor) -> Tensor:
    """What each column shows: its character, or nothing."""
    shown = torch.where(owners >= 0, classes.gather(1, owners.clamp(min=0)), BLANK)
    weight = torch.ones(scores.shape[2], device=scores.device)
    weight[BLANK] = BETWEEN
    return F.cross_entropy(scores.float().flatten(0, 1), shown.flatten(), weight)


def of_places(scores: Tensor, owners: Tensor, classes: Tensor) -> Tensor:
    """Where each slot looks: at its character's columns alike, or nowhere."""
    mine = (owners[:, None, :] == torch.arange(SLOTS, device=owners.device)[None, :, None]).float()
    nowhere = (classes == BLANK).float()[..., None]
    target = torch.cat([mine * (1 - nowhere), nowhere], dim=2)
    target = target / target.sum(dim=2, keepdim=True).clamp(min=1e-6)
    return -(target * torch.log_softmax(scores.float(), dim=2)).sum(dim=2).mean()


def of_beginnings(scores: Tensor, owners: Tensor) -> Tensor:
    """In which columns a character begins."""
    lines = owners.reshape(-1, LINES, TOKENS // LINES)
    before = F.pad(lines, (1, 0), value=-1)[..., :-1]
    begins = ((lines >= 0) & (lines != before)).float().flatten(1)
    return F.binary_cross_entropy_with_logits(
        scores.float(), begins, pos_weight=scores.new_tensor(4.0).float()
    )


def masked(scores: Tensor, classes: Tensor) -> Tensor:
    """Cross entropy over the crops whose class is known."""
    known = classes != UNKNOWN
    if not bool(known.any()):
        return scores.new_zeros(()).float()
    return F.cross_entropy(scores[known].float(), classes[known])
