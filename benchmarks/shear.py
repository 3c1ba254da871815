"""What a shear measurement makes of real, generated and parametric galaxies: its bias for each.

    snakemake --cores N datasets --configfile config/embedded.yaml
    python -m benchmarks.shear results_embedded --dataset flux_cosmos --figure docs/shear.png

Each galaxy of a dataset in flux is drawn three times over: from the survey's own image
(galsim.RealGalaxy), from a model that is asked for its catalogue's values, and from its Sersic fit. Each is
rotated by 0 and 90 degrees and sheared by +g and -g, so that its own shape cancels, seen through a ground-
based PSF and measured by re-Gaussianization (Hirata & Seljak 2003, galsim.hsm). The mean response over the
shear that was applied, less 1, is m; what is measured without shear is c.
"""

import argparse
import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import galsim
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from galforge.configuration.layout import DATASET, SURVEY_MANIFEST
from galforge.core.seeds import derive_seed
from galforge.datasets.stamp_file import read_attributes, read_catalog
from galforge.evaluation.parametric_control import fitted_profile, usable_fits
from galforge.figures.style import BLUE, GREY, ORANGE, new_figure, save_picture, styled
from galforge.galsim import GeneratedGalaxies
from galforge.publication.places import EMBEDDED
from galforge.survey.manifest import read_manifest
from galforge.survey.reading import open_survey

SHEAR = 0.02  # g1
PIXEL, SIDE = 0.2, 64  # arcsec; px
PSF = galsim.Kolmogorov(fwhm=0.7).shear(g1=0.03, g2=-0.01)
LEAST_RESOLUTION = 1 / 3  # of what is measured, averaged over the four images of a galaxy
KINDS = {"survey": GREY, "generated": BLUE, "parametric": ORANGE}
_CASES = [(angle, sign) for angle in (0, 90) for sign in (1, -1)]


def measured(profile: galsim.GSObject) -> tuple[NDArray[np.float64], float] | str:
    """Return the distortions (4, 2) and the resolution of a galaxy in all cases, or why there are none."""
    seen = PSF.drawImage(nx=SIDE, ny=SIDE, scale=PIXEL)
    shapes, resolution = [], []
    for angle, sign in _CASES:
        galaxy = profile.rotate(angle * galsim.degrees).shear(g1=sign * SHEAR)
        image = galsim.Convolve(galaxy, PSF).drawImage(nx=SIDE, ny=SIDE, scale=PIXEL)
        found = galsim.hsm.EstimateShear(image, seen, shear_est="REGAUSS", strict=False)
        if found.correction_status != 0 or not np.hypot(found.corrected_e1, found.corrected_e2) < 2:
            return "not measured"
        shapes.append((found.corrected_e1, found.corrected_e2))
        resolution.append(found.resolution_factor)
    resolved = float(np.mean(resolution))
    return (np.array(shapes), resolved) if resolved >= LEAST_RESOLUTION else "not resolved"


_OPEN: dict[str, Any] = {}  # in each process: the survey, the model, the seed


def open_all(manifest: Path, model: str, seed: int) -> None:
    """Open what a process draws galaxies from."""
    galsim.set_omp_threads(1)
    survey, generated = open_survey(read_manifest(manifest)), GeneratedGalaxies(model, beyond=True)
    _OPEN.update(survey=survey, generated=generated, seed=seed)


def measure_galaxy(galaxy: pd.Series) -> dict[str, Any]:
    """Return what is measured of one galaxy of each kind."""
    generated: GeneratedGalaxies = _OPEN["generated"]
    asked = {name: float(galaxy[name]) for name in generated.columns}
    profiles: dict[str, galsim.GSObject] = {
        "survey": galsim.RealGalaxy(_OPEN["survey"].real_cat, index=int(galaxy["survey_row"])),
        "generated": generated.numbered(int(galaxy["identifier"]), asked, seed=_OPEN["seed"]),
        "parametric": fitted_profile(galaxy),
    }
    return {kind: measured(profile) for kind, profile in profiles.items()}


