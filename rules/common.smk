# What the rules share: the checked configuration, and functions for inputs and parameters. No rules.
import contextlib
import os
import shlex
import sys

from snakemake.exceptions import WorkflowError

from galforge.configuration.datasets import DOWNLOADED, LOCAL_PICTURES, of_pictures
from galforge.configuration.experiments import experiments_of, with_experiments
from galforge.configuration.mappings import canonical
from galforge.configuration.recognizers import asked, recognizer_of, recognizers, repeats_of, variants_of
from galforge.configuration.runs import (
    PARAMETRIC_CONTROL,
    bounded_models,
    controls_of,
    is_trained,
    judged_of,
    lensed_pairs,
    model_modules,
    models_of,
    repeated_of,
    run_datasets,
    run_pairs,
    run_surveys,
    sample_names,
    samples_of,
    sheared_pairs,
    takes_dataset,
)
from galforge.configuration.stages import (
    dataset,
    evaluation,
    experiments,
    lensing,
    publication,
    recognition,
    survey,
    training,
)
from galforge.configuration.stages import report as report_stage
from galforge.core.errors import ConfigurationError, GalforgeError, in_one_line
from galforge.core.files import first_link
from galforge.configuration.figures import figures_of
from galforge.configuration import layout
from galforge.core.gpus import gpu_here, gpus_wanted
from galforge.core.locking import hold_lock
from galforge.imaging.memory import drawing_memory
from galforge.pictures.store import listing_digest, opened_store
from galforge.core.provenance import source_closure
from galforge.core.registry import PLUGINS_VARIABLE
from galforge.survey.manifest import read_manifest
from galforge.networks import registry as networks
from galforge.terminal.ending import address, counted, finished_run, is_report
from galforge.terminal.growing_report import REPORT_RULE, GrowingReport
from galforge.terminal.run_state import task
from galforge.configuration.validation import validate_configuration

try:
    validate_configuration(config, DEFAULT)
except ConfigurationError as error:
    raise WorkflowError(f"configuration: {error}") from None

# The trainings of experiments are models like any other from here on.
config.update(with_experiments(config))

CAPTIONS = PROJECT / "galforge" / "figures" / "captions"

# The open stream of the lock on the results; it lives as long as Snakemake does.
RESULTS_LOCK = []


def lock_results():
    """Let no second run write to the same results."""
    path = Path(config["results"]) / ".lock"
    try:
        RESULTS_LOCK.append(hold_lock(path, "is running on these results"))
    except (GalforgeError, OSError) as error:
        raise WorkflowError(in_one_line(error)) from None


def refuse_links():
    """Refuse results in which a symbolic link lies: what a rule writes or Snakemake deletes would be elsewhere."""
    link = first_link(Path(config["results"]))
    if link is not None:
        raise WorkflowError(
            f"{link}: is a symbolic link, and results hold none, for what is written and deleted would be "
            "elsewhere; remove it (the folder of results itself may be a link)"
        )


# Snakemake deletes outputs without asking onstart, and in spite of its own lock. Its options for that may be
# shortened, to --delete-a and --delete-t.
if any(word.startswith(("--delete-a", "--delete-t")) for word in sys.argv):
    lock_results()
    refuse_links()


def refuse_missing_gpu():
    """Stop before any job where trainings must have a GPU and run on this machine, which has none."""
    wanting = any(job.resources.get("gpu", 0) for job in workflow.dag.needrun_jobs())
    if workflow.local_exec and wanting and not gpu_here():
        raise WorkflowError(
            "configuration: training.device is 'cuda', this machine has no GPU; allowed: auto, cpu"
        )


def let_scheduler_sleep():
    """Take away Snakemake's own limit of 100 jobs per second; one that the user gives is kept.

    For the limit, each job that ends while others wait wakes the scheduler once a second from then on: after
    a hundred jobs it takes a third of a core or more.
    """
    limiter = workflow.scheduler.job_rate_limiter
    if limiter is not None and (limiter.max_jobs, limiter.timespan) == (100, 1):
        workflow.scheduler.job_rate_limiter = None


# Rules with `priority: 1` make what the report in the making shows: a model is judged when it is trained, not after
# all trainings, and the figures of a dataset do not wait either.


def planned_tasks():
    """Return what each job of the run is for, in the order of the stages."""
    stages = {rule.name: Path(rule.snakefile).stem for rule in workflow.rules}
    # Those without output are what a person calls for by name, such as `all`.
    jobs = [job for job in workflow.dag.needrun_jobs() if job.output]
    tasks = [task(job.rule.name, stages[job.rule.name], job.wildcards_dict) for job in jobs]
    return sorted(tasks, key=lambda task: list(stages.values()).index(task.stage))


