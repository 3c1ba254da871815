"""Every figure of the report, stated once: its name, the rule that draws it, its heading and its place.

The Snakefile reads this, so it imports nothing heavy. Each figure is a PNG of this name, with a PDF
beside it, and its caption is ``galforge/figures/captions/<name>.rst``, which the report and
``snakemake --report`` share.
"""

from collections.abc import Sequence
from typing import NamedTuple

from galforge.configuration.layout import (
    COMPARISON_FIGURE,
    DATASET_FIGURE,
    EXPERIMENT_FIGURE,
    MODEL_FIGURE,
    ResultFile,
)

_WEBP = ("film", "explorer")  # forms


class Figure(NamedTuple):
    """One figure.

    Attributes
    ----------
    name : str
        Name of its file, without suffix.
    rule : str
        The rule that draws it.
    place : ResultFile
        Where figures of a dataset, of a model, of those that compare models, or of an experiment lie.
    section : str
        Heading that it stands under.
    what : str
        What it shows, in a few words.
    form : str
        ``plot``, which a small screen scrolls, ``grid`` of stamps, which it shrinks, ``film``, an animated
        WebP, or ``explorer``, a WebP of all stamps that sliders choose from. The last two have no PDF.
    """

    name: str
    rule: str
    place: ResultFile
    section: str
    what: str
    form: str = "plot"

    @property
    def picture(self) -> ResultFile:
        """Where the picture lies."""
        suffix = "webp" if self.form in _WEBP else "png"
        return ResultFile(self.place.replace("{figure}", self.name).replace("{suffix}", suffix))

    @property
    def vectors(self) -> ResultFile | None:
        """Where its PDF lies; a film and an explorer have none."""
        if self.form in _WEBP:
            return None
        return ResultFile(self.place.replace("{figure}", self.name).replace("{suffix}", "pdf"))


LATENTS = "Latents"
ASKED = "Asked and measured"
LENSED = "Lensed sources"
EXPLORER = "explorer"
EXPLORER_SECTION = "Explorer"
FOREMOST = ("score_comparison",)  # figures that stand below the leaderboard itself

DATASET_FIGURES = (
    Figure("selection", "plot_dataset", DATASET_FIGURE, "Selection", "quantities and their limits"),
    Figure("outside", "plot_dataset", DATASET_FIGURE, "Selection", "galaxies just outside each limit"),
    Figure("stamps", "plot_dataset", DATASET_FIGURE, "Stamps", "stamps", "grid"),
)

# What a dataset has besides, by what it was made from.
RENDERED_FIGURES = (
    Figure("rendering", "plot_rendering", DATASET_FIGURE, "Stamps", "one galaxy rescaled and cropped"),
    Figure(
        "originals", "plot_survey_stamps", DATASET_FIGURE, "Stamps", "stamps beside the survey's own", "grid"
    ),
    Figure("noise", "plot_survey_stamps", DATASET_FIGURE, "Noise", "noise measured and expected"),
)
PICTURE_FIGURES = (
    Figure("preparation", "plot_preparation", DATASET_FIGURE, "Stamps", "pictures, crops and stamps", "grid"),
    Figure("augmentation", "plot_augmentation", DATASET_FIGURE, "Stamps", "one galaxy in many views", "grid"),
)

MODEL_FIGURES = (
    Figure("samples", "plot_model", MODEL_FIGURE, "Samples", "samples", "grid"),
    Figure("judged", "plot_model", MODEL_FIGURE, "Samples", "samples with the survey's noise", "grid"),
    Figure("morphology", "plot_model", MODEL_FIGURE, "Morphology", "morphology of samples and survey"),
    Figure("planes", "plot_evaluation", MODEL_FIGURE, "Morphology", "planes of two morphological parameters"),
    Figure("light", "plot_evaluation", MODEL_FIGURE, "Light", "radial profile and power spectrum"),
    Figure(
        "neighbours",
        "plot_evaluation",
        MODEL_FIGURE,
        "Nearest training stamps",
        "samples beside their nearest training stamps",
        "grid",
    ),
    Figure(
        "reconstructions",
        "plot_model",
        MODEL_FIGURE,
        "Reconstructions",
        "originals, reconstructions and residuals",
    ),
    Figure(
        "interpolation",
        "plot_model",
        MODEL_FIGURE,
        "Interpolation",
        "interpolation between pairs of stamps",
        "grid",
    ),
    Figure("curve", "plot_model", MODEL_FIGURE, "Learning curve", "learning curve"),
    Figure("latent_snr", "plot_latents", MODEL_FIGURE, LATENTS, "latent signal-to-noise ratios"),
    Figure("latent_histograms", "plot_latents", MODEL_FIGURE, LATENTS, "latent distributions"),
    Figure(
        "traversals", "plot_latents", MODEL_FIGURE, LATENTS, "latents traversed around the average galaxy"
    ),
    Figure(
        "correlations",
        "plot_latents",
        MODEL_FIGURE,
        LATENTS,
        "correlations of latents with galaxy parameters",
    ),
    Figure("latent_scatter", "plot_latents", MODEL_FIGURE, LATENTS, "galaxies in the plane of two latents"),
    Figure(
        "probe",
        "plot_latents",
        MODEL_FIGURE,
        LATENTS,
        "a galaxy turned and with noise, given and reconstructed",
    ),
    Figure(
        "latent_noise", "plot_latents", MODEL_FIGURE, LATENTS, "widths of posteriors against noise of stamps"
    ),
    Figure("regression", "plot_physics", MODEL_FIGURE, LATENTS, "features of galaxies from latents"),
    Figure(
        "galaxy_grid",
        "plot_physics",
        MODEL_FIGURE,
        LATENTS,
        "galaxies asked for by size and axis ratio",
        "grid",
    ),
)

