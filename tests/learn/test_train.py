import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kilpi.errors import Stopped, UsageError, WeightsError
from kilpi.learn.data_parallel import Batch
from kilpi.learn.train import Plan, Run, learning_rate, load_checkpoint, pick_device, seed_all, train


def line(seed: int = 0) -> Iterator[Batch]:
    generator = torch.Generator().manual_seed(seed)
    while True:
        x = torch.rand(32, 2, generator=generator)
        yield x, x @ torch.tensor([[2.0], [-1.0]]) + 0.5


def loss_of(net: nn.Module, batch: Batch) -> Tensor:
    x, y = batch
    return F.mse_loss(net(x).float(), y)


def plan(folder: Path, seconds: float = 1.0, save_every_s: float = 60.0, resume: Path | None = None) -> Plan:
    return Plan(
        seconds / 60,
        folder,
        learning_rate=0.05,
        averaging=0.9,
        save_every_s=save_every_s,
        resume=resume,
        quiet=True,
    )


def test_it_learns_and_leaves_curves(tmp_path: Path) -> None:
    seed_all(1)
    measured: list[nn.Module] = []

    def measure(net: nn.Module) -> dict[str, float]:
        measured.append(net)
        return {"recall": 0.5}

    net = train(nn.Linear(2, 1), line(), loss_of, plan(tmp_path), measure)
    assert float(loss_of(net, next(line(9)))) < 0.02
    rows = (tmp_path / "curves.csv").read_text().splitlines()
    assert rows[0] == "minutes,step,samples,loss,recall" and measured
    assert not net.training and not list(tmp_path.glob("*.part"))


def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    def dies(after: int) -> Iterator[Batch]:
        for i, batch in enumerate(line()):
            if i == after:
                raise Killed
            yield batch

    asked = plan(tmp_path, 1.0, save_every_s=0.0)
    with pytest.raises(Killed):
        train(nn.Linear(2, 1), dies(20), loss_of, asked)
    before = load_checkpoint(tmp_path)
    assert before["step"] == 20 and 0 < before["seconds"] < 1
    again = Run(nn.Linear(2, 1), plan(tmp_path, resume=tmp_path))
    assert again.state.step == 20 and again.state.seconds == before["seconds"]
    assert torch.equal(again.net.state_dict()["weight"], before["net"]["weight"])
    train(nn.Linear(2, 1), line(), loss_of, plan(tmp_path, resume=tmp_path))
    assert load_checkpoint(tmp_path)["step"] > 20


def test_the_rate_rises_and_falls(tmp_path: Path) -> None:
    asked = plan(tmp_path)
    rates = [learning_rate(asked, part / 100) for part in range(101)]
    assert rates[0] < rates[3] == max(rates) == pytest.approx(0.05)
    assert rates[3:] == sorted(rates[3:], reverse=True) and rates[-1] == pytest.approx(0)


def test_same_seed_same_steps(tmp_path: Path) -> None:
    results = []
    for name in "ab":
        seed_all(5)
        run = Run(nn.Linear(2, 1), plan(tmp_path / name))
        batches = line()
        for _ in range(5):
            run.take_step(next(batches), loss_of)
        results.append(run.net.state_dict()["weight"])
    assert torch.equal(*results)


def test_a_loss_that_is_no_number_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="learning rate"):
        train(nn.Linear(2, 1), line(), lambda net, batch: loss_of(net, batch) * float("nan"), plan(tmp_path))


def test_a_device_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="--device"):
        pick_device("cuda:99")
    assert pick_device("cpu").type == "cpu"


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_what_is_no_checkpoint(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "last.pt").write_bytes(content)
    with pytest.raises(WeightsError, match="no checkpoint"):
        load_checkpoint(tmp_path)
    with pytest.raises(WeightsError, match="no checkpoint"):
        load_checkpoint(tmp_path / "elsewhere")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_keeps_what_it_learnt_and_goes_on(tmp_path: Path, number: signal.Signals) -> None:
    def told(after: int) -> Iterator[Batch]:
        """Ctrl-C ends what makes the batches as well."""
        for i, batch in enumerate(line()):
            if i == after:
                signal.raise_signal(number)
                raise RuntimeError("the worker is gone")
            yield batch

    with pytest.raises(Stopped, match=f"kept in {tmp_path}"):
        train(nn.Linear(2, 1), told(20), loss_of, plan(tmp_path, 60.0))
    kept = load_checkpoint(tmp_path)
    assert 15 <= kept["step"] <= 20
    rest = plan(tmp_path, kept["seconds"] + 0.2, resume=tmp_path)
    train(nn.Linear(2, 1), line(), loss_of, rest)
    assert load_checkpoint(tmp_path)["step"] > kept["step"]