def mean(values: NDArray[np.float64], name: str) -> dict[str, float]:
    """Return the mean of a value per galaxy, and its error, by name."""
    error = float(values.std(ddof=1) / np.sqrt(len(values)))
    return {name: float(values.mean()), f"{name}_error": error}


def biases(shapes: dict[str, NDArray[np.float64]]) -> pd.DataFrame:
    """Return m, c1 and c2 of each kind with their errors, and by how much m is not that of the survey.

    Parameters
    ----------
    shapes : dict of str to ndarray of float64, shape (N, 4, 2)
        From :func:`measured`, by kind; the same galaxies in each.
    """
    signs = np.array([sign for _, sign in _CASES])
    # Bernstein & Jarvis (2002): a distortion answers to a shear with 2 (1 - <e^2> of a component).
    calibrated = {kind: values / (2 * (1 - (values**2).mean())) for kind, values in shapes.items()}
    response = {kind: (values[:, :, 0] * signs).mean(axis=1) / SHEAR for kind, values in calibrated.items()}
    rows = [
        {
            "kind": kind,
            "galaxies": len(values),
            **mean(response[kind] - 1, "m"),
            **mean(values[:, :, 0].mean(axis=1), "c1"),
            **mean(values[:, :, 1].mean(axis=1), "c2"),
            **mean(response[kind] - response["survey"], "apart"),
        }
        for kind, values in calibrated.items()
    ]
    return pd.DataFrame(rows)


@styled()
def draw_figure(table: pd.DataFrame) -> Figure:
    """Return m and c of each kind with their errors."""
    figure = new_figure(7.0, 2.6)
    panels = figure.subplots(1, 2, sharey=True)
    shown = [("m", ["m"], 1e2), ("c1 (dot), c2 (square)", ["c1", "c2"], 1e4)]
    for axes, (label, names, unit) in zip(panels, shown, strict=True):
        for name, marker, shift in zip(names, "os", (0, 0.2), strict=False):
            for place, (_, row) in enumerate(table.iterrows()):
                value, error = unit * row[name], unit * row[f"{name}_error"]
                axes.errorbar(value, place + shift, xerr=error, fmt=marker, color=KINDS[row["kind"]])
        axes.axvline(0, color=GREY, linewidth=0.8)
        axes.set_xlabel(f"{label}, in units of {1 / unit:g}")
    panels[0].set_yticks(range(len(table)), table["kind"])
    panels[0].set_ylim(len(table) - 0.5, -0.5)  # the first on top
    return figure


def main() -> None:
    """Measure, print the table, and draw the figure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path)
    parser.add_argument("--dataset", default="flux_cosmos")
    parser.add_argument("--model", default=EMBEDDED)
    parser.add_argument("--count", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--figure", type=Path)
    options = parser.parse_args()
    path = DATASET.at(options.results, dataset=options.dataset)
    manifest = SURVEY_MANIFEST.at(options.results, survey=read_attributes(path)["survey"])
    catalog = read_catalog(path)
    galaxies = usable_fits(catalog)
    galaxies = galaxies[galaxies[list(GeneratedGalaxies(options.model).columns)].notna().all(axis=1)]
    order = np.random.default_rng(derive_seed(options.seed, "galaxies")).permutation(len(galaxies))
    rows = [galaxies.iloc[row] for row in order[: options.count]]
    with ProcessPoolExecutor(
        options.processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=open_all,
        initargs=(manifest, options.model, options.seed),
    ) as processes:
        found = list(processes.map(measure_galaxy, rows, chunksize=10))
    everywhere = [row for row in found if not any(isinstance(value, str) for value in row.values())]
    table = biases({kind: np.array([row[kind][0] for row in everywhere]) for kind in KINDS})
    print(table.to_markdown(index=False, floatfmt=".4f"))
    for kind in KINDS:
        reasons = Counter(row[kind] for row in found if isinstance(row[kind], str))
        print(f"{kind}: left out {dict(reasons)} of {len(found):,} galaxies")
    if options.figure:
        save_picture(draw_figure(table), options.figure)


if __name__ == "__main__":
    main()