# What a model has besides, by what it is and how it was trained.
FURTHER_FIGURES = (
    Figure(
        EXPLORER, "explore_latents", MODEL_FIGURE, EXPLORER_SECTION, "stamps that sliders choose", EXPLORER
    ),
    Figure("asked", "plot_asked", MODEL_FIGURE, ASKED, "what was asked for and what is measured"),
    Figure("classes", "plot_classes", MODEL_FIGURE, LATENTS, "classes of galaxies from latents"),
    Figure("shear", "plot_shear", MODEL_FIGURE, "Shear", "bias of a shear measurement"),
    Figure("lensed_sources", "plot_lenses", MODEL_FIGURE, LENSED, "lenses and their sources", "grid"),
    Figure("lens_scores", "plot_lenses", MODEL_FIGURE, LENSED, "how well sources are reconstructed"),
    Figure(
        "walk",
        "plot_walk",
        MODEL_FIGURE,
        "Ways through the latents",
        "between galaxies, and along directions",
        "grid",
    ),
    Figure(
        "film",
        "plot_film",
        MODEL_FIGURE,
        "Film of the training",
        "the same samples during the training",
        "film",
    ),
)

COMPARED_FIGURES = (
    Figure(
        "score_comparison",
        "compare_scores",
        COMPARISON_FIGURE,
        "Models compared",
        "scores of all models, with errors",
    ),
    Figure(
        "side_by_side",
        "compare_samples",
        COMPARISON_FIGURE,
        "Models compared",
        "samples of all models",
        "grid",
    ),
    Figure(
        "learning_curves",
        "compare_curves",
        COMPARISON_FIGURE,
        "Models compared",
        "learning curves of all models",
    ),
    Figure(
        "latents",
        "compare_latents",
        COMPARISON_FIGURE,
        "Models compared",
        "latent signal-to-noise ratios of all models",
    ),
)

# Only where models with a bound on the divergence are run.
BOUND_FIGURES = (
    Figure(
        "bound_snr",
        "compare_bounds",
        COMPARISON_FIGURE,
        "Models compared",
        "latent signal-to-noise ratios against the bound",
    ),
    Figure(
        "bound_reconstructions",
        "compare_bounds",
        COMPARISON_FIGURE,
        "Models compared",
        "reconstructions against the bound",
        "grid",
    ),
)

# On a page of their own. Pictures are shown where an experiment asks for them.
EXPERIMENT_FIGURES = (
    Figure("variants", "plot_variants", EXPERIMENT_FIGURE, "Variants", "what was measured of each variant"),
    Figure(
        "variant_curves", "plot_variants", EXPERIMENT_FIGURE, "Variants", "learning curves of all trainings"
    ),
    Figure(
        "variant_samples",
        "show_variant_samples",
        EXPERIMENT_FIGURE,
        "Samples",
        "samples of each variant",
        "grid",
    ),
    Figure(
        "variant_reconstructions",
        "show_variant_reconstructions",
        EXPERIMENT_FIGURE,
        "Reconstructions",
        "reconstructions of each variant",
        "grid",
    ),
)

FIGURES = {
    figure.name: figure
    for figure in (
        *DATASET_FIGURES,
        *RENDERED_FIGURES,
        *PICTURE_FIGURES,
        *MODEL_FIGURES,
        *FURTHER_FIGURES,
        *COMPARED_FIGURES,
        *BOUND_FIGURES,
        *EXPERIMENT_FIGURES,
    )
}


def figures_of(rule: str) -> tuple[Figure, ...]:
    """Return the figures that a rule draws, in the order of the report."""
    return tuple(figure for figure in FIGURES.values() if figure.rule == rule)


def dataset_figures(pictures: bool) -> tuple[Figure, ...]:
    """Return the figures of a dataset that was prepared from pictures, or of one that was rendered."""
    return DATASET_FIGURES + (PICTURE_FIGURES if pictures else RENDERED_FIGURES)


def compared_figures(bounded: bool) -> tuple[Figure, ...]:
    """Return the figures that compare models, with or without those of models with a bound."""
    return COMPARED_FIGURES + (BOUND_FIGURES if bounded else ())


def model_figures(further: Sequence[str]) -> tuple[Figure, ...]:
    """Return the figures of a model that has these of the :data:`FURTHER_FIGURES`, by name."""
    chosen = [figure for figure in FURTHER_FIGURES if figure.name in further]
    first = [figure for figure in chosen if figure.name == EXPLORER]
    return (*first, *MODEL_FIGURES, *(figure for figure in chosen if figure not in first))


def experiment_figures(pictures: Sequence[str]) -> tuple[Figure, ...]:
    """Return the figures of an experiment that shows these pictures: samples, reconstructions."""
    shown = ("plot_variants", *(f"show_variant_{name}" for name in pictures))
    return tuple(figure for figure in EXPERIMENT_FIGURES if figure.rule in shown)


def sections(figures: Sequence[Figure]) -> dict[str, list[Figure]]:
    """Return figures by their headings, both in order."""
    result: dict[str, list[Figure]] = {}
    for figure in figures:
        result.setdefault(figure.section, []).append(figure)
    return result
