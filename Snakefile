# galforge: from a galaxy survey to trained generative models and one honest leaderboard.
#
#   snakemake --cores 2                               the embedded default (config.yaml, config/models/)
#   snakemake --cores 2 --configfile yours.yaml       your changes over it
#   snakemake --cores 2 datasets                      stamps only; also: surveys, models, latents, leaderboards, lenses,
#                                                     shear, zoo, recognizers, upscalers, experiments
#   snakemake --cores 2 datasets --configfile yours.yaml    in this order: files of configuration come last
#
# Stages, in order, are in rules/; what they run is in workflow_scripts/, one entry a rule.
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version
from snakemake_interface_executor_plugins.settings import ExecMode

min_version("9.0")

# For the processes that Snakemake starts of itself: what lies in the working directory is no module of theirs.
os.environ.update(PYTHONSAFEPATH="1")

PROJECT = Path(str(workflow.current_basedir))  # not that of a workflow which has this one as a module
if str(PROJECT) not in sys.path:
    sys.path.insert(0, str(PROJECT))

from galforge.configuration.extent import check_extent
from galforge.configuration.loading import default_configuration, known_experiments, run_configuration
from galforge.core.errors import ConfigurationError
from galforge.terminal.display import own_display

# Neither in a job that a cluster runs, nor in a workflow that has this one as a module.
IN_CHARGE = workflow.exec_mode == ExecMode.DEFAULT and workflow.modifier.is_main_snakefile()
# Nor where the hooks that begin it are not run: the option may be shortened.
HOOKS = not any(word.startswith("--no-h") for word in sys.argv)
DISPLAY = own_display(workflow.output_settings) if IN_CHARGE and HOOKS else None

try:
    check_extent(config)
except ConfigurationError as error:
    raise WorkflowError(str(error)) from None

# The default belongs to the project, wherever Snakemake is started; what the user changes, with --configfile and
# --config, is in `config` already and goes over it, key by key at every depth.
DEFAULT = default_configuration(PROJECT)
config.update(run_configuration(DEFAULT, config, known_experiments(PROJECT)))


include: "rules/common.smk"


pathvars:
    results=config["results"],
    logs=f"{config['results']}/logs",
    benchmarks=f"{config['results']}/benchmarks",


wildcard_constraints:
    survey=named_in("surveys"),
    dataset=named_in("datasets"),
    experiment=named_in("experiments"),
    model="[a-z][a-z0-9_]*",
    shard="[0-9]+",
    shards="[0-9]+",
    recognizer=named_in("recognizers"),
    variant="[a-z][a-z0-9_]*",
    repeat="[1-9][0-9]*",
    pictures="[a-z][a-z0-9_]*",
    upscaler=named_in("upscalers"),
    picture="[a-z][a-z0-9_]*",


include: "rules/survey.smk"
include: "rules/stamps.smk"
include: "rules/dataset.smk"
include: "rules/training.smk"
include: "rules/sampling.smk"
include: "rules/evaluation.smk"
include: "rules/latents.smk"
include: "rules/recognition.smk"
include: "rules/upscaling.smk"
include: "rules/experiments.smk"
include: "rules/lensing.smk"
include: "rules/report.smk"
include: "rules/publication.smk"


onstart:
    # Snakemake's own lock outlives a killed run, and then the next one refuses; this one does not.
    lock_results()
    refuse_links()
    refuse_missing_gpu()
    let_scheduler_sleep()
    show_start()


onsuccess:
    show_end()


rule all:
    default_target: True
    input:
        layout.REPORT,
        recognizer_pages,
        upscaler_pages,
    message:
        "The report and all that it shows are made, and the pages of recognizers and upscalers"


rule surveys:
    input:
        expand(layout.SURVEY_MANIFEST, survey=run_surveys(config)),
    message:
        "All surveys are made"


rule datasets:
    input:
        expand([layout.DATASET, layout.DATA_CARD], dataset=run_datasets(config)),
    message:
        "All datasets are made"


rule models:
    input:
        [
            file.of(dataset=dataset, model=model)
            for dataset, model in run_pairs(config)
            for file in (layout.WEIGHTS, layout.RECORD, layout.HISTORY)
        ],
    message:
        "All models are trained"


rule latents:
    input:
        [layout.LATENTS.of(dataset=dataset, model=model) for dataset, model in run_pairs(config)],
    message:
        "All stamps are encoded"


rule leaderboards:
    input:
        expand(layout.LEADERBOARD, dataset=run_datasets(config)),
    message:
        "All models are ranked"


rule experiments:
    input:
        expand(layout.EXPERIMENT_PAGE, experiment=experiments_of(config)),
    message:
        "All experiments are compared"


rule lenses:
    input:
        lens_scores,
    message:
        "The sources of all lenses are scored"


rule shear:
    input:
        sheared_tables,
    message:
        "All shears are measured"


rule zoo:
    input:
        [layout.MODEL_CARD.of(dataset=dataset, model=model) for dataset, model in run_pairs(config)],
    message:
        "The zoo is made"


rule recognizers:
    input:
        recognizer_pages,
    message:
        "All recognizers are compared"


rule upscalers:
    input:
        upscaler_pages,
    message:
        "All upscalers are compared"


localrules:
    all,
    surveys,
    datasets,
    models,
    latents,
    leaderboards,
    experiments,
    lenses,
    shear,
    zoo,
    recognizers,
    upscalers,
