"""What a simulated survey is made of, for the configuration and the simulation. No GalSim here."""

from galforge.core.settings import Section, setting


class PopulationSettings(Section):
    """What a simulated survey is made of."""

    count: int = setting("number of galaxies", ge=1)
    magnitude_limit: float = setting("faintest galaxies, in F814W", unit="mag", ge=20, le=25.2)
    companion_fraction: float = setting("galaxies with a fainter neighbour in their stamp", ge=0, le=1)
    psf_count: int = setting("different PSFs, shared by the galaxies", ge=1, le=1000)
