"""A model that trains in milliseconds, and runs that are killed where a test wants them to be."""

import torch

from galforge.models.base import GenerativeModel
from galforge.models.batch import Batch
from galforge.training.data import ResidentStamps
from galforge.training.execution import EAGER
from galforge.training.loop import train
from galforge.training.recipe import Optimizer, Recipe, Schedule
from galforge.training.state import StateStore


class TinyModel(GenerativeModel):
    """Two phases, dropout and noise: everything that a resumed run could get wrong."""

    def __init__(self, image_shape=(1, 8, 8), poison_at=None):
        super().__init__(image_shape)
        self.first = torch.nn.Conv2d(1, 4, 3, padding=1)
        self.norm = torch.nn.BatchNorm2d(4)
        self.dropout = torch.nn.Dropout(0.3)
        self.second = torch.nn.Linear(4 * 64, 1)
        self.poison_at, self.calls = poison_at, 0

    def phases(self, step, total_steps):
        return ("first",) if step < total_steps // 2 else ("first", "second")

    def phase_parameters(self):
        return {
            "first": [*self.first.parameters(), *self.norm.parameters()],
            "second": list(self.second.parameters()),
        }

    def training_losses(self, batch, phase, generator):
        images = batch.image
        self.calls += 1
        noise = torch.randn(images.shape, generator=generator)
        features = self.dropout(self.norm(self.first(images + noise)))
        loss = (self.second(features.flatten(1)) - images.mean((1, 2, 3))[:, None]).square().mean()
        if self.calls == self.poison_at:
            loss = loss * torch.nan
        return {"loss": loss, "other": loss.detach() * 2}

    def validation_losses(self, batch, generator):
        return self.training_losses(batch, "first", generator)

    def sample(self, count, generator, condition=None):
        noise = torch.randn(count, *self.image_shape, generator=generator)
        return torch.sigmoid(self.first(noise).mean(1, keepdim=True))


def new_model(kind=TinyModel, **settings):
    torch.manual_seed(3)
    return kind(**settings)


IMAGES = torch.rand(40, 1, 8, 8, generator=torch.Generator().manual_seed(1))
BATCH = Batch(IMAGES)
STAMPS = ResidentStamps(IMAGES)
# 5 steps per epoch, 20 in all.
RECIPE = Recipe(8, 4, Optimizer(1e-2), warmup_steps=4, schedule=Schedule("plateau", patience=0))


def never(since, took):
    return False


def run(directory, save_due=never, recipe=RECIPE, key="key", model=None, execution=EAGER, watch=None):
    store = StateStore(directory, key)
    validation = ResidentStamps(IMAGES[:11])
    with store.locked():
        return train(
            model or new_model(), STAMPS, validation, recipe, 7, store, "test", save_due, execution, watch
        )


class Killed(BaseException):
    pass


def killed_after(saves_at, killed_at):
    count = 0

    def due(since, took):
        nonlocal count
        count += 1
        if count == killed_at:
            raise Killed
        return count in saves_at

    return due


def without_timing(history):
    return [{name: value for name, value in row.items() if name != "images_per_second"} for row in history]


def same(first, second):
    """Whether two sets of weights are the same bit for bit."""
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)
