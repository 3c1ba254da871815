"""What the report is made from: the rule asks for these files, the entry reads or links them.

The Snakefile reads this, so it imports nothing heavy.
"""

from collections.abc import Mapping, Sequence

from galforge.configuration import layout
from galforge.configuration.figures import Figure, compared_figures, dataset_figures, model_figures

# Files besides the figures: of a dataset, of all that is judged on it, and of a model.
DATASET_FILES = (
    layout.LEADERBOARD,
    *layout.ROUNDED_TABLES,
    layout.SCORES,
    layout.ATTRITION,
    layout.DATASET,
    layout.DATA_CARD,
    layout.FLOOR,
    layout.FEATURE_RECORD,
    layout.DATASET_THUMBNAIL,
)
JUDGED_FILES = (layout.MODEL_SCORES, layout.MODEL_THUMBNAIL)
MODEL_FILES = (
    layout.RECORD,
    layout.LATENT_ANALYSIS,
    layout.LATENT_TABLE,
    layout.LATENT_CORRELATIONS,
    layout.REGRESSION,
    layout.GRID_TABLE,
    layout.PHYSICS,
)
# Of a model that has the figure of what it was asked for.
ASKED_FILES = (layout.ASKED, layout.ASKED_NUMBERS)
# Of a model from whose latents classes are learnt.
CLASS_FILES = (layout.CLASS_MAP, layout.CLASSES)
# Of a model that has an explorer.
EXPLORER_FILES = (layout.EXPLORER,)


def dataset_report_files(
    dataset: str, models: Mapping[str, Sequence[str]], controls: Sequence[str], bounded: bool, pictures: bool
) -> list[str]:
    """Return all files that the report's part on a dataset is made from, in terms of ``<results>``.

    Parameters
    ----------
    dataset : str
    models : mapping of str to sequence of str
        Each model that is trained on it, and which of the further figures the model has.
    controls : sequence of str
        What is judged beside the models.
    bounded : bool
        Whether models with a bound on the divergence are among them.
    pictures : bool
        Whether the dataset was prepared from pictures.
    """
    shared = [*DATASET_FILES, *([layout.BOUNDS] if bounded else [])]
    shared += figure_files((*dataset_figures(pictures), *compared_figures(bounded)))
    files = [file.of(dataset=dataset) for file in shared]
    for name in (*models, *controls):
        files += [file.of(dataset=dataset, model=name) for file in JUDGED_FILES]
    for model, further in models.items():
        asked = ASKED_FILES if "asked" in further else ()
        lensed = [layout.SHEAR] * ("shear" in further) + [layout.LENS_SCORES] * ("lens_scores" in further)
        explored = EXPLORER_FILES if "explorer" in further else ()
        classed = CLASS_FILES if "classes" in further else ()
        own = (*MODEL_FILES, *asked, *explored, *classed, *lensed, *figure_files(model_figures(further)))
        files += [file.of(dataset=dataset, model=model) for file in own]
    return files


def figure_files(figures: Sequence[Figure]) -> list[layout.ResultFile]:
    """Return the picture of each figure, and the PDF where it has one."""
    return [file for figure in figures for file in (figure.picture, figure.vectors) if file]
