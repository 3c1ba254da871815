"""What a run of the workflow has done, is doing and will do, by stage: what the terminal shows of it."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from galforge.core.progress import PROGRESS, format_duration

# The wildcards that say what a job works on; the others say which part of it.
SUBJECTS = (
    "survey", "dataset", "model", "recognizer", "upscaler", "experiment", "variant", "repeat", "picture",
)  # fmt: skip


@dataclass(frozen=True)
class Task:
    """What a job is for.

    Attributes
    ----------
    rule : str
    stage : str
        The file of the rule, without suffix: ``"training"``.
    subject : str
        What it works on, in the order of :data:`SUBJECTS`: ``"<dataset>/<model>"``, a dataset, or nothing.
    """

    rule: str
    stage: str
    subject: str


def task(rule: str, stage: str, wildcards: Mapping[str, str]) -> Task:
    """Return what a job of a rule is for, from its wildcards."""
    names = [wildcards[name] for name in SUBJECTS if name in wildcards]
    return Task(rule, stage, "/".join(names))


@dataclass(frozen=True)
class Running:
    """A job that runs: what it is for, its message, its log if it has one, and since when (seconds)."""

    task: Task
    message: str
    log: str | None
    since: float


@dataclass
class RunState:
    """The jobs of a run.

    Parameters
    ----------
    tasks : iterable of Task
        One per job, in the order of the stages.
    cores : int
        How many of them run at a time, at most, for the time that is left.
    started : float
        When the run began, in seconds of a monotonic clock.
    """

    tasks: Iterable[Task]
    cores: int
    started: float
    running: dict[int, Running] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tasks = list(self.tasks)
        self.total, self.done = len(tasks), 0
        self.stages = Counter(task.stage for task in tasks)
        self.finished: Counter[str] = Counter()
        self._left = Counter((task.stage, task.rule) for task in tasks)
        self._subjects = Counter((task.stage, task.subject) for task in tasks)
        self._spent: dict[tuple[str, str], float] = defaultdict(float)
        self._seconds: dict[str, list[float]] = defaultdict(list)

    def begin(self, number: int, running: Running) -> None:
        """Note that a job has begun, or begun again."""
        self.running[number] = running

    def fail(self, number: int) -> Running | None:
        """Note that a job has failed; return it."""
        return self.running.pop(number, None)

    def end(self, number: int, now: float) -> str | None:
        """Note that a job has ended well; return a line if it was the last of its stage for its subject."""
        ended = self.running.pop(number, None)
        if ended is None:
            return None
        work, seconds = ended.task, now - ended.since
        self._seconds[work.rule].append(seconds)
        self._left[work.stage, work.rule] -= 1
        self.finished[work.stage] += 1
        self.done += 1
        part = (work.stage, work.subject)
        self._spent[part] += seconds
        self._subjects[part] -= 1
        if self._subjects[part]:
            return None
        name = f"{work.stage} of {work.subject}" if work.subject else work.stage
        left = self.time_left(now)
        line = f"[{self.done} of {self.total}] {name}: {format_duration(self._spent[part])} of work"
        return line + (f", about {format_duration(left)} left" if left else "")

    def time_left(self, now: float, stage: str | None = None) -> float:
        """Return about how many seconds are left, for a stage or for all; 0 while too little tells.

        A job is taken to last as long as the mean of those of its rule that have ended or, before any has, of
        all of its stage; as many run at a time as there are cores, but no more than are left. In all, nothing
        is said before a job of each stage that has several has ended: trainings take half of the time.
        """
        wanted = [each for each in self.stages if stage in (None, each)]
        if any(not self.finished[each] and self.stages[each] > 1 for each in wanted):
            return 0.0
        left = {(of, rule): count for (of, rule), count in self._left.items() if of in wanted and count}
        seconds = sum(count * self._expected(of, rule) for (of, rule), count in left.items())
        for job in self.running.values():
            if job.task.stage in wanted:
                seconds -= min(now - job.since, self._expected(job.task.stage, job.task.rule))
        return seconds / max(1, min(self.cores, sum(left.values())))

    def _expected(self, stage: str, rule: str) -> float:
        kin = [other for of, other in self._left if of == stage]
        for rules in ([rule], kin):
            known = [seconds for other in rules for seconds in self._seconds.get(other, ())]
            if known:
                return sum(known) / len(known)
        return 0.0


BAR = 20


def shown_lines(
    state: RunState, progress: Mapping[int, str], now: float, width: int, height: int
) -> list[str]:
    """Return the run as lines: one in all, one per stage, two per job that runs.

    Parameters
    ----------
    state : RunState
    progress : Mapping
        The last line of progress of each running job that has one, by number.
    now : float
        Seconds, of the clock that ``state`` was made with.
    width, height : int
        Columns and rows of the terminal: nothing is wrapped, and what does not fit is left out.
    """
    left = state.time_left(now)
    summary = f"galforge: {state.done} of {state.total} jobs, {format_duration(now - state.started)}"
    lines = [summary + (f", about {format_duration(left)} left" if left else "")]
    lines += [_stage_line(state, stage, now) for stage in state.stages]
    for number, job in sorted(state.running.items(), key=lambda item: item[1].since):
        lines.append(f"{short_message(job.message)} ({format_duration(now - job.since)})")
        if number in progress:
            lines.append(f"    {short_progress(progress[number])}")
    return [line[: max(width - 1, 1)] for line in lines[: max(height - 1, 1)]]


def _stage_line(state: RunState, stage: str, now: float) -> str:
    done, total = state.finished[stage], state.stages[stage]
    filled = BAR * done // total
    line = f"  {stage:<12} {'█' * filled}{'░' * (BAR - filled)} {done:>3} of {total}"
    if done < total:
        running = sum(job.task.stage == stage for job in state.running.values())
        left = state.time_left(now, stage)
        line += f", {running} running" if running else ""
        line += f", about {format_duration(left)} left" if left and (running or done) else ""
    return line


def short_message(message: str) -> str:
    """Return the message of a rule without the name of its log."""
    return re.sub(r" \(log: .*\)$", "", message)


def short_progress(line: str) -> str:
    """Return a line of :class:`~galforge.core.progress.Progress` as share done, rate, time left and note."""
    parts = PROGRESS.fullmatch(line)
    if parts is None:
        return line
    done, total = (int(parts[name].replace(",", "")) for name in ("done", "total"))
    said = [
        f"{100 * done // max(total, 1)} %",
        parts["rate"],
        parts["left"] and f"about {parts['left']} left",
    ]
    return ", ".join(filter(None, said)) + (f"; {parts['note']}" if parts["note"] else "")


def last_progress(lines: Sequence[str]) -> str | None:
    """Return the last line of progress among the lines of a log."""
    return next((line for line in reversed(lines) if PROGRESS.fullmatch(line)), None)
