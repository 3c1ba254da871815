"""The files below the folder of results: each path is stated here and nowhere else.

The Snakefile reads this, so it imports the standard library alone. Rules take a path as it stands, with
its wildcards; the report and the tests fill them in with :meth:`ResultFile.at`.
"""

from pathlib import Path

RESULTS = "<results>"  # the folder of results, as Snakemake's ``pathvars`` writes it


class ResultFile(str):
    """A path below the folder of results, with Snakemake's wildcards in braces."""

    __slots__ = ()

    def at(self, results: str | Path, **wildcards: str | int) -> Path:
        """Return the path in a folder of results, for these values of its wildcards."""
        return Path(results) / self.removeprefix(f"{RESULTS}/").format(**wildcards)

    def of(self, **wildcards: str | int) -> str:
        """Return the path for these values of its wildcards, still in terms of ``<results>``."""
        return self.format(**wildcards)


def _below(path: str) -> ResultFile:
    return ResultFile(f"{RESULTS}/{path}")


FOLDER = _below("")  # of all results

# Surveys. What is downloaded or in the middle of a training is no rule's output: Snakemake would delete it.
SURVEY_MANIFEST = _below("survey/{survey}/survey.json")
SURVEY_FILES = _below("survey/{survey}/files")
PICTURE_CATALOG = _below("survey/{survey}/pictures.csv")
DOWNLOAD_FOLDER = _below("download/{survey}")

# Stamps and datasets.
STAMPS = _below("stamps/{dataset}/{shard}-of-{shards}.h5")
QUALITY = _below("quality/{dataset}/{shard}-of-{shards}.csv")
STAMP_MORPHOLOGY = _below("morphology/{dataset}/{shard}-of-{shards}.csv")
SELECTION = _below("selection/{dataset}/selection.csv")
ATTRITION = _below("selection/{dataset}/attrition.csv")
PERCENTILES = _below("selection/{dataset}/percentiles.csv")
DATASET = _below("dataset/{dataset}.h5")
DATA_CARD = _below("dataset/{dataset}.md")

# Models, and what is drawn from them.
WEIGHTS = _below("model/{dataset}/{model}/weights.safetensors")
EXTRAS = _below("model/{dataset}/{model}/extras.safetensors")
RECORD = _below("model/{dataset}/{model}/model.json")
HISTORY = _below("model/{dataset}/{model}/history.csv")
STATE_FOLDER = _below("state/{dataset}/{model}")
SAMPLE = _below("sample/{dataset}/{model}.h5")
NOISE_MATCHED = _below("noise_matched/{dataset}/{model}.h5")
RECONSTRUCTION = _below("reconstruction/{dataset}/{model}.h5")
INTERPOLATION = _below("interpolation/{dataset}/{model}.h5")
WALK = _below("walk/{dataset}/{model}.h5")
LATENTS = _below("latent/{dataset}/{model}.h5")
PROBE = _below("probe/{dataset}/{model}.h5")
EXPLORER = _below("explorer/{dataset}/{model}.json")
GALAXY_GRID = _below("grid/{dataset}/{model}.h5")

# Lenses, and the networks that look for the sources behind them.
LENSES = _below("lenses/{dataset}/{model}/{sources}.h5")
SOURCE_READER = _below("lenses/{dataset}/{model}/{sources}/weights.safetensors")
SOURCE_READER_RECORD = _below("lenses/{dataset}/{model}/{sources}/network.json")
LENS_RECONSTRUCTIONS = _below("lenses/{dataset}/{model}/reconstructions.h5")

# Evaluation.
REAL_MORPHOLOGY = _below("evaluation/{dataset}/morphology.csv")
REAL_FEATURES = _below("evaluation/{dataset}/features.csv")
FLOOR = _below("evaluation/{dataset}/floor.json")
FEATURE_WEIGHTS = _below("feature_network/{dataset}/weights.safetensors")
FEATURE_RECORD = _below("feature_network/{dataset}/network.json")
RAW_MORPHOLOGY = _below("evaluation/{dataset}/{model}/morphology_raw.csv")
MATCHED_MORPHOLOGY = _below("evaluation/{dataset}/{model}/morphology_noise_matched.csv")
RECONSTRUCTED_MORPHOLOGY = _below("evaluation/{dataset}/{model}/morphology_reconstructed.csv")
RAW_FEATURES = _below("evaluation/{dataset}/{model}/features_raw.csv")
MATCHED_FEATURES = _below("evaluation/{dataset}/{model}/features_noise_matched.csv")
MODEL_SCORES = _below("evaluation/{dataset}/{model}/scores.json")
ASKED = _below("evaluation/{dataset}/{model}/asked.csv")
ASKED_NUMBERS = _below("evaluation/{dataset}/{model}/asked.json")
SHEAR = _below("evaluation/{dataset}/{model}/shear.csv")
LENS_SCORES = _below("evaluation/{dataset}/{model}/lenses.csv")
LATENT_TABLE = _below("evaluation/{dataset}/{model}/latents.csv")
LATENT_CORRELATIONS = _below("evaluation/{dataset}/{model}/correlations.csv")
LATENT_ANALYSIS = _below("evaluation/{dataset}/{model}/latents.json")
REGRESSION = _below("evaluation/{dataset}/{model}/regression.csv")
GRID_TABLE = _below("evaluation/{dataset}/{model}/grid.csv")
PHYSICS = _below("evaluation/{dataset}/{model}/physics.json")
CLASS_MAP = _below("evaluation/{dataset}/{model}/classes.csv")
CLASSES = _below("evaluation/{dataset}/{model}/classes.json")
BOUNDS = _below("comparison/{dataset}/bounds.csv")
LEADERBOARD = _below("leaderboard/{dataset}.csv")
ROUNDED_TABLES = tuple(_below(f"leaderboard/rounded/{{dataset}}.{suffix}") for suffix in ("csv", "md", "tex"))
SCORES = _below("scores/{dataset}.csv")