def show_start():
    """Begin to show the run, on the terminal and on a page that the report will take the place of."""
    tasks, page = planned_tasks(), layout.REPORT.at(config["results"])
    reports = [job for job in workflow.dag.needrun_jobs() if job.rule.name == REPORT_RULE]
    # A whole report stays until the next one is made.
    growing = reports and not workflow.touch and not is_report(page)
    if growing:
        # Should the run be interrupted, Snakemake is to know that what lies there is no report.
        workflow.persistence.started(reports[0])
        content = report_stage.report_settings(config, DEFAULT)
        GrowingReport(PROJECT, Path(config["results"]), content, tasks)
    if DISPLAY:
        cores = workflow.cores if workflow.local_exec else workflow.nodes  # of a cluster: jobs at a time
        limit = f", at most {cores} at a time" if cores < sys.maxsize else ""
        heading = f"galforge: {counted(len(tasks))}{limit}"
        if reports:
            when = "grows while the run goes on" if growing else "is made anew at the end"
            heading += f"\nThe report {when}: {address(page)}"
        DISPLAY.start(tasks, cores, heading)


def show_end():
    """Name the best models and the report."""
    if DISPLAY:
        DISPLAY.end(
            finished_run(Path(config["results"]), current_leaderboards(), DISPLAY.jobs, DISPLAY.seconds)
        )


def current_leaderboards():
    """Return what models are called, by dataset, where the run made the leaderboard or found it up to date."""
    results, files = config["results"], {Path(file) for job in workflow.dag.jobs for file in job.output}
    return {
        name: evaluation.leaderboard_settings(config, name)["labels"]
        for name in run_datasets(config)
        if layout.LEADERBOARD.at(results, dataset=name) in files
    }


if DISPLAY:
    DISPLAY.page = layout.REPORT.at(config["results"])


# Entries are modules of the project wherever Snakemake runs, and without conda in the environment that
# Snakemake itself runs in, activated or not. Descriptor 3 keeps the terminal open for progress lines,
# while a job's own streams go to its log (see galforge/core/progress.py).
ENVIRONMENT = shlex.quote(str(Path(sys.executable).parent))
shell.prefix(
    ("" if workflow.deployment_settings.deployment_method else f"export PATH={ENVIRONMENT}:$PATH; ")
    + f"export PYTHONPATH={shlex.quote(str(PROJECT))}; exec 3>&2; export GALFORGE_TERMINAL=3; "
    + f"export {PLUGINS_VARIABLE}={','.join(config.get('plugins', []))}; "
    + (
        # Not among the settings of a training: whether it is watched changes no result.
        f"export GALFORGE_TENSORBOARD={shlex.quote(str(Path(config['results'], 'logs', 'tensorboard')))}; "
        if config["training"]["tensorboard"]
        else ""
    )
)


def relative(path):
    """Return a path as Snakemake should record it: moving the project with its results changes nothing."""
    return os.path.relpath(path)


def code(entry):
    """Return the source files that a rule's entry imports, as inputs."""
    return [relative(path) for path in source_closure(entry)]


def model_code(entry):
    """Return an input function: the entry's sources and those of the wildcards' model."""

    def files(wildcards):
        try:
            modules = model_modules(config, wildcards.dataset, wildcards.model)
        except ConfigurationError as error:
            raise WorkflowError(str(error)) from None
        return [relative(path) for path in source_closure(entry, modules)]

    return files


# Python's -P leaves the working directory off the path: a module that lies there is not imported.
COMMAND = (
    "python -P -m workflow_scripts.{params.entry} {params.settings:q} {params.files:q} --threads {threads} "
    "&> {log:q}"
)


def runs(entry, settings=None, *names, **undeclared):
    """Return the params from which :data:`COMMAND` runs an entry.

    Parameters
    ----------
    entry : str
    settings : callable, optional
        Takes the configuration and the values of the wildcards ``names``; none for an entry without settings.
    names : str
    undeclared : ResultFile
        Option to path of what is no output of the rule, since Snakemake would delete it.
    """

    def options(wildcards):
        values = (wildcards[name] for name in names)
        return ["--settings", canonical(settings(config, *values))] if settings else []

    return {"entry": entry, "settings": options, "files": files_of(undeclared)}


