"""Latents from features: a small conditional flow over a model's latents, and a grid drawn from it.

What bounds the time: MOST_STEPS steps of BATCH latents and the small flow of SETTINGS; some 4 s for 64
latents on one core, whatever the number of stamps.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from galforge.core.seeds import derive_seed
from galforge.datasets.conditions import Condition, encode_conditions, fit_conditions
from galforge.evaluation.galaxy_grid import DRAWS, Axes, asked_grid, given_columns
from galforge.evaluation.latent_structure import Whitening, whitening
from galforge.models.conditions import condition_features
from galforge.models.flow_settings import LARGEST_SIZE, FlowSettings
from galforge.models.latent_flow import LatentFlow

SETTINGS: Final = FlowSettings(kind="maf", layers=2, hidden=(64,), share=0.5)
MOST_STEPS: Final = 600
BATCH: Final = 128
RATE: Final = 5e-3  # of Adam
CHECKED: Final = 25  # steps between looks at the validation split
PATIENCE: Final = 6  # looks without an improvement, after which the training ends
WITHHELD: Final = 0.2  # probability that the flow is not told a feature of a galaxy
LEAST: Final = 20  # training galaxies
EVERY: Final = 5  # one of so many training galaxies is held back where there is no validation split


class Known(NamedTuple):
    """The posteriors of galaxies and what is known of them.

    Attributes
    ----------
    mean, deviation : ndarray, shape (N, L)
    catalog : DataFrame of N rows
    split : ndarray of str, shape (N,)
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    catalog: pd.DataFrame
    split: NDArray[np.str_]

    def part(self, chosen: NDArray[np.bool_]) -> "Known":
        """Return some of the galaxies."""
        return Known(self.mean[chosen], self.deviation[chosen], self.catalog[chosen], self.split[chosen])

    def drawn(self, random: np.random.Generator) -> NDArray[np.float64]:
        """Return a draw from each posterior, (N, L)."""
        return np.asarray(self.mean + self.deviation * random.standard_normal(self.mean.shape))


class FittedFlow(NamedTuple):
    """A flow over the principal components of latents, and what it is given."""

    flow: LatentFlow
    white: Whitening
    conditions: tuple[Condition, ...]
    facts: dict[str, Any]

    @torch.no_grad()
    def latents(self, asked: pd.DataFrame, noise: Tensor) -> NDArray[np.float64]:
        """Return the latents (N, L) of galaxies that are asked for, of draws (N, M) from N(0, 1)."""
        features = condition_features(torch.from_numpy(encode_conditions(self.conditions, asked)))
        return self.white.back(self.flow.latents_of(noise, features).double().numpy())


class DrawnGrid(NamedTuple):
    """Latents (N, L) of a grid of galaxies, what was asked of each, facts of the flow; or why not."""

    latents: NDArray[np.float64]
    asked: pd.DataFrame
    facts: dict[str, Any]
    reason: str = ""


def cannot_draw(known: Known, axes: Axes) -> str:
    """Return why no flow can be trained on these galaxies; empty where one can."""
    if axes.reason:
        return axes.reason
    size, count = known.mean.shape[1], int((known.split == "train").sum())
    if size > LARGEST_SIZE:
        return f"there are {size} latents, and a flow takes at most {LARGEST_SIZE}"
    return f"there are only {count} training galaxies" if count < LEAST else ""


def draw_grid(known: Known, axes: Axes, seed: int) -> DrawnGrid:
    """Train a flow, and draw the latents of galaxies over sizes and axis ratios with it.

    Every cell has the same DRAWS draws from N(0, 1): what differs from cell to cell is what was asked.
    """
    reason = cannot_draw(known, axes)
    if reason:
        return DrawnGrid(np.zeros((0, known.mean.shape[1])), pd.DataFrame(), {}, reason)
    fitted = fit_flow(known, axes, seed)
    asked = asked_grid(axes, known.catalog[known.split == "train"])
    generator = torch.Generator().manual_seed(derive_seed(seed, "draws of the grid"))
    noise = torch.randn(DRAWS, fitted.flow.size, generator=generator)
    return DrawnGrid(fitted.latents(asked, noise.repeat(len(asked) // DRAWS, 1)), asked, fitted.facts)


def fit_flow(known: Known, axes: Axes, seed: int) -> FittedFlow:
    """Train a flow on draws from the posteriors of the training galaxies, given what is known of them.

    It ends when the log-likelihood of the validation split no longer grows, and is then that of the best
    look. Features of each galaxy are withheld at random, so that the flow can be asked for some of them
    alone.

    Parameters
    ----------
    known : Known
    axes : Axes
        Without a reason against it.
    seed : int
    """
    random = np.random.default_rng(derive_seed(seed, "flow of physics"))
    train, held = _parts(known)
    columns = given_columns(axes, train.catalog)
    conditions = fit_conditions(columns, train.catalog)
    groups = np.array([columns.index(each.column) for each in conditions])
    told, told_held = (encode_conditions(conditions, part.catalog) for part in (train, held))
    white = whitening(train.drawn(random))
    with torch.random.fork_rng(devices=[]):  # zuko draws weights and orders from torch's own stream
        torch.manual_seed(derive_seed(seed, "weights of the flow of physics"))
        flow = LatentFlow(len(white.widths), 2 * len(conditions), SETTINGS)
    flow.standardise(torch.zeros(2, flow.size) + torch.tensor([[-1.0], [1.0]]))  # components are standardised
    judged = (_tensor(white.forward(held.drawn(random))), condition_features(_tensor(told_held)))
    untold = condition_features(torch.full_like(_tensor(told_held), torch.nan))

    optimizer = torch.optim.Adam(flow.parameters(), lr=RATE)
    best, state, since, steps = _loss(flow, *judged), _copy(flow), 0, 0
    while steps < MOST_STEPS and since < PATIENCE:
        for _ in range(CHECKED):
            rows = random.integers(0, len(train.mean), BATCH)
            asked = told[rows].copy()
            asked[(random.random((BATCH, len(columns))) < WITHHELD)[:, groups]] = np.nan
            latents = train.mean[rows] + train.deviation[rows] * random.standard_normal(
                (BATCH, train.mean.shape[1])
            )
            loss = -flow.log_probability(
                _tensor(white.forward(latents)), condition_features(_tensor(asked))
            ).mean()
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(flow.parameters(), 10.0)
            optimizer.step()
        steps += CHECKED
        found = _loss(flow, *judged)
        since = 0 if found < best else since + 1
        if found < best:
            best, state = found, _copy(flow)
    flow.load_state_dict(state)
    facts = {
        "given": columns, "trained": len(train.mean), "steps": steps,
        "validation_loss": best, "validation_loss_untold": _loss(flow, judged[0], untold),
    }  # fmt: skip
    return FittedFlow(flow.eval(), white, conditions, facts)


def _parts(known: Known) -> tuple[Known, Known]:
    """Return the training galaxies and those that end the training."""
    train = known.part(known.split == "train")
    held = known.part(known.split == "validation")
    if len(held.mean) >= LEAST // EVERY:
        return train, held
    every = np.arange(len(train.mean)) % EVERY == 0
    return train.part(~every), train.part(every)


def _tensor(values: NDArray[Any]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))


@torch.no_grad()
def _loss(flow: LatentFlow, latents: Tensor, features: Tensor) -> float:
    value = float(-flow.log_probability(latents, features).mean())
    return value if np.isfinite(value) else float("inf")


def _copy(flow: LatentFlow) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in flow.state_dict().items()}
