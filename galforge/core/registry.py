"""Components that are named by their folders: a module of settings and one of code in each, no list of them.

A name is compared with the folders that exist before anything is imported, and asking what a component can be
set to imports no torch: the Snakefile does so each time that Snakemake looks at the workflow.

Other people's packages may have components, too, under an entry point of the registry's name
(``galforge.models``, ``galforge.networks``) that names such a package. They are looked at only for the names
that the user has opted in to, by :func:`opt_in`; without one, installed packages are not even listed.
"""

import difflib
import importlib
import importlib.metadata
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from galforge.core.errors import ConfigurationError

Settings = TypeVar("Settings", bound=BaseModel)

SETTINGS_MODULE = "settings"
# Names, with commas between them. In the environment, so that the jobs of a run have them as Snakemake does.
PLUGINS_VARIABLE: Final = "GALFORGE_PLUGINS"


def opt_in(names: Iterable[str]) -> None:
    """Let components of other packages be found under these names, in this process and those it starts."""
    os.environ[PLUGINS_VARIABLE] = ",".join(sorted({*_opted_in(), *names}))


def _opted_in() -> set[str]:
    return set(filter(None, os.environ.get(PLUGINS_VARIABLE, "").split(",")))


@dataclass(frozen=True)
class Registry(Generic[Settings]):
    """The components in the folders of a package.

    Attributes
    ----------
    package : str
        Dotted name of the package.
    folder : Path
        Where it lies.
    implementation : str
        The module of a component's folder that defines ``build(image_shape, settings)``.
    base : type
        A component's module ``settings`` defines one subclass of it.
    noun : str
        What a component is called in messages.
    """

    package: str
    folder: Path
    implementation: str
    base: type[Settings]
    noun: str

    def names(self) -> tuple[str, ...]:
        """Return the names of all components, sorted; those of other packages where the user has opted in."""
        return tuple(sorted({*self._folders(), *self._plugins()}))

    def _folders(self) -> set[str]:
        settings = self.folder.glob(f"*/{SETTINGS_MODULE}.py")
        folders = (path.parent for path in settings)
        return {each.name for each in folders if (each / f"{self.implementation}.py").is_file()}

    def _plugins(self) -> dict[str, str]:
        """Return the packages of the components that the user has opted in to, by name."""
        wanted = _opted_in()
        found = importlib.metadata.entry_points(group=self.package) if wanted else ()
        return {each.name: each.module for each in found if each.name in wanted}

    def refusal(self, name: object) -> str | None:
        """Return which names there are, and which of them may have been meant; None for a name of these."""
        names = self.names()
        if name in names:
            return None
        close = difflib.get_close_matches(str(name), names, n=1)
        return ", ".join(names) + (f" (did you mean {close[0]!r}?)" if close else "")

    def module(self, name: str) -> str:
        """Return the dotted name of the module that implements a component.

        Raises
        ------
        ConfigurationError
            If there is no such component; nothing is imported.
        """
        return f"{self._checked(name)}.{self.implementation}"

    def settings_class(self, name: str) -> type[Settings]:
        """Return what states the settings of a component.

        Raises
        ------
        ConfigurationError
            If there is no such component; nothing is imported.
        """
        module = importlib.import_module(f"{self._checked(name)}.{SETTINGS_MODULE}")
        own = (each for each in vars(module).values() if getattr(each, "__module__", None) == module.__name__)
        classes = [each for each in own if isinstance(each, type) and issubclass(each, self.base)]
        if len(classes) != 1:
            raise TypeError(
                f"{module.__name__} defines {len(classes)} subclasses of {self.base.__name__}, not 1"
            )
        return classes[0]

    def settings(self, name: str, values: Mapping[str, Any]) -> Settings:
        """Return the settings of a component, checked.

        Raises
        ------
        ConfigurationError
            For an unknown component, and for the first setting that is not as stated.
        """
        statement = self.settings_class(name)
        try:
            return statement.model_validate(values)
        except ValidationError as invalid:
            error = invalid.errors(include_url=False)[0]
            key = ".".join(map(str, ("settings", *error["loc"])))
            raise ConfigurationError(
                f"{self.noun} {name}: {key} is {error['input']!r:.80}: {error['msg']}"
            ) from None

    def build(
        self,
        name: str,
        settings: Settings | Mapping[str, Any],
        image_shape: tuple[int, int, int],
        *further: Any,
    ) -> Any:
        """Return what a component's module builds for stamps of shape (C, H, W), from ``further`` arguments.

        Raises
        ------
        ConfigurationError
            As :meth:`settings`, which a mapping is checked by.
        """
        checked = self.settings(name, settings) if isinstance(settings, Mapping) else settings
        return importlib.import_module(self.module(name)).build(image_shape, checked, *further)

    def _checked(self, name: str) -> str:
        refusal = self.refusal(name)
        if refusal is not None:
            raise ConfigurationError(f"{self.noun} is {name!r}; allowed: {refusal}")
        # A name of the project's own is never another's.
        return f"{self.package}.{name}" if name in self._folders() else self._plugins()[name]
