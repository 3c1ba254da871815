"""The settings of a survey that the user has, for the configuration and the stage that imports it."""

from typing import Literal

from galforge.core.settings import Section, setting

ExclusionLevel = Literal["none", "bad_stamp", "bad_fits", "marginal"]
CREDIT = "whom to thank, under which licence"
EXCLUSION = "which galaxies are left out, in the words of GalSim's COSMOSCatalog"


class LocalSurvey(Section):
    """A directory in the COSMOS format, and which of its galaxies count."""

    directory: str = setting("folder in the COSMOS format", min_length=1)
    catalog: str = setting("file name of the catalogue", pattern=r"\.fits$")
    exclusion_level: ExclusionLevel = setting(EXCLUSION, source="GalSim")
    credit: str = setting(CREDIT)
