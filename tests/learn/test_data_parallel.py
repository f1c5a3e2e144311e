import copy

import pytest
import torch
from torch import Tensor, nn

from kilpi.learn.data_parallel import Batch, Replicas, parts_for


def loss_of(net: nn.Module, batch: Batch) -> Tensor:
    x, y = batch
    return torch.nn.functional.mse_loss(net(x).float(), y)


@pytest.fixture(autouse=True)
def threads_as_before():  # type: ignore[no-untyped-def]
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def batch_of(n: int) -> Batch:
    generator = torch.Generator().manual_seed(3)
    return torch.rand(n, 5, generator=generator), torch.rand(n, 2, generator=generator)


@pytest.mark.parametrize("n", [48, 47, 2])
def test_parts_give_the_gradients_of_the_whole(n: int) -> None:
    torch.manual_seed(0)
    whole = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 2))
    shared = copy.deepcopy(whole)
    loss = Replicas(whole, 1).backward(batch_of(n), loss_of)
    in_parts = Replicas(shared, 3).backward(batch_of(n), loss_of)
    assert in_parts == pytest.approx(loss, rel=0.02)  # bfloat16, where the CPU has it
    for mine, theirs in zip(shared.parameters(), whole.parameters(), strict=True):
        assert mine.grad is not None and theirs.grad is not None
        torch.testing.assert_close(mine.grad, theirs.grad, rtol=0.05, atol=0.01)


def test_a_step_moves_every_replica() -> None:
    net = nn.Linear(5, 2)
    replicas = Replicas(net, 2)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.5)
    replicas.backward(batch_of(32), loss_of)
    optimiser.step()
    x = torch.rand(3, 5)
    torch.testing.assert_close(replicas.nets[1](x), net(x))


def test_frozen_weights_stay_without_gradients() -> None:
    net = nn.Sequential(nn.Linear(5, 4), nn.Linear(4, 2))
    net[0].requires_grad_(False)
    Replicas(net, 2).backward(batch_of(32), loss_of)
    assert net[0].weight.grad is None and net[1].weight.grad is not None


def test_small_batches_stay_whole() -> None:
    assert parts_for(8, torch.device("cpu")) == 1
    assert parts_for(64, torch.device("meta")) == 1
    assert 1 <= parts_for(1000, torch.device("cpu")) <= 4
