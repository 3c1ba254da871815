"""Every catalogue column that a stamp file may hold, with its unit and meaning."""

from typing import NamedTuple


class Column(NamedTuple):
    """Unit (empty if dimensionless) and meaning of one catalogue column."""

    unit: str
    description: str


_SERSIC = "single-Sersic fit of the survey's catalogue"
_BULGE = "bulge + disc fit of the survey's catalogue"

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
    "sersic_flux": Column("flux", f"flux of the {_SERSIC}"),
    "sersic_half_light_radius": Column("arcsec", f"circularized half-light radius, {_SERSIC}"),
    "sersic_index": Column("", f"Sersic index n, {_SERSIC}"),
    "sersic_axis_ratio": Column("", f"minor over major axis, {_SERSIC}"),
    "position_angle": Column("rad", f"position angle of the major axis from the +x axis, {_SERSIC}"),
    "bulge_fraction": Column("", f"bulge over total flux, {_BULGE}; 0 where the Sersic fit is preferred"),
    "use_bulge_fit": Column("", "1 where the survey prefers the bulge + disc fit"),
    # From rendering.
    "pixel_scale": Column("arcsec", "width of a pixel of the stamp"),
    "original_size": Column("pixel", "good image size on the survey's pixels, Eq. 1 of Danilov (2020)"),
    "automatic_size": Column("pixel", "side that drawImage would choose at the stamp's pixel scale"),
    "larger_than_frame": Column("", "1 where automatic_size exceeds the stamp: the galaxy reaches beyond it"),
    "flux_fraction": Column(
        "", "flux inside the stamp, without noise padding, over that of the survey's stamp"
    ),
    "centroid_offset": Column("pixel", "from the middle of the stamp to the centroid of the fitted Gaussian"),
    "padding_noise": Column("flux", "standard deviation of the noise beyond the survey's own stamp"),
    "render_status": Column("", "'ok', or why the galaxy could not be drawn"),
    # Measured on the stamp.
    "border_noise": Column("flux", "least standard deviation over the 8 x 8 regions along the border"),
    "snr": Column("", "maximum of the stamp reduced to 16 x 16 over border_noise, Eq. 2"),
    "width": Column("pixel", "sigma along the major axis of the fitted 2-D Gaussian, Eq. 2"),
    "width_status": Column("", "'ok', or why the Gaussian fit failed"),
    "non_uniformity": Column("", "maximum over mean of the stamp, Eq. 2"),
}