# Networks that recognize: each training, and what the trained are asked. Figures and a page compare them.
RECOGNIZER_WEIGHTS = _below("recognizer/{recognizer}/{variant}/{repeat}/weights.safetensors")
RECOGNIZER_RECORD = _below("recognizer/{recognizer}/{variant}/{repeat}/record.json")
RECOGNIZER_HISTORY = _below("recognizer/{recognizer}/{variant}/{repeat}/history.csv")
RECOGNIZER_STEPS = _below("recognizer/{recognizer}/{variant}/{repeat}/steps.csv")
RECOGNIZER_PREDICTIONS = _below("recognizer/{recognizer}/{variant}/{repeat}/predictions.csv")
RECOGNIZER_STATE = _below("recognizer_state/{recognizer}/{variant}/{repeat}")
RECOGNIZER_INTERIM = _below("recognizer_interim/{recognizer}/{variant}/{repeat}")
PICTURE_SCORES = _below("recognizer/{recognizer}/pictures/{pictures}.csv")
SAMPLE_SCORES = _below("recognizer/{recognizer}/samples/{dataset}/{model}.csv")
DISCRIMINATOR_SCORES = _below("recognizer/{recognizer}/discriminator.csv")
RECOGNIZER_TRAININGS = _below("recognizer/{recognizer}/trainings.csv")
RECOGNIZER_TABLE = _below("recognizer/{recognizer}/variants.csv")
RECOGNIZER_FIGURES = tuple(
    _below(f"recognizer/{{recognizer}}/{name}.png") for name in ("variants", "curves", "answers")
)
RECOGNIZER_PAGE = _below("report/recognizer_{recognizer}.html")

# Networks from places to pixels.
UPSCALED = _below("upscaler/{upscaler}/{picture}/drawn.png")
UPSCALER_RECORD = _below("upscaler/{upscaler}/{picture}/record.json")
UPSCALER_HISTORY = _below("upscaler/{upscaler}/{picture}/history.csv")
UPSCALER_WEIGHTS = _below("upscaler/{upscaler}/{picture}/weights.safetensors")
UPSCALER_STATE = _below("upscaler_state/{upscaler}/{picture}")
UPSCALER_FIGURE = _below("upscaler/{upscaler}/{picture}/upscaled.png")
UPSCALER_PAGE = _below("report/upscaler_{upscaler}.html")
# Experiments: one row per training, one per variant, and a page.
TRIALS = _below("experiment/{experiment}/trainings.csv")
VARIANTS = _below("experiment/{experiment}/variants.csv")
EXPERIMENT_PAGE = _below("experiment/{experiment}/index.html")
EXPERIMENT_FIGURE = _below("experiment/{experiment}/{figure}.{suffix}")

# Models to be given to others, each in a folder of its own.
MODEL_CARD = _below("zoo/{dataset}/{model}/README.md")
ZOO_COPIES = tuple(
    _below(f"zoo/{{dataset}}/{{model}}/{name}")
    for name in ("weights.safetensors", "model.json", "scores.json", "samples.png")
)

# The report, and its figures by what they show (see figures.py).
DATASET_THUMBNAIL = _below("dataset/{dataset}/thumbnail.png")
MODEL_THUMBNAIL = _below("evaluation/{dataset}/{model}/thumbnail.png")
DATASET_FIGURE = _below("dataset/{dataset}/{figure}.{suffix}")
MODEL_FIGURE = _below("evaluation/{dataset}/{model}/{figure}.{suffix}")
COMPARISON_FIGURE = _below("comparison/{dataset}/{figure}.{suffix}")
REPORT = _below("report/index.html")
