import numpy as np

from kilpi.learn.stock import Stock


def test_a_stock_fills_and_is_then_seldom_renewed() -> None:
    drawn: list[int] = []

    def draw(rng: np.random.Generator) -> int:
        drawn.append(len(drawn))
        return drawn[-1]

    stock, rng = Stock(draw, 5, 0.1), np.random.default_rng(0)
    assert [stock(rng) for _ in range(5)] == [0, 1, 2, 3, 4]
    given = [stock(rng) for _ in range(200)]
    assert len(stock.things) == 5 and 5 < len(drawn) < 50
    assert len(set(given)) > 4
