"""All galaxies of a simulated survey: what they are, and their images."""

import contextlib
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from galforge.simulation.galaxy import Galaxy
from galforge.simulation.galaxy_image import GalaxyImage, draw_galaxy_image
from galforge.simulation.point_spread_function import draw_point_spread_function
from galforge.simulation.population import draw_galaxy
from galforge.simulation.population_settings import PopulationSettings

_GALAXIES_PER_TASK = 20

Draw = Callable[[Iterable[Galaxy]], Iterator[GalaxyImage]]


class Simulation(PopulationSettings):
    """What a survey is made of, and the seed of every random draw."""

    seed: int

    def galaxies(self) -> list[Galaxy]:
        """Return the galaxies; each is a function of the seed and its number."""
        return [self.galaxy(number) for number in range(self.count)]

    def galaxy(self, number: int) -> Galaxy:
        """Return one galaxy, by its number from 0."""
        return draw_galaxy(self.seed, number, self.magnitude_limit, self.companion_fraction, self.psf_count)

    def point_spread_functions(self) -> list[NDArray[np.float64]]:
        """Return their images, which the galaxies name by number."""
        return [draw_point_spread_function(self.seed, number) for number in range(self.psf_count)]


@contextlib.contextmanager
def drawing(seed: int, bank: list[NDArray[np.float64]], processes: int) -> Iterator[Draw]:
    """Give a function that draws galaxies in their order; the images do not depend on ``processes``.

    Parameters
    ----------
    seed : int
        Seed of the survey.
    bank : list of ndarray
        Its point spread functions.
    processes : int
        That draw side by side.
    """
    with _mapper(processes) as map_tasks:

        def draw(galaxies: Iterable[Galaxy]) -> Iterator[GalaxyImage]:
            drawn = list(galaxies)
            psfs = [bank[galaxy.point_spread_function] for galaxy in drawn]
            return map_tasks(partial(draw_galaxy_image, seed), drawn, psfs)

        yield draw


@contextlib.contextmanager
def _mapper(processes: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """Give a function like ``map``, in order, over some processes."""
    if processes == 1:
        yield map
        return
    # A forked process would inherit the state of threads that do not run in it.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as executor:
        yield partial(executor.map, chunksize=_GALAXIES_PER_TASK)
