"""The settings of a split, for the configuration and the stage that makes it."""

from galforge.core.settings import Section, setting


class Split(Section):
    """Sides of the split: fractions below 1, or whole numbers of stamps, in the order of a hash."""

    validation: float = setting("fraction or number of stamps", gt=0)
    test: float = setting("fraction or number of stamps", gt=0)
    published: str = setting(
        "column of the survey's own table that says test of pictures of its test part: these are for test, "
        "and those beyond its number are on no side; whole numbers of stamps only; none by default",
        min_length=1,
        default=None,
    )
    train: int = setting("number of stamps; the rest by default", ge=1, default=None)

    @property
    def by_count(self) -> bool:
        """Whether the numbers are counts of stamps."""
        return self.validation >= 1
