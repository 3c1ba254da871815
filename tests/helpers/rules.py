"""The rules of the project, read from their files."""

import re
from dataclasses import dataclass, replace

from tests.conftest import PROJECT

HEAD = re.compile(r"^(?:use rule (\w+) as (\w+) with|rule (\w+)):$", re.MULTILINE)


@dataclass(frozen=True)
class Rule:
    """A rule that runs an entry (``stage.name``) in a conda environment."""

    name: str
    entry: str
    environment: str
    gpu: bool


def read_rules():
    """Return the rules by name; a ``use rule`` has what it does not state from the rule that it uses."""
    rules = {}
    for path in sorted((PROJECT / "rules").glob("*.smk")):
        pieces = HEAD.split(path.read_text(encoding="utf-8"))[1:]
        for used, derived, plain, text in zip(*(pieces[start::4] for start in range(4)), strict=True):
            name = derived or plain
            rule = rules[used] if used else Rule(name, "", "", False)
            rule = replace(rule, name=name, entry=re.search(r'runs\(\s*"([\w.]+)"', text)[1])
            if environment := re.search(r'"\.\./(envs/\w+\.yaml)"', text):
                rule = replace(rule, environment=environment[1])
            if "\n    resources:" in text:
                rule = replace(rule, gpu="gpu=gpus_wanted(" in text)
            rules[name] = rule
    return rules
