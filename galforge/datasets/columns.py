"""Every catalogue column that a stamp file may hold, with unit and meaning."""

from collections.abc import Container
from typing import NamedTuple


class Column(NamedTuple):
    """Unit (empty if dimensionless) and meaning of one catalogue column."""

    unit: str
    description: str


_SERSIC = "single-Sersic fit of the survey's catalogue"
_BULGE = "bulge + disc fit of the survey's catalogue"
_PREFERRED = f"{_BULGE}; NaN where the Sersic fit is preferred"

# What statmorph can measure of every stamp of a dataset, by its own names; the columns begin with STATMORPH.
STATMORPH = "statmorph_"
MORPHOLOGY: dict[str, tuple[str, str]] = {
    "concentration": ("", "concentration"),
    "asymmetry": ("", "asymmetry"),
    "smoothness": ("", "smoothness (clumpiness)"),
    "gini": ("", "Gini coefficient"),
    "m20": ("", "M20"),
    "gini_m20_bulge": ("", "bulge statistic of Gini and M20"),
    "gini_m20_merger": ("", "merger statistic of Gini and M20"),
    "multimode": ("", "multimode statistic"),
    "intensity": ("", "intensity statistic"),
    "deviation": ("", "deviation statistic"),
    "outer_asymmetry": ("", "outer asymmetry"),
    "shape_asymmetry": ("", "shape asymmetry"),
    "ellipticity_asymmetry": ("", "ellipticity about the centre of asymmetry"),
    "ellipticity_centroid": ("", "ellipticity about the centroid"),
    "elongation_asymmetry": ("", "elongation about the centre of asymmetry"),
    "rpetro_circ": ("pixel", "circular Petrosian radius"),
    "rpetro_ellip": ("pixel", "elliptical Petrosian radius"),
    "rhalf_circ": ("pixel", "circular half-light radius"),
    "rhalf_ellip": ("pixel", "elliptical half-light radius"),
    "rmax_circ": ("pixel", "radius of the farthest pixel of the source"),
    "rmax_ellip": ("pixel", "semi-major axis of the ellipse through the farthest pixel of the source"),
    "r20": ("pixel", "radius of a circle with 20 % of the light"),
    "r50": ("pixel", "radius of a circle with 50 % of the light"),
    "r80": ("pixel", "radius of a circle with 80 % of the light"),
    "sersic_n": ("", "Sersic index of a fit without the PSF"),
    "sersic_rhalf": ("pixel", "half-light radius of a Sersic fit without the PSF"),
    "sersic_ellip": ("", "ellipticity of a Sersic fit without the PSF"),
}

