"""One training loop for all nets: a model, batches, a loss, and one dial, the minutes.

Schedule and warm-up follow from the minutes: the learning rate rises over the first 3 % of the time and falls
as a cosine to zero at its end. A run lives in a folder: `last.pt` (written whole or not at all, every few
minutes, and at Ctrl-C or SIGTERM), `curves.csv` (a row each time) and `run.json` (what was asked for). A
stopped or killed run goes on with `resume`.
"""

from __future__ import annotations

import copy
import csv
import io
import json
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn

from kilpi.errors import Stopped, UsageError, WeightsError
from kilpi.files import write_whole
from kilpi.learn.data_parallel import Batch, Replicas, parts_for
from kilpi.signals import stopped_by_signals

StepLoss = Callable[[nn.Module, Batch], Tensor]
Measure = Callable[[nn.Module], dict[str, float]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How one run trains. `minutes` is the dial; the rest seldom needs a hand."""

    minutes: float
    out: Path
    seed: int = 0
    device: str = "auto"  # "auto", "cpu", "cuda", "cuda:1", "mps"
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    warm_up: float = 0.03  # part of the time
    averaging: float = 0.998  # decay of the weights' moving average, which is what ships
    save_every_s: float = 240.0
    resume: Path | None = None  # a run folder, or its last.pt
    quiet: bool = False


@dataclass
class State:
    """Where a run is. Seconds are training seconds, over all its resumptions."""

    step: int = 0
    seconds: float = 0.0
    samples: int = 0
    rows: list[dict[str, float]] = field(default_factory=list)


def seed_all(seed: int) -> None:
    """Seeds torch and numpy's global generators. Same seed, same machine, same step count: same weights."""
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)


def pick_device(name: str) -> torch.device:
    """`auto` is CUDA, then Apple's MPS, then the CPU. Raises UsageError for one that is not there."""
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise UsageError(f"device {name!r} cannot be used here; try --device auto or cpu") from error
    return device


def learning_rate(plan: Plan, part: float) -> float:
    """The rate when `part` (0..1) of the time is over."""
    if part < plan.warm_up:
        return plan.learning_rate * max(part / plan.warm_up, 0.01)
    rest = (part - plan.warm_up) / (1 - plan.warm_up)
    return plan.learning_rate * 0.5 * (1 + math.cos(math.pi * min(rest, 1.0)))


class Average:
    """A moving average of a net's weights; early on it follows faster."""

    def __init__(self, net: nn.Module, decay: float) -> None:
        self.net = copy.deepcopy(net).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def follow(self, net: nn.Module, step: int) -> None:
        """Moves towards `net` after optimiser step number `step`."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for mine, theirs in zip(self.net.state_dict().values(), net.state_dict().values(), strict=True):
            if mine.dtype.is_floating_point:
                mine.lerp_(theirs.detach(), 1 - decay)
            else:
                mine.copy_(theirs)


def save_whole(state: dict[str, Any], path: Path) -> None:
    """Writes a checkpoint so that a kill leaves the old one or the new one, never half of one. OSError."""
    made = io.BytesIO()  # torch's own writer says nothing of a full disk
    torch.save(state, made)
    write_whole(path, made.getvalue())


def load_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint of this module, from its file or run folder. Raises WeightsError where it is none."""
    file = path / "last.pt" if path.is_dir() else path
    try:
        state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
        assert {"net", "average", "step", "seconds"} <= set(state)
    except FileNotFoundError as error:
        raise WeightsError(f"no checkpoint at {file}; give a run folder that holds last.pt") from error
    except Exception as error:
        raise WeightsError(f"{file} is no checkpoint of a Kilpi training") from error
    return state


def begin_run(folder: Path, asked: dict[str, Any]) -> None:
    """Makes a run folder and notes in run.json what the run was asked for."""
    write_whole(folder / "run.json", json.dumps(asked, indent=2, default=str).encode())


def asked_of(folder: Path) -> dict[str, Any]:
    """What a run was asked for. Raises UsageError where the folder is none of a run."""
    try:
        asked: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return {**asked, "net": asked["net"]}
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"{folder} is no run folder of such a training (no run.json in it)") from error