def files_of(undeclared):
    """Return the params function that writes an entry's files: an option per named input and output.

    Not of ``code`` and ``watched``, inputs which only say when a rule runs again, of ``vectors``, which lie
    beside the figures, and of ``gathered``, the report's hundreds of files, which the entry finds below the folder
    of results: a command line could not hold them.
    """

    def words(wildcards, input, output):
        named = [*input.items(), *output.items()]
        # Snakemake writes the folder of results into inputs and outputs alone.
        named += [(name, path.at(config["results"], **wildcards)) for name, path in undeclared.items()]
        options = []
        for name, value in named:
            paths = [value] if isinstance(value, (str, Path)) else list(value)
            if name not in ("code", "watched", "vectors", "gathered") and paths:
                options += [f"--{name}", *map(str, paths)]
        return options

    return words


def figures(rule_name):
    """Return the outputs of a rule that draws figures, each with its place in ``snakemake --report``."""
    drawn = figures_of(rule_name)
    return {
        "figures": [report(figure.picture, **place_in_report(figure)) for figure in drawn],
        "vectors": [figure.vectors for figure in drawn if figure.vectors],
    }


def place_in_report(figure):
    """Return what makes a figure part of ``snakemake --report``, in the words of the report page."""
    category, subcategory = {
        layout.DATASET_FIGURE: ("Datasets", "{dataset}"),
        layout.MODEL_FIGURE: ("Models on {dataset}", "{model}"),
        layout.COMPARISON_FIGURE: ("Models on {dataset}", "compared"),
        layout.EXPERIMENT_FIGURE: ("Experiments", "{experiment}"),
    }[figure.place]
    return {
        "caption": str(CAPTIONS / f"{figure.name}.rst"),
        "category": category,
        "subcategory": subcategory,
        "labels": {"what": figure.what},
    }


def growing(amount, a_thread=0):
    """Return a resource function: so much (MB, minutes), and twice that in each further try (restart-times).

    Not more each time: a training that meets its time limit again and again needs no more memory for it, and
    would in the end ask for more than a node has.
    """
    return lambda wildcards, threads, attempt: (amount + a_thread * threads) * min(attempt, 2)


def drawing(amount):
    """Return a resource function: so much memory (MB), or what the largest stamp of the input ``survey`` takes.

    Before the survey is there, the amount: Snakemake asks again when the job is about to run.
    """

    def memory(wildcards, input, attempt):
        given, largest = input.get("survey", []), 0
        for path in [given] if isinstance(given, str) else given:
            # What is wrong with a manifest is for the job to say, which reads it.
            with contextlib.suppress(GalforgeError, OSError):
                largest = read_manifest(Path(path)).largest_stamp
        return max(amount, drawing_memory(largest)) * min(attempt, 2)

    return memory


def named_in(section):
    """Return a wildcard constraint: the names that a section of the configuration defines, or nothing."""
    return "|".join(config.get(section) or ()) or "(?!)"


def surveys_from(*sources):
    """Return a wildcard constraint: the surveys of these sources, or nothing that could be a name."""
    names = [name for name, entry in config["surveys"].items() if entry["source"] in sources]
    return "|".join(names) or "(?!)"


def local_survey_files(wildcards):
    """Return the FITS files of a local survey, so that a changed one imports it again."""
    directory = Path(config["surveys"][wildcards.survey]["directory"])
    return sorted(str(path) for path in directory.glob("*.fits"))


def survey_manifest(wildcards):
    """Return the manifest of the survey that a dataset is made from."""
    survey = config["datasets"][wildcards.dataset]["survey"]
    return layout.SURVEY_MANIFEST.of(survey=survey)


def datasets_of(pictures):
    """Return a wildcard constraint: the datasets that are made from pictures, or those that are rendered."""
    names = [name for name in config["datasets"] if of_pictures(config, name) == pictures]
    return "|".join(names) or "(?!)"


def local_picture_files(wildcards):
    """Return the archive and the table of labels of pictures that the user has, so that a change imports again."""
    settings = survey.survey_settings(config, wildcards.survey)
    paths = [Path(path) for path in (settings["path"], settings["table"]) if path]
    return [str(path) for path in paths if path.is_file()]


def picture_votes(wildcards):
    """Return the table of votes that the user has for a survey that is downloaded, if there is one."""
    labels = survey.survey_settings(config, wildcards.survey)["labels"]
    return [labels] if labels else []