COLUMNS: dict[str, Column] = {
    # From the survey's catalogue.
    "identifier": Column("", "the galaxy's identifier in the survey's catalogue (IDENT)"),
    "survey_row": Column("", "row of the galaxy in the survey's catalogue, from 0"),
    "ra": Column("deg", "right ascension, J2000"),
    "dec": Column("deg", "declination, J2000"),
    "mag_auto": Column("mag", "magnitude in the survey's band (SExtractor MAG_AUTO)"),
    "flux_radius": Column("pixel", "half-light radius on the survey's pixels (SExtractor FLUX_RADIUS)"),
    "zphot": Column("", "photometric redshift"),
    "weight": Column("", "selection weight of the survey's catalogue"),
    "noise_variance": Column("flux^2", "variance of the pixel noise on the survey's pixels"),
    "survey_pixel_scale": Column("arcsec", "width of a pixel of the survey"),
    "stamp_flux": Column("flux", "flux of the survey's own stamp, from its catalogue"),
    "hsc_g": Column("mag", "Hyper Suprime-Cam g magnitude (BlendingToolKit)"),
    "hsc_r": Column("mag", "Hyper Suprime-Cam r magnitude (BlendingToolKit)"),
    "hsc_i": Column("mag", "Hyper Suprime-Cam i magnitude (BlendingToolKit)"),
    "hsc_z": Column("mag", "Hyper Suprime-Cam z magnitude (BlendingToolKit)"),
    "hsc_y": Column("mag", "Hyper Suprime-Cam y magnitude (BlendingToolKit)"),
    "sersic_flux": Column("flux", f"flux of the {_SERSIC}"),
    "sersic_half_light_radius": Column("arcsec", f"circularized half-light radius, {_SERSIC}"),
    "sersic_semi_major_axis": Column(
        "pixel", f"half-light radius along the major axis on the survey's pixels, {_SERSIC}"
    ),
    "sersic_index": Column("", f"Sersic index n, {_SERSIC}"),
    "sersic_axis_ratio": Column("", f"minor over major axis, {_SERSIC}"),
    "position_angle": Column("rad", f"position angle of the major axis from the +x axis, {_SERSIC}"),
    "bulge_fraction": Column("", f"bulge over total flux, {_BULGE}; 0 where the Sersic fit is preferred"),
    "use_bulge_fit": Column("", "1 where the survey prefers the bulge + disc fit"),
    "bulge_flux": Column("flux", f"flux of the bulge (n = 4), {_PREFERRED}"),
    "bulge_half_light_radius": Column("arcsec", f"circularized half-light radius of the bulge, {_PREFERRED}"),
    "bulge_axis_ratio": Column("", f"minor over major axis of the bulge, {_PREFERRED}"),
    "bulge_position_angle": Column("rad", f"angle of the bulge's major axis from the +x axis, {_PREFERRED}"),
    "disc_flux": Column("flux", f"flux of the disc (n = 1), {_PREFERRED}"),
    "disc_half_light_radius": Column("arcsec", f"circularized half-light radius of the disc, {_PREFERRED}"),
    "disc_axis_ratio": Column("", f"minor over major axis of the disc, {_PREFERRED}"),
    "disc_position_angle": Column("rad", f"angle of the disc's major axis from the +x axis, {_PREFERRED}"),
    "sersic_fit_status": Column("", f"status of the {_SERSIC}; 1 to 4 are successes"),
    "bulge_fit_status": Column("", f"status of the {_BULGE}; 1 to 4 are successes"),
    # From a survey of pictures.
    "file": Column("", "the picture's file in its folder or archive"),
    "pixel_digest": Column(
        "", "first 16 digits of the SHA-256 of the prepared picture: equal for equal stamps"
    ),
    "perceptual_hash": Column("", "128 signs of the picture's lowest cosine frequencies, hexadecimal"),
    "class_folder": Column("", "folder of the picture below the survey's own: its class"),
    "class_number": Column("", "number of class_folder in the order of the alphabet, from 0"),
    "zero_point": Column("mag", "magnitude of flux 1, from the picture's header"),
    "psf_fwhm": Column("arcsec", "full width of the PSF at half maximum, from the picture's header"),
    "picture_x": Column(
        "pixel", "column of the galaxy's centroid, from 0, in the picture that it is cut from"
    ),
    "picture_y": Column("pixel", "row of the galaxy's centroid, from 0, in the picture that it is cut from"),
    "area": Column("pixel", "number of pixels of the galaxy's segment in the picture that it is cut from"),
    "segment_flux": Column("", "sum of the galaxy's segment above its background, in values of the picture"),
    "semimajor_axis": Column("pixel", "sigma along the major axis from the segment's second moments"),
    "ellipticity": Column("", "1 - minor over major axis, from the segment's second moments"),
    "neighbour_fraction": Column("", "share of other segments in the light of the cut-out"),
    "spike_excess": Column(
        "",
        "light on the faintest of the four diagonals, 6 to 12 px from the centre, in excess of that beside "
        "them: the diffraction spikes of a star; red values of the picture",
    ),
    # From rendering.
    "pixel_scale": Column("arcsec", "width of a pixel of the stamp"),
    "original_size": Column("pixel", "good image size on the survey's pixels, Eq. 1 of Danilov (2020)"),
    "automatic_size": Column("pixel", "side that drawImage would choose at the stamp's pixel scale"),
    "larger_than_frame": Column("", "1 where automatic_size exceeds the stamp: the galaxy reaches beyond it"),
    "flux_fraction": Column(
        "", "flux inside the stamp, without noise padding, over that of the survey's stamp"
    ),
    "centroid_offset": Column(
        "pixel", "distance from the middle of the stamp to the centroid of the fitted Gaussian"
    ),
    "padding_noise": Column("flux", "standard deviation of the noise beyond the survey's own stamp"),
    "render_status": Column("", "'ok', or why the galaxy could not be drawn"),
    # Measured on the stamp.
    "border_noise": Column("flux", "least standard deviation over the 8 x 8 regions along the border"),
    "catalog_noise": Column(
        "flux",
        "standard deviation that the catalogue's noise_variance gives on the pixels of the stamp, with the "
        "correlation of COSMOS noise and the survey's own PSF",
    ),
    "snr": Column("", "maximum of the stamp reduced to 16 x 16 over border_noise, Eq. 2"),
    "corner_snr": Column(
        "", "the same with the noise of the four corners alone, as in the published code of Danilov (2020)"
    ),
    "width": Column("pixel", "sigma along the major axis of the fitted 2-D Gaussian, Eq. 2"),
    "width_arcsec": Column("arcsec", "width times pixel_scale"),
    "width_status": Column("", "'ok', or why the Gaussian fit failed"),
    "non_uniformity": Column("", "maximum over mean of the stamp, Eq. 2"),
    **{
        f"{STATMORPH}{name}": Column(unit, f"{what}, by statmorph on the stamp")
        for name, (unit, what) in MORPHOLOGY.items()
    },
    # Of galaxies that a model drew.
    "flux": Column("flux", "sum of the galaxy's pixels, in the unit of flux that the file states"),
    "noise_level": Column("", "standard deviation of the noise of a pixel, in the unit of the image"),
    # Of lenses.
    "einstein_radius": Column("arcsec", "Einstein radius of the lens"),
    "lens_axis_ratio": Column("", "minor over major axis of the lens's mass"),
    "lens_angle": Column("rad", "position angle of the lens's major axis from the +x axis"),
    "shear_1": Column("", "external shear along the axes"),
    "shear_2": Column("", "external shear along the diagonals"),
    "source_x": Column("arcsec", "place of the source behind the lens, from its middle along x"),
    "source_y": Column("arcsec", "place of the source behind the lens, from its middle along y"),
    # From stamps with which a model is probed, and from its output.
    "probe": Column("", "'average', 'traversal', 'rotation' or 'noise': what was done"),
    "probe_output": Column("", "1 for the model's output, 0 for its input"),
    "probe_galaxy": Column("", "number of the galaxy, from 0, the highest SNR first; -1 where there is none"),
    "probe_latent": Column("", "number of the latent that was changed, from 0; NaN where none was"),
    "probe_step": Column("", "change of that latent, in its standard deviations over the galaxies"),
    "probe_angle": Column("deg", "counter-clockwise turn of the stamp"),
    "probe_snr": Column("", "SNR (Eq. 2) that noise was added down to; NaN where none was"),
    "latent_shift": Column(
        "", "change of the stamp's latents, root mean square in their standard deviations over the galaxies"
    ),
}
TEXT = ("file", "class_folder", "pixel_digest", "perceptual_hash")  # columns of text that are not statuses
CLASSES = ("use_bulge_fit", "larger_than_frame")  # columns of rendered galaxies that are classes
# Names that no label of a survey's own table can have: those above, and those on the way to a dataset.
RESERVED = frozenset({*COLUMNS, "fault", "split", "side", "kept", "rejected_by"})

