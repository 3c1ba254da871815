"""Whether what is asked of latents can be answered."""

from galforge.configuration.datasets import has_labels, of_pictures
from galforge.configuration.faults import Faults
from galforge.configuration.known_names import check_known
from galforge.configuration.mappings import Config
from galforge.datasets.columns import CLASSES


def check_latents(config: Config, faults: Faults) -> None:
    """Note classes of datasets that there are not, and of columns that a dataset cannot have."""
    for dataset, columns in (config["latents"].get("classes") or {}).items():
        key = "latents.classes"
        with faults.noted():
            check_known(key, dataset, config["datasets"])
            # The columns of a survey's own table are known once it is read: learn_classes names them.
            if not has_labels(config, dataset):
                known = () if of_pictures(config, dataset) else CLASSES
                for column in columns:
                    check_known(f"{key}.{dataset}", column, known)
