"""What a shear measurement makes of real, generated and parametric galaxies: its bias for each.

Each galaxy is drawn three times over: from the survey's own image (galsim.RealGalaxy), from a model that is
asked for its catalogue's values, and from its single-Sersic fit. Each is rotated by 0, 45, 90 and 135
degrees, which cancels its own shape and most of what its response to a shear has to do with it, sheared by
+g1 and -g1, seen through a PSF and measured by re-Gaussianization (Hirata & Seljak 2003, galsim.hsm). The
mean response over the shear that was applied, less 1, is m; what is measured without shear is c.
"""

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

import galsim
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.core.progress import Progress, announce
from galforge.core.seeds import derive_seed
from galforge.evaluation.parametric_control import fitted_profile, usable_fits
from galforge.galsim.galaxies import GeneratedGalaxies
from galforge.lensing.shear_settings import Shear
from galforge.survey.manifest import read_manifest
from galforge.survey.reading import open_survey

SURVEY: Final = "survey"
KINDS: Final = (SURVEY, "generated", "parametric")
NOT_MEASURED, NOT_RESOLVED = "not measured", "not resolved"
COLUMNS: Final = (
    "kind", "galaxies", "m", "m_error", "c1", "c1_error", "c2", "c2_error", "apart", "apart_error",
)  # fmt: skip
_CASES: Final = [(angle, sign) for angle in (0, 45, 90, 135) for sign in (1, -1)]
_SIGNS: Final = np.array([sign for _, sign in _CASES])

Shapes = NDArray[np.float64]
"""Distortions e1, e2 of a galaxy in each case, (8, 2)."""


class Origins(NamedTuple):
    """Where galaxies come from.

    Attributes
    ----------
    manifest : Path
        Of the survey.
    model : Path or str
        Folder of a model in flux, or the name of the one that comes with galforge.
    seed : int
        With a galaxy's identifier, the chance of the model's.
    """

    manifest: Path
    model: Path | str
    seed: int


def measured(profile: galsim.GSObject, settings: Shear) -> tuple[Shapes, float] | str:
    """Return the distortions and the resolution of a galaxy without PSF, or why there are none."""
    side, scale = settings.size, settings.pixel_scale
    psf = galsim.Kolmogorov(fwhm=settings.psf_fwhm).shear(g1=settings.psf_shear[0], g2=settings.psf_shear[1])
    seen = psf.drawImage(nx=side, ny=side, scale=scale)
    shapes, resolution = [], []
    for angle, sign in _CASES:
        galaxy = profile.rotate(angle * galsim.degrees).shear(g1=sign * settings.shear)
        image = galsim.Convolve(galaxy, psf).drawImage(nx=side, ny=side, scale=scale)
        found = galsim.hsm.EstimateShear(image, seen, shear_est="REGAUSS", strict=False)
        if found.correction_status != 0 or not np.hypot(found.corrected_e1, found.corrected_e2) < 2:
            return NOT_MEASURED
        shapes.append((found.corrected_e1, found.corrected_e2))
        resolution.append(found.resolution_factor)
    resolved = float(np.mean(resolution))
    return (np.array(shapes), resolved) if resolved >= settings.least_resolution else NOT_RESOLVED


_OPEN: dict[str, Any] = {}  # in each process: what galaxies are drawn from, and the settings


def _open_all(origins: Origins, settings: Shear) -> None:
    galsim.set_omp_threads(1)
    survey = open_survey(read_manifest(origins.manifest))
    generated = GeneratedGalaxies(origins.model, beyond=True)
    _OPEN.update(survey=survey, generated=generated, seed=origins.seed, settings=settings)


def _measure_galaxy(galaxy: pd.Series) -> dict[str, Shapes | str]:
    generated: GeneratedGalaxies = _OPEN["generated"]
    asked = {name: float(galaxy[name]) for name in generated.columns}
    drawn: tuple[Callable[[], galsim.GSObject], ...] = (
        lambda: galsim.RealGalaxy(_OPEN["survey"].real_cat, index=int(galaxy["survey_row"])),
        lambda: generated.numbered(int(galaxy["identifier"]), asked, seed=_OPEN["seed"]),
        lambda: fitted_profile(galaxy),
    )
    return {kind: _shapes(draw, _OPEN["settings"]) for kind, draw in zip(KINDS, drawn, strict=True)}


