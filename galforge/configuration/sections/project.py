"""The configuration as a whole."""

from typing import Annotated

from pydantic import AfterValidator

from galforge.configuration.sections.datasets import Dataset, Preprocessing
from galforge.configuration.sections.evaluation import Evaluation
from galforge.configuration.sections.experiments import Experiment
from galforge.configuration.sections.latents import Latents
from galforge.configuration.sections.models import Model, Run
from galforge.configuration.sections.recognizers import Recognizer
from galforge.configuration.sections.surveys import Survey
from galforge.configuration.sections.training import Training
from galforge.configuration.sections.upscalers import Upscaler
from galforge.core.names import Name
from galforge.core.settings import EachOnce, Section, refuse, setting
from galforge.lensing.lens_settings import Lenses
from galforge.lensing.shear_settings import Shear


def _without_slash(path: str) -> str:
    # Snakemake reads what is in braces and in angle brackets as names of its own.
    if not path or path.endswith("/") or not path.isprintable() or set(path) & set("{}<>"):
        refuse("a path without a slash at its end, braces, angle brackets and control characters")
    return path


class Report(Section):
    """The report page."""

    title: str = setting("title of the page")
    columns: int = setting("stamps per row of a grid", ge=2, le=24)
    explorer: int = setting(
        "sliders of the explorer on a model's page, for its conditions or its strongest latents, at most; a "
        "stamp is drawn for each combination of seven values each: 343 with three; 0: no explorer",
        ge=0,
        le=3,
    )


class Zoo(Section):
    """Models that are given to others, by ``snakemake zoo``."""

    license: str | None = setting(
        "licence of the weights, as model hubs name it, such as bsd-3-clause; null: none is stated",
        pattern=r"^[a-z0-9][a-z0-9.-]*$",
    )


class Project(Section):
    """Every setting of galforge."""

    results: Annotated[str, AfterValidator(_without_slash)] = setting("folder of everything that is made")
    seed: int = setting("seed of every random draw; each stream of draws has a name of its own", ge=0)
    surveys: dict[Name, Survey] = setting("where galaxies come from")
    preprocessing: dict[Name, Preprocessing] = setting("how pictures become stamps", default=None)
    datasets: dict[Name, Dataset] = setting("stamps made from a survey")
    plugins: Annotated[list[Name], EachOnce] = setting(
        "models and networks of other installed packages that may be used: names of their entry points "
        "galforge.models and galforge.networks; none by default",
        default=None,
    )
    models: dict[Name, Model] = setting("the catalogue of models, each as its paper has it")
    runs: list[Run] = setting("what is trained on what", min_length=1)
    recognizers: dict[Name, Recognizer] = setting(
        "networks that say a class or a score of stamps, by `snakemake recognizers`; none by default",
        default=None,
    )
    upscalers: dict[Name, Upscaler] = setting(
        "networks from places to pixels, by `snakemake upscalers`; none by default", default=None
    )
    experiments: dict[Name, Experiment] = setting(
        "comparisons of trainings, for `snakemake experiments`; none by default", default=None
    )
    training: Training = setting("how every training is carried out")
    evaluation: Evaluation = setting("how models are judged")
    latents: Latents = setting("what is asked of the latents of models that encode")
    report: Report = setting("the report page")
    zoo: Zoo = setting("models that are given to others")
    lenses: Lenses | None = setting(
        "lensed galaxies of each model in flux, of the survey and of Sersic fits, and networks that look for "
        "the sources, by ``snakemake lenses`` and in the report; null: none",
        default=None,
    )
    shear: Shear | None = setting(
        "known shears of the galaxies of each model in flux, beside the survey's, by ``snakemake shear`` and "
        "in the report; null: none",
        default=None,
    )