def picture_listing(wildcards):
    """Return what a folder of pictures holds, as a digest; an archive is an input instead."""
    path = Path(survey.survey_settings(config, wildcards.survey)["path"])
    if not path.is_dir():
        return ""
    with opened_store(path) as store:
        return listing_digest(store.sizes())


def fashion_files(wildcards):
    """Return the files of Fashion-MNIST that the user has, so that a change imports again."""
    directory = config["surveys"][wildcards.survey].get("directory")
    return sorted(str(path) for path in Path(directory).glob("*-ubyte*")) if directory else []


def picture_catalog(wildcards):
    """Return the catalogue of the survey of pictures that a dataset is made from."""
    survey = config["datasets"][wildcards.dataset]["survey"]
    return layout.PICTURE_CATALOG.of(survey=survey)


def shards_of(pattern):
    """Return an input function: a file of every shard of the wildcard's dataset, in survey order."""

    def files(wildcards):
        shards = config["datasets"][wildcards.dataset]["stamps"]["shards"]
        return [pattern.of(dataset=wildcards.dataset, shard=n, shards=shards) for n in range(shards)]

    return files


def stamp_morphology(wildcards):
    """Return the morphology of every stamp of a dataset whose models are to be asked for it, nothing of others."""
    asked_for = config["datasets"][wildcards.dataset].get("morphology")
    return shards_of(layout.STAMP_MORPHOLOGY)(wildcards) if asked_for else []


# Stamps that one process of statmorph measures: half a minute of work. A few hundred are not worth a second core,
# which another model's job fills as well.
STAMPS_A_PROCESS = 250
MOST_PROCESSES = 16


