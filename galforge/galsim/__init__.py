"""Galaxies of a trained model in GalSim: ``modules: [galforge.galsim]`` in a configuration, or a class.

Importing this package registers with GalSim the input type ``generative_model`` and the object type
``GeneratedGalaxy``. docs/galsim.md says how to use them.
"""

from galforge.galsim.galaxies import GeneratedGalaxies
from galforge.galsim.registered_types import register

__all__ = ["GeneratedGalaxies"]

register()
