"""Models whose galaxies are in flux, which a simulation can use."""

import functools
from pathlib import Path

from galforge.core.errors import InputError
from galforge.galsim.single_thread import single_thread
from galforge.models.base import GenerativeModel
from galforge.publication.obtaining import obtain_model
from galforge.publication.places import MODEL_FILES, is_address, model_place


def load_flux_model(where: Path | str) -> GenerativeModel:
    """Return a trained model of galaxies in flux, in one band; the same object while its files are the same.

    Parameters
    ----------
    where : Path or str
        See :func:`galforge.publication.obtaining.obtain_model`.

    Raises
    ------
    InputError
        If there is none, or its galaxies have no flux or several bands.
    """
    if is_address(where):  # its hash says which model it is
        return _loaded(str(where), ())
    place = model_place(where)
    return _loaded(str(place.resolve()), _written(place))


def _written(place: Path) -> tuple[int, ...]:
    """Return when the files of a model were written."""
    files = [place] if place.is_file() else [place / name for name in MODEL_FILES]
    if missing := [path for path in files if not path.is_file()]:
        raise InputError(
            f"{missing[0]}: does not exist; allowed: the folder of a trained model, or a zip of one"
        )
    return tuple(path.stat().st_mtime_ns for path in files)


@functools.lru_cache(8)
def _loaded(where: str, _written: tuple[int, ...]) -> GenerativeModel:
    with single_thread():
        model = obtain_model(where)
    if not model.in_flux:
        raise InputError(
            f"{where}: its stamps are in [0, 1], each by itself, with PSF and sky, and have no flux; train "
            "a model of galaxies in flux instead, such as flow_vae on a dataset with normalization: flux "
            "(config/flux.yaml)"
        )
    if model.image_shape[0] != 1:
        raise InputError(f"{where}: its stamps have {model.image_shape[0]} channels; allowed: 1")
    if "pixel_scale" not in model.record.get("observed", {}):
        raise InputError(f"{where}: its model.json has no observed.pixel_scale; train the model anew")
    return model