_VOTE = "share of Galaxy Zoo 2 votes, weighted by the share of votes that lead to the question: "
# The questions and answers of Willett et al. (2013), Table 2, as the Kaggle challenge numbers them.
_ANSWERS = {
    1: ("smooth", "features or disc", "star or artefact"),
    2: ("edge-on", "not edge-on"),
    3: ("bar", "no bar"),
    4: ("spiral arms", "no spiral arms"),
    5: ("no bulge", "bulge just noticeable", "bulge obvious", "bulge dominant"),
    6: ("something odd", "nothing odd"),
    7: ("completely round", "in between", "cigar-shaped"),
    8: ("ring", "lens or arc", "disturbed", "irregular", "other", "merger", "dust lane"),
    9: ("edge-on, rounded bulge", "edge-on, boxy bulge", "edge-on, no bulge"),
    10: ("tight arms", "medium arms", "loose arms"),
    11: (
        "one arm",
        "two arms",
        "three arms",
        "four arms",
        "more than four arms",
        "cannot tell how many arms",
    ),
}
VOTES: dict[str, Column] = {
    f"Class{question}.{number}": Column("", _VOTE + answer)
    for question, answers in _ANSWERS.items()
    for number, answer in enumerate(answers, start=1)
}


def answer_of(name: str) -> str:
    """Return the answer whose votes a column counts; empty of a column that is none of :data:`VOTES`."""
    return VOTES[name].description.removeprefix(_VOTE) if name in VOTES else ""


_LABEL = "label of the survey's own table, as published"


def describe_column(name: str, labels: Container[str] = ()) -> Column:
    """Return unit and meaning of a column.

    Parameters
    ----------
    name : str
    labels : container of str
        Columns that come from the survey's own table.

    Raises
    ------
    KeyError
        If it is neither a column described here nor a label.
    """
    if name in COLUMNS or name not in labels:
        return COLUMNS[name]
    return VOTES.get(name, Column("", _LABEL))
