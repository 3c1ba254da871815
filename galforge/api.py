"""The public interface: a few functions over the library, for use outside the pipeline.

Each function imports what it needs when it is called: reading stamps must not cost torch's seconds.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from galforge.datasets.stamp_file import Stamps
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


def load_model(folder: Path | str, plugins: Sequence[str] = ()) -> "GenerativeModel":
    """Return a trained model, on the CPU and in evaluation mode.

    No code runs that comes with the files: weights are safetensors, the record is JSON.

    Parameters
    ----------
    folder : Path or str
        A folder with ``weights.safetensors`` and ``model.json``, as a training publishes them.
    plugins : sequence of str, optional
        Models and networks of other installed packages that the record may name. They are imported, so name
        only those that you trust; without them, only galforge's own are known.

    Raises
    ------
    galforge.core.errors.InputError
        If the training failed, the record is none, or the weights are not those that it describes.
    FileNotFoundError
        If one of the two files is missing.

    Examples
    --------
    After ``make demo``:

    >>> import galforge
    >>> model = galforge.load_model("results/model/simulated_cosmos/danilov_beta_vae")
    >>> model.image_shape
    (1, 64, 64)
    """
    from galforge.core.registry import opt_in
    from galforge.models.published import load_published

    opt_in(plugins)
    return load_published(Path(folder))


def draw(
    model: "GenerativeModel",
    count: int,
    seed: int,
    conditions: "pd.DataFrame | None" = None,
    beyond: bool = False,
) -> "NDArray[np.float32]":
    """Return new stamps from a model.

    Parameters
    ----------
    model : GenerativeModel
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

    stamps = draw_galaxies(model, count, seed, conditions, beyond=beyond)
    return stamps.flux() if model.in_flux else stamps.image
