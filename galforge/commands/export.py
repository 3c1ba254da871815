"""Datasets and samples in the layout in which others read images of many surveys."""

from pathlib import Path

from galforge.core.errors import InputError


def export(source: Path, output: Path, *, band: tuple[str, ...]) -> None:
    """Write a dataset or sample in the image layout of the Multimodal Universe.

    Parameters
    ----------
    source : Path
        A stamp file: a dataset, samples of a model (those of ``galforge draw`` are), reconstructions.
    output : Path
        HDF5 (``.h5``, ``.hdf5``) or Parquet, by the end of its name.
    band : tuple of str
        The name of the filter of each channel, such as ``f814w``; a stamp file does not know it.
    """
    from galforge.datasets.multimodal_universe import opened_source, write_hdf5, write_parquet

    writers = {".h5": write_hdf5, ".hdf5": write_hdf5, ".parquet": write_parquet}
    if output.suffix not in writers:
        raise InputError(f"{output}: ends in {output.suffix!r}; allowed: {', '.join(writers)}")
    if output.resolve() == source.resolve():
        raise InputError(f"{output}: is the file that is read; allowed: another")
    opened = opened_source(source, band)
    writers[output.suffix](output, opened)
    print(f"{output}: {len(opened):,} images in {' '.join(band)}, in {opened.units}")