def _shapes(draw: Callable[[], galsim.GSObject], settings: Shear) -> Shapes | str:
    """Return the distortions of a galaxy, or why there are none."""
    try:
        found = measured(draw(), settings)
    except galsim.GalSimError as error:  # no light, or more of it than a Fourier transform can hold
        announce(f"WARNING: a galaxy is {NOT_MEASURED}: {' '.join(str(error).split())}")
        return NOT_MEASURED
    return found if isinstance(found, str) else found[0]


def galaxies_of(catalog: pd.DataFrame, model: Path | str, count: int, seed: int) -> list[pd.Series]:
    """Return random rows of a dataset's catalogue that all three kinds of galaxies can be drawn from.

    As many as are asked for, or all that there are.

    Raises
    ------
    InputError
        If the catalogue lacks a column that one of the kinds needs.
    """
    asked = list(GeneratedGalaxies(model).columns)
    if missing := [name for name in ("survey_row", "identifier", *asked) if name not in catalog]:
        raise InputError(f"the catalogue has no {missing[0]}; allowed: a dataset of a rendered survey")
    galaxies = usable_fits(catalog)
    galaxies = galaxies[galaxies[asked].notna().all(axis=1)]
    order = np.random.default_rng(derive_seed(seed, "galaxies")).permutation(len(galaxies))
    return [galaxies.iloc[row] for row in order[:count]]


def measure_kinds(
    galaxies: Sequence[pd.Series], origins: Origins, settings: Shear, threads: int = 1
) -> list[dict[str, Shapes | str]]:
    """Return what is measured of each galaxy of each kind, the same for any number of processes."""
    progress = Progress("Measuring shears", len(galaxies), "galaxies")
    found = []
    # Not forked: threads of torch and OpenMP are missing in a fork.
    with ProcessPoolExecutor(
        threads,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_open_all,
        initargs=(origins, settings),
    ) as processes:
        for each in processes.map(_measure_galaxy, galaxies, chunksize=10):
            found.append(each)
            progress.advance()
    return found


def bias_table(found: Sequence[Mapping[str, Shapes | str]], settings: Shear) -> pd.DataFrame:
    """Return the biases of galaxies that are measured in all kinds, and how many of each kind are not.

    Returns
    -------
    DataFrame
        One row per kind: :data:`COLUMNS`, and how many of this kind are not measured or not resolved. The
        biases are NaN where fewer than two galaxies are measured in all kinds.
    """
    everywhere = [row for row in found if not any(isinstance(value, str) for value in row.values())]
    if len(everywhere) < 2:
        table = pd.DataFrame({"kind": KINDS, "galaxies": len(everywhere)}).reindex(columns=list(COLUMNS))
    else:
        table = biases({kind: np.array([row[kind] for row in everywhere]) for kind in KINDS}, settings.shear)
    for reason in (NOT_MEASURED, NOT_RESOLVED):
        counts = [sum(isinstance(row[kind], str) and row[kind] == reason for row in found) for kind in KINDS]
        table[reason.replace(" ", "_")] = counts
    return table


def biases(shapes: Mapping[str, NDArray[np.float64]], shear: float) -> pd.DataFrame:
    """Return m, c1 and c2 of each kind with their errors, and by how much m is not that of the survey.

    Parameters
    ----------
    shapes : mapping of str to ndarray of float64, shape (N, 8, 2)
        From :func:`measured`, by kind; the same galaxies in each.
    shear : float
        That was applied.
    """
    # Bernstein & Jarvis (2002): a distortion answers to a shear with 2 (1 - <e^2> of a component).
    calibrated = {kind: values / (2 * (1 - (values**2).mean())) for kind, values in shapes.items()}
    response = {kind: (values[:, :, 0] * _SIGNS).mean(axis=1) / shear for kind, values in calibrated.items()}
    rows = [
        {
            "kind": kind,
            "galaxies": len(values),
            **_mean(response[kind] - 1, "m"),
            **_mean(values[:, :, 0].mean(axis=1), "c1"),
            **_mean(values[:, :, 1].mean(axis=1), "c2"),
            **_mean(response[kind] - response[SURVEY], "apart"),
        }
        for kind, values in calibrated.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _mean(values: NDArray[np.float64], name: str) -> dict[str, float]:
    error = float(values.std(ddof=1) / np.sqrt(len(values)))
    return {name: float(values.mean()), f"{name}_error": error}
