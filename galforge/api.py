"""The public interface: a few functions over the library, for use outside the pipeline.

Each function imports what it needs when it is called: reading stamps must not cost torch's seconds.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from galforge.datasets.stamp_file import Stamps
    from galforge.datasets.trained_model import TrainedModel
    from galforge.evaluation.own_samples import Judgement
    from galforge.models.base import GenerativeModel


def open_dataset(path: Path | str, split: str | None = None) -> "Stamps":
    """Return the stamps of a file with their catalogue.

    Parameters
    ----------
    path : Path or str
        A stamp file: a dataset, samples of a model, or reconstructions.
    split : str, optional
        Only this part of the dataset: ``"train"``, ``"validation"`` or ``"test"``. All of it by default.

    Returns
    -------
    galforge.datasets.stamp_file.Stamps
        ``image`` is float32 of shape (N, C, H, W) with values in [0, 1]; ``flux()`` gives the stamps in
        the units of the survey, and is refused for samples, which have none; ``catalog`` is a DataFrame
        with one row per stamp. All of them are in memory.

    Raises
    ------
    galforge.core.errors.InputError
        If the file is not a stamp file, or is damaged.
    ValueError
        If ``split`` is not the name of a split.

    Examples
    --------
    After ``make demo``:

    >>> import galforge
    >>> stamps = galforge.open_dataset("results/dataset/simulated_cosmos.h5", split="test")
    >>> stamps.image.shape[1:]
    (1, 64, 64)
    >>> len(stamps.catalog) == len(stamps)
    True
    """
    from galforge.datasets.stamp_file import read_stamps

    return read_stamps(path, split)


def load_model(where: Path | str = "simulated_galaxies", plugins: Sequence[str] = ()) -> "TrainedModel":
    """Return a trained model, on the CPU and in evaluation mode.

    No code runs that comes with the files: weights are safetensors, the record is JSON.

    Parameters
    ----------
    where : Path or str
        A folder with ``weights.safetensors`` and ``model.json``, as a training publishes them; a zip of such
        a folder; the address of a zip with its hash, ``https://...zip#sha256=...``, which is downloaded once;
        or ``"simulated_galaxies"``, the model that comes with galforge: galaxies in flux, trained on a
        simulation.
    plugins : sequence of str, optional
        Models and networks of other installed packages that the record may name. They are imported, so name
        only those that you trust; without them, only galforge's own are known.

    Returns
    -------
    galforge.datasets.trained_model.TrainedModel
        ``draw`` gives galaxies with their flux and catalogue; ``network`` is the torch module, whose
        attributes are also those of the model.

    Raises
    ------
    galforge.core.errors.InputError
        If the training failed, the record is none, or the weights are not those that it describes.
    galforge.core.errors.GalforgeError
        If a download fails, or has another hash.
    FileNotFoundError
        If one of the two files is missing.

    Examples
    --------
    >>> import galforge
    >>> model = galforge.load_model("simulated_galaxies")
    >>> galaxies = model.draw(3, seed=1, conditions={"mag_auto": 22.0})
    >>> galaxies.image.shape, len(galaxies.catalog)
    ((3, 1, 64, 64), 3)
    """
    from galforge.core.registry import opt_in
    from galforge.datasets.trained_model import TrainedModel
    from galforge.publication.obtaining import obtain_model

    opt_in(plugins)
    return TrainedModel(obtain_model(where))


def draw(
    model: "TrainedModel | GenerativeModel",
    count: int,
    seed: int,
    conditions: "pd.DataFrame | None" = None,
    beyond: bool = False,
) -> "NDArray[np.float32]":
    """Return new stamps from a model.

    Parameters
    ----------
    model : TrainedModel or GenerativeModel
        As :func:`load_model` returns it, on any device.
    count : int
        How many stamps; 0 is allowed.
    seed : int
        The same seed gives the same stamps, on the same kind of device.
    conditions : DataFrame of ``count`` rows, optional
        What is asked of each galaxy: columns among the model's conditions
        (``model.record["conditions"]``), in their own units; NaN leaves a value to the model, and so does a
        column that is not there.
    beyond : bool, optional
        Allow values outside the range of the training.

    Returns
    -------
    ndarray of float32, shape (count, C, H, W)
        Values in [0, 1]; from a model in flux, flux per pixel in the survey's unit, without PSF and noise.

    Raises
    ------
    galforge.core.errors.InputError
        If a column is none of the model's conditions, or a value is outside the range of the training.

    Examples
    --------
    After ``make demo``:

    >>> import galforge
    >>> model = galforge.load_model("results/model/simulated_cosmos/danilov_beta_vae")
    >>> galforge.draw(model, count=3, seed=1).shape
    (3, 1, 64, 64)
    """
    from galforge.datasets.drawing import draw_galaxies
    from galforge.datasets.trained_model import TrainedModel

    network = model.network if isinstance(model, TrainedModel) else model
    stamps = draw_galaxies(network, count, seed, conditions, beyond=beyond)
    return stamps.flux() if network.in_flux else stamps.image


def evaluate(
    samples: "Path | str | NDArray[np.floating] | Mapping[str, Path | str | NDArray[np.floating]]",
    dataset: Path | str,
    name: str = "samples",
    settings: "Path | str | Mapping[str, Any] | None" = None,
    threads: int = 1,
) -> "Judgement":
    """Return how stamps of any generator compare with a dataset's, as the pipeline judges its models.

    Parameters
    ----------
    samples : Path, str, ndarray, or mapping of str to these
        Images (N, H, W) or (N, C, H, W) of the dataset's size: an array, or an HDF5 file with them as
        ``image``. Values in [0, 1] stay as they are; otherwise each image is scaled by its own minimum and
        maximum, as the dataset's are. Several, by name, are ranked on one leaderboard, for which the
        reference is measured once.
    dataset : Path or str
        A dataset of the pipeline; its test stamps are the reference.
    name : str, optional
        What samples without a name are called in the tables.
    settings : Path, str or mapping, optional
        The configuration of a run, or what of its section ``evaluation``, and its ``seed``, differs from
        config.yaml.
    threads : int, optional
        Processes that measure morphology side by side.

    Returns
    -------
    galforge.evaluation.own_samples.Judgement
        ``leaderboard``, ``table`` (every score in a row) and ``scores`` (as ``scores.json``; of several
        samples ``by_name``).

    Raises
    ------
    galforge.core.errors.InputError
        If the samples are no images of the dataset's size, or fewer than ``count``.
    galforge.core.errors.ConfigurationError
        If a setting is none.

    Examples
    --------
    After ``make demo``:

    >>> import galforge
    >>> samples = "results/sample/simulated_cosmos/danilov_beta_vae.h5"
    >>> judged = galforge.evaluate(samples, dataset="results/dataset/simulated_cosmos.h5")  # doctest: +SKIP
    >>> judged.leaderboard[["model", "mean_distance"]]  # doctest: +SKIP
    """
    from galforge.datasets.own_stamps import own_stamps
    from galforge.datasets.stamp_file import image_shape
    from galforge.evaluation.judge_settings import judge_settings
    from galforge.evaluation.own_samples import judge_samples

    judging, shape = judge_settings(settings), image_shape(Path(dataset))
    named = samples if isinstance(samples, Mapping) else {name: samples}
    images = {each: own_stamps(source, shape) for each, source in named.items()}
    return judge_samples(images, Path(dataset), judging, threads)
