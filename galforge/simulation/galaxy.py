"""One simulated galaxy: its profiles, structure, companion and conditions of observation."""

from dataclasses import dataclass

from galforge.simulation.sersic import Sersic


@dataclass(frozen=True)
class Structure:
    """Spiral arms and star-forming knots of a disc.

    Attributes
    ----------
    arm_count : int
        Number m of arms.
    arm_strength : float
        Amplitude of the modulation, 0 (no arms) to 1.
    arm_sharpness : float
        Concentration of a von Mises profile across an arm.
    arm_phase : float
        Azimuth of an arm at the half-light radius, in radians.
    pitch_angle : float
        In radians; its sign gives the sense of the winding.
    knot_count : int
        Number of star-forming knots.
    knot_fraction : float
        Their share of the disc's flux.
    """

    arm_count: int
    arm_strength: float
    arm_sharpness: float
    arm_phase: float
    pitch_angle: float
    knot_count: int
    knot_fraction: float


@dataclass(frozen=True)
class Companion:
    """A fainter neighbour.

    Attributes
    ----------
    profile : Sersic
        Its light.
    offset : tuple of float
        Its position (x, y) relative to the galaxy, in pixels.
    """

    profile: Sersic
    offset: tuple[float, float]


@dataclass(frozen=True)
class Galaxy:
    """Everything that is drawn of one galaxy.

    Attributes
    ----------
    number : int
        Its number in the survey, from 0.
    magnitude, redshift : float
        Total F814W magnitude; redshift.
    right_ascension, declination : float
        In degrees.
    sersic : Sersic
        The profile that is drawn or, for a bulge with a disc, the single profile that stands for it
        (:func:`galforge.simulation.sersic.composite_equivalent`; the axis ratio is the flux-weighted
        mean of the two, which are aligned).
    bulge, disc : Sersic or None
        Both or neither.
    structure : Structure
        Arms and knots of the disc, or of the whole galaxy where there is no disc.
    companion : Companion or None
        A neighbour on the same stamp.
    noise_variance : float
        Variance per pixel.
    point_spread_function : int
        Its number in the bank.
    center : tuple of float
        Offset (x, y) of the galaxy from the centre of the stamp, in pixels.
    size : int
        Side of the stamp, in pixels.
    """

    number: int
    magnitude: float
    redshift: float
    right_ascension: float
    declination: float
    sersic: Sersic
    bulge: Sersic | None
    disc: Sersic | None
    structure: Structure
    companion: Companion | None
    noise_variance: float
    point_spread_function: int
    center: tuple[float, float]
    size: int
