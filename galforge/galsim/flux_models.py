"""Models whose galaxies are in flux, which a simulation can use."""

import functools
from pathlib import Path

from galforge.core.errors import InputError
from galforge.galsim.single_thread import single_thread
from galforge.models.base import GenerativeModel
from galforge.models.published import load_published


def load_flux_model(folder: Path | str) -> GenerativeModel:
    """Return a trained model of galaxies in flux, in one band; the same object while its files are the same.

    Raises
    ------
    InputError
        If there is none in the folder, or its galaxies have no flux or several bands.
    """
    files = [Path(folder) / name for name in ("weights.safetensors", "model.json")]
    if missing := [path for path in files if not path.is_file()]:
        raise InputError(f"{missing[0]}: does not exist; allowed: the folder of a trained model")
    return _loaded(Path(folder).resolve(), tuple(path.stat().st_mtime_ns for path in files))


@functools.lru_cache(8)
def _loaded(folder: Path, _written: tuple[int, ...]) -> GenerativeModel:
    with single_thread():
        model = load_published(folder)
    if not model.in_flux:
        raise InputError(
            f"{folder}: its stamps are in [0, 1], each by itself, with PSF and sky, and have no flux; train "
            "a model of galaxies in flux instead, such as flow_vae on a dataset with normalization: flux "
            "(config/flux.yaml)"
        )
    if model.image_shape[0] != 1:
        raise InputError(f"{folder}: its stamps have {model.image_shape[0]} channels; allowed: 1")
    if "pixel_scale" not in model.record.get("observed", {}):
        raise InputError(f"{folder / 'model.json'}: has no observed.pixel_scale; train the model anew")
    return model