class Run:
    """One training: the net, its optimiser, its average, its clock and its folder."""

    def __init__(self, net: nn.Module, plan: Plan) -> None:
        self.plan = plan
        self.device = pick_device(plan.device)
        self.net = net.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        learnt = [p for p in self.net.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": [p for p in learnt if p.ndim > 1], "weight_decay": plan.weight_decay},
                {"params": [p for p in learnt if p.ndim <= 1], "weight_decay": 0.0},
            ],
            lr=plan.learning_rate,
        )
        self.average = Average(self.net, plan.averaging)
        self.state = State()
        self.replicas: Replicas | None = None  # made with the first batch, whose size decides how many
        if plan.resume is not None:
            self.restore(load_checkpoint(plan.resume))

    def restore(self, saved: dict[str, Any]) -> None:
        """Goes on where a checkpoint stopped: weights, optimiser, average, clock."""
        self.net.load_state_dict(saved["net"])
        self.average.net.load_state_dict(saved["average"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.state = State(saved["step"], saved["seconds"], saved["samples"], saved["rows"])

    def save(self) -> None:
        """Writes `last.pt` and `curves.csv`."""
        save_whole(
            {
                "net": self.net.state_dict(),
                "average": self.average.net.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "step": self.state.step,
                "seconds": self.state.seconds,
                "samples": self.state.samples,
                "rows": self.state.rows,
            },
            self.plan.out / "last.pt",
        )
        if self.state.rows:
            names = list(dict.fromkeys(name for row in self.state.rows for name in row))
            with (self.plan.out / "curves.csv").open("w", newline="") as file:
                writer = csv.DictWriter(file, names)
                writer.writeheader()
                writer.writerows(self.state.rows)

    def take_step(self, batch: Batch, loss_of: StepLoss) -> float:
        """One optimiser step -> the loss."""
        rate = learning_rate(self.plan, self.state.seconds / (self.plan.minutes * 60))
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        if self.replicas is None:
            self.replicas = Replicas(self.net, parts_for(len(batch[0]), self.device))
        loss = self.replicas.backward(tuple(t.to(self.device, non_blocking=True) for t in batch), loss_of)
        nn.utils.clip_grad_norm_(self.net.parameters(), 10.0)
        self.optimiser.step()
        self.average.follow(self.net, self.state.step)
        self.state.step += 1
        self.state.samples += len(batch[0])
        return loss


def train(
    net: nn.Module, batches: Iterable[Batch], loss_of: StepLoss, plan: Plan, measure: Measure | None = None
) -> nn.Module:
    """Trains for `plan.minutes` and gives the averaged net, on the CPU, in eval mode.

    `batches` must not end. `measure` is called on the averaged net with every checkpoint; its numbers go into
    the curves. Raises UsageError where a device is missing, WeightsError where a checkpoint cannot be used,
    Stopped after Ctrl-C or SIGTERM, with the checkpoint written.
    """
    run = Run(net, plan)
    plan.out.mkdir(parents=True, exist_ok=True)
    with stopped_by_signals() as over, progress_bar(plan.quiet) as bar:
        task = bar.add_task("training", total=plan.minutes * 60, completed=int(run.state.seconds), loss="")
        for loss in steps(run, until(over, ahead(batches), run), loss_of, measure):
            bar.update(task, completed=run.state.seconds, loss=f"loss {loss:.3f}")
    result: nn.Module = run.average.net.to("cpu")
    return result.eval()


def ahead(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The same batches, each made by a second thread while the one before it is learnt from."""
    source = iter(batches)
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, source)
        while True:
            batch = coming.result()
            coming = thread.submit(next, source)
            yield batch


def until(over: threading.Event, batches: Iterator[Batch], run: Run) -> Iterator[Batch]:
    """The same batches until a signal came; then the run is saved, and Stopped raised.

    Ctrl-C ends the processes that make the batches as well, so that none may come any more.
    """
    while True:
        try:
            batch = None if over.is_set() else next(batches)
        except Exception:
            if not over.is_set():
                raise
            batch = None
        if batch is None:
            run.save()
            done, total = run.state.seconds / 60, run.plan.minutes
            raise Stopped(f"stopped after {done:.1f} of {total:g} minutes; kept in {run.plan.out}")
        yield batch


def steps(run: Run, batches: Iterator[Batch], loss_of: StepLoss, measure: Measure | None) -> Iterator[float]:
    """Steps until the time is over, saving on the way and at the end; yields the smoothed loss."""
    total, saved_at = run.plan.minutes * 60, run.state.seconds
    smooth: float | None = None
    while run.state.seconds < total:
        begin = time.monotonic()
        loss = run.take_step(next(batches), loss_of)
        if not math.isfinite(loss):
            raise WeightsError(f"the loss is {loss} at step {run.state.step}; try a lower learning rate")
        run.state.seconds += time.monotonic() - begin
        smooth = loss if smooth is None else 0.98 * smooth + 0.02 * loss
        if run.state.seconds - saved_at >= run.plan.save_every_s or run.state.seconds >= total:
            saved_at = run.state.seconds
            row = {
                "minutes": saved_at / 60,
                "step": run.state.step,
                "samples": run.state.samples,
                "loss": smooth,
            }
            run.state.rows.append(row | (measure(run.average.net) if measure else {}))
            run.save()
        yield smooth


def progress_bar(quiet: bool) -> Progress:
    """A bar with the loss and the time left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[loss]}"),
        TimeRemainingColumn(),
        disable=quiet,
    )
