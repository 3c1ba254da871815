"""What a person is shown: the figures of datasets and models, and the files that the report is made from.

The Snakefile reads this, so it imports nothing heavy. Each figure is a PNG of this name, with a PDF
beside it and a caption in ``captions/<name>.rst``, which the report and ``snakemake --report`` share.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Shown(NamedTuple):
    """One figure.

    Attributes
    ----------
    name : str
        Of its file, without suffix.
    section : str
        Heading that it stands under.
    what : str
        What it shows, in a few words.
    kind : str
        ``plot``, which a small screen scrolls, ``grid`` of stamps, which it shrinks, or ``film``, an
        animated WebP without a PDF.
    """

    name: str
    section: str
    what: str
    kind: str = "plot"


THUMBNAIL = "thumbnail"  # the strip of stamps in the leaderboard; it has no caption

LATENTS = "Latents"

DATASET_FIGURES = (
    Shown("selection", "Selection", "quantities and their limits"),
    Shown("outside", "Selection", "galaxies just outside each limit"),
    Shown("stamps", "Stamps", "stamps", "grid"),
)

# What a dataset has besides, by what it was made from.
RENDERED_FIGURES = (
    Shown("rendering", "Stamps", "one galaxy rescaled and cropped"),
    Shown("originals", "Stamps", "stamps beside the survey's own", "grid"),
    Shown("noise", "Noise", "noise measured and expected"),
)
PICTURE_FIGURES = (
    Shown("preparation", "Stamps", "pictures, crops and stamps", "grid"),
    Shown("augmentation", "Stamps", "one galaxy in many views", "grid"),
)

MODEL_FIGURES = (
    Shown("samples", "Samples", "samples", "grid"),
    Shown("morphology", "Morphology", "morphology of samples and survey"),
    Shown("planes", "Morphology", "planes of two morphological parameters"),
    Shown("light", "Light", "radial profile and power spectrum"),
    Shown("neighbours", "Nearest training stamps", "samples beside their nearest training stamps", "grid"),
    Shown("reconstructions", "Reconstructions", "originals, reconstructions and residuals"),
    Shown("interpolation", "Interpolation", "interpolation between pairs of stamps", "grid"),
    Shown("curve", "Learning curve", "learning curve"),
    Shown("latent_snr", LATENTS, "latent signal-to-noise ratios"),
    Shown("latent_histograms", LATENTS, "latent distributions"),
    Shown("traversals", LATENTS, "latents traversed around the average galaxy"),
    Shown("correlations", LATENTS, "correlations of latents with galaxy parameters"),
    Shown("latent_scatter", LATENTS, "galaxies in the plane of two latents"),
    Shown("probe", LATENTS, "a galaxy turned and with noise, given and reconstructed"),
)

# What a model has besides, by what it is and how it was trained.
FURTHER_FIGURES = (
    Shown("walk", "Ways through the latents", "between galaxies, and along directions", "grid"),
    Shown("film", "Film of the training", "the same samples during the training", "film"),
)

COMPARED_FIGURES = (
    Shown("score_comparison", "Models compared", "scores of all models, with errors"),
    Shown("side_by_side", "Models compared", "samples of all models", "grid"),
    Shown("latents", "Models compared", "latent signal-to-noise ratios of all models"),
)

# Only where models with a bound on the divergence are run.
BOUND_FIGURES = (
    Shown("bound_snr", "Models compared", "latent signal-to-noise ratios against the bound"),
    Shown("bound_reconstructions", "Models compared", "reconstructions against the bound", "grid"),
)

SHOWN = {
    figure.name: figure
    for figure in (
        *DATASET_FIGURES,
        *RENDERED_FIGURES,
        *PICTURE_FIGURES,
        *MODEL_FIGURES,
        *FURTHER_FIGURES,
        *COMPARED_FIGURES,
        *BOUND_FIGURES,
    )
}


def dataset_figures(pictures: bool) -> tuple[Shown, ...]:
    """Return the figures of a dataset that was prepared from pictures, or of one that was rendered."""
    return DATASET_FIGURES + (PICTURE_FIGURES if pictures else RENDERED_FIGURES)


def further_figures(names: Sequence[str]) -> tuple[Shown, ...]:
    """Return those of the further figures of a model that have these names."""
    return tuple(figure for figure in FURTHER_FIGURES if figure.name in names)


def sections(figures: tuple[Shown, ...]) -> dict[str, list[Shown]]:
    """Return figures by their headings, both in order."""
    found: dict[str, list[Shown]] = {}
    for figure in figures:
        found.setdefault(figure.section, []).append(figure)
    return found


def report_keys(
    dataset: str,
    models: Sequence[str],
    controls: Sequence[str],
    bounded: bool,
    pictures: bool,
    further: Mapping[str, Sequence[str]] | None = None,
) -> list[str]:
    """Return the keys of all files that the report's part on a dataset is made from.

    Parameters
    ----------
    dataset : str
    models, controls : sequence of str
        What was judged on it.
    bounded : bool
        Whether models with a bound on the divergence are among them.
    pictures : bool
        Whether it was prepared from pictures.
    further : mapping of str to sequence of str, optional
        Names of the :data:`FURTHER_FIGURES` that a model has.

    Returns
    -------
    list of str
        ``<kind>/<dataset>``, ``<kind>/<dataset>/<model>``; of kind ``figure`` and ``vector`` (its PDF) with
        the figure's name at the end.
    """
    kinds = ["leaderboard", "scores", "attrition", "dataset", "card", "floor", "network"]
    keys = [f"{kind}/{dataset}" for kind in kinds + ["bounds"] * bounded]
    keys.append(f"figure/{dataset}/{THUMBNAIL}")
    shown = (*dataset_figures(pictures), *COMPARED_FIGURES, *(BOUND_FIGURES if bounded else ()))
    keys += [f"{kind}/{dataset}/{figure.name}" for figure in shown for kind in ("figure", "vector")]
    for name in (*models, *controls):
        keys += [f"metrics/{dataset}/{name}", f"figure/{dataset}/{name}/{THUMBNAIL}"]
    for model in models:
        keys += [f"{kind}/{dataset}/{model}" for kind in ("model", "analysis", "latents", "correlations")]
        keys += [
            f"{kind}/{dataset}/{model}/{figure.name}"
            for figure in (*MODEL_FIGURES, *further_figures((further or {}).get(model, ())))
            for kind in (("figure", "vector") if figure.kind != "film" else ("figure",))
        ]
    return keys


def report_path(key: str, results: str) -> str:
    """Return where the file of a key of :func:`report_keys` lies.

    Parameters
    ----------
    key : str
    results : str
        The folder of results.
    """
    kind, dataset, *names = key.split("/")
    if kind in ("figure", "vector"):
        film = SHOWN[names[-1]].kind == "film" if names[-1] in SHOWN else False
        suffix = "webp" if film else "png" if kind == "figure" else "pdf"
        compared = names[0] in {figure.name for figure in COMPARED_FIGURES + BOUND_FIGURES}
        folder = "comparison" if compared else "evaluation" if len(names) > 1 else "dataset"
        return f"{results}/{folder}/{dataset}/{'/'.join(names)}.{suffix}"
    if kind == "model":
        return f"{results}/model/{dataset}/{names[0]}/model.json"
    if names:
        file = {"analysis": "latents.json", "metrics": "metrics.json"}.get(kind, f"{kind}.csv")
        return f"{results}/evaluation/{dataset}/{names[0]}/{file}"
    return {
        "attrition": f"{results}/selection/{dataset}/attrition.csv",
        "dataset": f"{results}/dataset/{dataset}.h5",
        "card": f"{results}/dataset/{dataset}.md",
        "floor": f"{results}/evaluation/{dataset}/floor.json",
        "network": f"{results}/feature_network/{dataset}/network.json",
        "bounds": f"{results}/comparison/{dataset}/bounds.csv",
    }.get(kind, f"{results}/{kind}/{dataset}.csv")
