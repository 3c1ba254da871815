"""The figures that a person is shown: of a dataset, of a model, and of models compared.

The Snakefile reads this, so it imports nothing heavy. Each figure is a PNG of this name, with a PDF
beside it and a caption in ``captions/<name>.rst``, which the report and ``snakemake --report`` share.
"""

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
        ``plot``, which a small screen scrolls, or ``grid`` of stamps, which it shrinks.
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
    Shown("rendering", "Stamps", "one galaxy rescaled and cropped"),
    Shown("originals", "Stamps", "stamps beside the survey's own", "grid"),
    Shown("noise", "Noise", "noise measured and expected"),
)

MODEL_FIGURES = (
    Shown("samples", "Samples", "samples", "grid"),
    Shown("morphology", "Morphology", "morphology of samples and survey"),
    Shown("reconstructions", "Reconstructions", "originals, reconstructions and residuals"),
    Shown("curve", "Learning curve", "learning curve"),
    Shown("latent_snr", LATENTS, "latent signal-to-noise ratios"),
    Shown("latent_histograms", LATENTS, "latent distributions"),
    Shown("traversals", LATENTS, "latents traversed around the average galaxy"),
    Shown("correlations", LATENTS, "correlations of latents with galaxy parameters"),
    Shown("latent_scatter", LATENTS, "galaxies in the plane of two latents"),
    Shown("probe", LATENTS, "a galaxy turned and with noise, given and reconstructed"),
)

COMPARED_FIGURES = (Shown("latents", "Models compared", "latent signal-to-noise ratios of all models"),)

# Only where models with a bound on the divergence are run.
BOUND_FIGURES = (
    Shown("bound_snr", "Models compared", "latent signal-to-noise ratios against the bound"),
    Shown("bound_reconstructions", "Models compared", "reconstructions against the bound", "grid"),
)

SHOWN = {
    figure.name: figure for figure in (*DATASET_FIGURES, *MODEL_FIGURES, *COMPARED_FIGURES, *BOUND_FIGURES)
}


def sections(figures: tuple[Shown, ...]) -> dict[str, list[Shown]]:
    """Return figures by their headings, both in order."""
    found: dict[str, list[Shown]] = {}
    for figure in figures:
        found.setdefault(figure.section, []).append(figure)
    return found
