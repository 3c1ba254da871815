"""Draw lensed galaxies: of a model, of the survey or of Sersic fits, through PSFs and with noise."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from galforge.core.command_line import run_entry
from galforge.core.seeds import derive_seed
from galforge.datasets.observing_conditions import draw_noise_blanks, read_psfs, read_units
from galforge.datasets.stamp_file import Stamps, read_catalog, write_stamps
from galforge.imaging.stamp_psf import through_psf
from galforge.lensing.lens_files import SOURCE
from galforge.lensing.lens_settings import LensesOfSources
from galforge.lensing.lensed_light import draw_lenses, lensed_light
from galforge.lensing.source_light import HELD_OUT, chosen_rows, light_of
from galforge.models.base import GenerativeModel
from galforge.models.trained import ModelFiles, load_trained


@dataclass(frozen=True)
class Files(ModelFiles):
    """The dataset, the model, and the stamp file of lenses, whose part ``source/image`` is the truth."""

    dataset: Path
    lenses: Path


def main(files: Files, settings: LensesOfSources) -> None:
    """Draw the lenses; none where there is no model to compare with."""
    trained = load_trained(files, settings, encodes=True)
    stamps = Stamps.plain(trained.no_images())
    if trained.model is not None:
        stamps = lensed_stamps(files.dataset, trained.model.cpu(), settings)
    write_stamps(
        files.lenses, [stamps], {**trained.attributes, **stamps.attributes, "sources": settings.sources}
    )


def lensed_stamps(dataset: Path, model: GenerativeModel, settings: LensesOfSources) -> Stamps:
    """Return pictures of lenses, with the light of their sources as a part and lenses in the catalogue."""
    lenses, kind = settings.lenses, settings.sources
    seed = derive_seed(settings.seed, "lenses", kind)
    count = lenses.held_out if kind == HELD_OUT else lenses.count
    rows = chosen_rows(dataset, kind, count, settings.seed)
    light = light_of(kind, dataset, rows, model, settings.seed)
    table = draw_lenses(len(rows), lenses, seed)
    units = read_units(dataset)
    pixel, scale = float(units["pixel_scale"]), lenses.source_scale
    # A galaxy that is farther away has less flux, not less surface brightness.
    lensed = lensed_light(light * scale**2, table, pixel * scale, pixel)
    seen = through_psf(lensed, read_psfs(dataset, rows))[:, None] + draw_noise_blanks(dataset, rows, seed)
    stamps = Stamps.in_flux(np.asarray(seen, dtype=np.float32), float(units.pop("flux_scale")), **units)
    identifiers = read_catalog(dataset)["identifier"].to_numpy()[rows]
    return replace(stamps, catalog=table.assign(identifier=identifiers), parts={SOURCE: light})


if __name__ == "__main__":
    run_entry(main)
