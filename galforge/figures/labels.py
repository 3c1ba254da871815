"""What measured quantities are called where a person reads them: in figures and tables."""

from collections.abc import Iterable

# statmorph's names (Rodriguez-Gomez et al. 2019) and the selection's, with units in pixels of the stamp.
_LABELS = {
    "snr": "signal-to-noise ratio SNR",
    "width": "width σ along the major axis [px]",
    "non_uniformity": "non-uniformity (maximum / mean)",
    "flux_fraction": "flux inside the stamp / flux of the galaxy",
    "centroid_offset": "centroid's distance from the middle [px]",
    "area": "area of the segment [px]",
    "neighbour_fraction": "neighbours' share of the light",
    "spike_excess": "diffraction spikes over their surroundings",
    "concentration": "concentration C",
    "asymmetry": "asymmetry A",
    "smoothness": "smoothness S",
    "gini": "Gini coefficient",
    "m20": "M20",
    "gini_m20_bulge": "Gini-M20 bulge statistic",
    "gini_m20_merger": "Gini-M20 merger statistic",
    "multimode": "multimode M",
    "intensity": "intensity I",
    "deviation": "deviation D",
    "outer_asymmetry": "outer asymmetry",
    "shape_asymmetry": "shape asymmetry",
    "ellipticity_centroid": "ellipticity (centroid)",
    "ellipticity_asymmetry": "ellipticity",
    "elongation_asymmetry": "elongation",
    "flux_ellip": "flux",
    "rhalf_circ": "half-light radius, circular [px]",
    "rhalf_ellip": "half-light semi-major axis [px]",
    "rpetro_circ": "Petrosian radius, circular [px]",
    "rpetro_ellip": "Petrosian semi-major axis [px]",
    "r20": "radius of 20 % of the light [px]",
    "r50": "radius of 50 % of the light [px]",
    "r80": "radius of 80 % of the light [px]",
    "sersic_n": "Sersic index n",
    "sersic_rhalf": "Sersic half-light radius [px]",
    "sersic_ellip": "Sersic ellipticity",
    # From the survey's catalogue.
    "mag_auto": "magnitude",
    "flux_radius": "half-light radius, survey [px]",
    "zphot": "photometric redshift",
    "sersic_half_light_radius": "half-light radius, survey's Sersic fit [arcsec]",
    "sersic_index": "Sersic index, survey's fit",
    "sersic_axis_ratio": "axis ratio, survey's fit",
    "position_angle": "position angle, survey's fit",
    "bulge_fraction": "bulge fraction, survey's fit",
    "ellipticity_1": "ellipticity e1, survey's fit",
    "ellipticity_2": "ellipticity e2, survey's fit",
    "pixel_scale": "pixel of the stamp [arcsec]",
    # Measured in flux and arcsec.
    "half_light_radius": "half-light radius [arcsec]",
    "ellipticity": "ellipticity |e|",
    "axis_ratio": "axis ratio",
    "size_magnitude": "size and magnitude together",
    "width_arcsec": "width σ along the major axis [arcsec]",
    "loss": "loss",
    "learning_rate": "learning rate",
    "divergence": "divergence (KL)",
}


def label(name: str) -> str:
    """Return the label of a quantity; one that has none keeps its name, in words."""
    return _LABELS.get(name.removeprefix("measured_"), name.replace("_", " "))


def in_order(names: Iterable[str]) -> list[str]:
    """Return names in the order in which people expect the quantities, unknown ones last."""
    places = {name: place for place, name in enumerate(_LABELS)}
    return sorted(names, key=lambda name: (places.get(name.removeprefix("measured_"), len(places)), name))


def short_label(name: str) -> str:
    """Return the label without its unit: for table heads."""
    return label(name).split(" [", maxsplit=1)[0]
