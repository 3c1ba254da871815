"""What GalSim calls for ``input: {generative_model: ...}`` and ``gal: {type: GeneratedGalaxy, ...}``."""

from typing import Any, Final

import galsim
from galsim.config import GetAllParams, GetInputObj, GetRNG, SetDefaultIndex

from galforge.datasets.conditions import is_angle
from galforge.galsim.configured_values import check_configured
from galforge.galsim.galaxies import GeneratedGalaxies

INPUT: Final = "generative_model"
OBJECT: Final = "GeneratedGalaxy"


class ModelLoader(galsim.config.InputLoader):  # type: ignore[misc]  # galsim has no types
    """Loads a model before GalSim forks its processes, which then share it."""

    def setupImage(  # noqa: N802 (GalSim calls it)
        self, input_obj: GeneratedGalaxies, config: dict[str, Any], base: dict[str, Any], logger: Any
    ) -> None:
        """Refuse values of the configuration that the model cannot be asked for, before anything is drawn."""
        number = base["_input_objs"][INPUT].index(input_obj)
        check_configured(input_obj, base, OBJECT, number)


def register() -> None:
    """Make the input type and the object type known to GalSim."""
    galsim.config.RegisterInputType(INPUT, ModelLoader(GeneratedGalaxies, use_proxy=False))
    galsim.config.RegisterObjectType(OBJECT, build_galaxy, input_type=INPUT)


def build_galaxy(
    config: dict[str, Any], base: dict[str, Any], ignore: list[str], gsparams: dict[str, Any], logger: Any
) -> tuple["galsim.GSObject", bool]:
    """Return the galaxy that a field of a GalSim configuration asks for, and whether it stays the same.

    Raises
    ------
    InputError
        For a value that the model cannot be asked for.
    """
    galaxies: GeneratedGalaxies = GetInputObj(INPUT, config, base, OBJECT)
    if galaxies.catalog is not None:
        SetDefaultIndex(config, len(galaxies))
    kinds = {each.column: _type_of(each.column, each.kind) for each in galaxies.conditions}
    try:
        values, safe = GetAllParams(
            config, base, opt={"index": int, **kinds}, ignore=[*ignore, "num", "flux"]
        )
    except galsim.GalSimConfigError as error:
        known = ", ".join(galaxies.columns) or "none"
        raise galsim.GalSimConfigError(f"{OBJECT}: {error}; the model's conditions: {known}") from error
    logger.debug("obj %d: %s %s", base.get("obj_num", 0), OBJECT, values)
    index = values.pop("index", None)
    asked = {name: value.rad if isinstance(value, galsim.Angle) else value for name, value in values.items()}
    parameters = galsim.GSParams(**gsparams) if gsparams else None
    if index is None:
        rng = GetRNG(config, base, logger, OBJECT)
        return galaxies.galaxy(asked, rng, parameters), False
    # The seed of the file where there is one: a number has the same galaxy in all its images and processes.
    seeds = (galaxies.seed, base.get("file_num_seed"), base.get("image_num_seed"))
    seed = next((each for each in seeds if each is not None), None)
    return galaxies.numbered(index, asked, seed, parameters), safe and galaxies.seed is not None


def _type_of(column: str, kind: str) -> Any:
    if kind == "class":
        return str
    return (galsim.Angle, float) if is_angle(column) else float