def measuring_processes(tables):
    """Return with how many processes the stamps of so many tables are measured."""
    return min(MOST_PROCESSES, -(-tables * config["evaluation"]["count"] // STAMPS_A_PROCESS))


def control_survey(wildcards):
    """Return the survey's manifest for the control that is drawn from it, nothing for the others."""
    return [survey_manifest(wildcards)] if wildcards.model == PARAMETRIC_CONTROL else []


def lens_scores(wildcards):
    """Return the scores of reconstructed sources of all models whose galaxies are lensed."""
    if not lensed_pairs(config):
        raise WorkflowError(
            "configuration: lenses is null, or no model of runs is in flux; allowed: lenses with its settings, "
            "and a model such as flow_vae on a dataset with normalization: flux, as config/lenses.yaml has them"
        )
    return [layout.LENS_SCORES.of(dataset=dataset, model=model) for dataset, model in lensed_pairs(config)]


def sheared_tables(wildcards):
    """Return the biases of all models whose galaxies are sheared."""
    if not sheared_pairs(config):
        raise WorkflowError(
            "configuration: shear is null, or no model of runs is in flux; allowed: shear with its settings, and "
            "a model such as flow_vae on a dataset with normalization: flux, as config/lenses.yaml has them"
        )
    return [layout.SHEAR.of(dataset=dataset, model=model) for dataset, model in sheared_pairs(config)]


def asked_dataset(wildcards):
    """Return the dataset whose catalogue galaxies are asked for with, where the wildcards' run has conditions."""
    try:
        wanted = takes_dataset(config, wildcards.dataset, wildcards.model)
    except ConfigurationError as error:
        raise WorkflowError(str(error)) from None
    return [layout.DATASET.of(dataset=wildcards.dataset)] if wanted else []


def imported():
    """Return a wildcard constraint: the names of stamps that no model here made, or nothing that could be a name."""
    return "|".join(sample_names(config)) or "(?!)"


def imported_file(wildcards):
    """Return the file that the wildcards' stamps, which no model here made, come from."""
    files = samples_of(config, wildcards.dataset)
    if wildcards.model not in files:
        raise WorkflowError(f"runs: there are no samples {wildcards.model} on {wildcards.dataset}")
    return files[wildcards.model]


def unless_control(path):
    """Return an input function: this file of a trained model, nothing of a control."""

    def files(wildcards):
        trained = is_trained(config, wildcards.dataset, wildcards.model)
        return [path.of(**wildcards)] if trained else []

    return files


def of_baseline(*paths):
    """Return an input function: these files of the parametric control, where it is judged beside the models."""

    def files(wildcards):
        judged = PARAMETRIC_CONTROL in controls_of(config, wildcards.dataset)
        return (
            [path.of(dataset=wildcards.dataset, model=PARAMETRIC_CONTROL) for path in paths] if judged else []
        )

    return files


def further_trainings(config, dataset):
    """Return the further trainings of a dataset's models, of runs with repeats."""
    return [name for names in repeated_of(config, dataset).values() for name in names]


def each_of(names, path):
    """Return an input function: this file of each model that ``names`` gives for the wildcards' dataset."""
    return lambda wildcards: [
        path.of(dataset=wildcards.dataset, model=model) for model in names(config, wildcards.dataset)
    ]


def of_recognizer(entry):
    """Return the value that a function of the entry of the wildcards' recognizer and variant gives."""

    def value(wildcards):
        try:
            return entry(recognizer_of(config, wildcards.recognizer, wildcards.variant))
        except ConfigurationError as error:
            raise WorkflowError(str(error)) from None

    return value


def recognizer_code(entry):
    """Return an input function: the entry's sources and those of the wildcards' network."""

    def files(wildcards):
        network = config["recognizers"][wildcards.recognizer]["network"]
        return [relative(path) for path in source_closure(entry, [networks.module(network)])]

    return files


def recognizer_pages(wildcards):
    """Return the pages of all recognizers."""
    return [layout.RECOGNIZER_PAGE.of(recognizer=name) for name in recognizers(config)]


def upscaler_pages(wildcards):
    """Return the pages of all upscalers."""
    return [layout.UPSCALER_PAGE.of(upscaler=name) for name in config.get("upscalers") or ()]


def labelled_dataset(entry):
    """Return the dataset of further stamps with labels, where a recognizer has one."""
    labelled = entry.get("labelled")
    return [layout.DATASET.of(dataset=labelled["dataset"])] if labelled else []


def first_training(path):
    """Return an input function: a file of the first training of a recognizer's first variant."""
    return lambda wildcards: path.of(
        recognizer=wildcards.recognizer, variant=variants_of(config, wildcards.recognizer)[0], repeat=1
    )


def each_training(path):
    """Return an input function: a file of every training of a recognizer."""
    return lambda wildcards: [
        path.of(recognizer=wildcards.recognizer, variant=variant, repeat=repeat)
        for variant in variants_of(config, wildcards.recognizer)
        for repeat in repeats_of(config, wildcards.recognizer)
    ]


def of_recognizer_dataset(wildcards):
    """Return the dataset of the wildcards' recognizer."""
    return layout.DATASET.of(dataset=config["recognizers"][wildcards.recognizer]["dataset"])


def of_discriminator(path):
    """Return an input function: a file of the GAN whose discriminator is asked beside a recognizer."""
    return lambda wildcards: path.of(**config["recognizers"][wildcards.recognizer]["discriminator"])


def asked_of(path):
    """Return an input function: the scores of this kind that the configuration asks a recognizer for."""

    def files(wildcards):
        name = wildcards.recognizer
        return [path.of(recognizer=name, **each) for each in asked(config, name)[path]]

    return files


def asked_pictures(wildcards):
    """Return what lies in the pictures that a recognizer is asked about, as a digest."""
    path = Path(config["recognizers"][wildcards.recognizer]["pictures"][wildcards.pictures])
    with opened_store(path) as store:
        return listing_digest(store.sizes())


def picture_source(key):
    """Return an input function: what the source of the wildcards' picture has under a key, if anything."""

    def value(wildcards):
        pictures = config["upscalers"][wildcards.upscaler]["pictures"]
        if wildcards.picture not in pictures:
            raise WorkflowError(f"upscalers.{wildcards.upscaler}: there is no picture {wildcards.picture}")
        found = pictures[wildcards.picture].get(key)
        if found is None:
            return []
        return [layout.SURVEY_MANIFEST.of(survey=found) if key == "survey" else found]

    return value


def each_picture(path):
    """Return an input function: a file of every picture of an upscaler."""
    return lambda wildcards: [
        path.of(upscaler=wildcards.upscaler, picture=picture)
        for picture in config["upscalers"][wildcards.upscaler]["pictures"]
    ]


def of_trainings(path, first_alone=False, where=None):
    """Return an input function: this file of the trainings of the wildcards' experiment.

    Of all, or of the first of each variant; of none, if ``where`` is given and does not hold for the experiment.
    """

    def files(wildcards):
        if where is not None and not where(config, wildcards.experiment):
            return []
        return experiments.training_files(config, wildcards.experiment, path, first_alone)

    return files


def base_dataset(wildcards):
    """Return the dataset of the base run of the wildcards' experiment."""
    return experiments.experiment_dataset(config, wildcards.experiment)


def page_figures(wildcards):
    """Return the figures that the page of the wildcards' experiment shows."""
    return experiments.page_figures(config, wildcards.experiment)
