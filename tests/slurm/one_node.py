"""A Slurm of one node on this machine: everything in one folder, on loopback, stopped by process id.

``python -m tests.slurm.one_node COMMAND ...`` runs a command, such as Snakemake with profiles/slurm, on one.
"""

import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "sinfo", "scontrol")
START_S = 60  # how long the node may take to be idle


def missing():
    """Return why a cluster cannot be started here, or an empty text."""
    if os.geteuid() != 0:
        return "not run: slurmd needs root"
    if importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        return "not run: the executor plugin is not installed (requirements-cluster.txt)"
    absent = [program for program in PROGRAMS if not find(program)]
    return f"not run: {', '.join(absent)} not installed (Debian: slurm-wlm, munge)" if absent else ""


def find(program):
    return shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class OneNode:
    """Start the three daemons on entering, stop them on leaving.

    Attributes
    ----------
    environment : dict
        What ``sbatch`` and Snakemake need to find the cluster.
    """

    def __init__(self, folder: Path, cpus: int) -> None:
        self.folder = Path(folder)
        self.cpus = cpus
        self.processes: list[subprocess.Popen] = []
        self.environment = {
            **os.environ,
            "SLURM_CONF": str(self.folder / "slurm.conf"),
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
        }

    def __enter__(self):
        for name in ("state", "spool", "munge", "bin"):
            (self.folder / name).mkdir(parents=True, mode=0o755)
        # The executor takes SLURM_CONF, as all of SLURM_*, out of what srun sees in a job.
        srun = self.folder / "bin" / "srun"
        srun.write_text(f'#!/bin/sh\nSLURM_CONF={self.folder}/slurm.conf exec {find("srun")} "$@"\n')
        srun.chmod(0o755)
        try:
            self._start_munge()
            self._write_configuration()
            self._start("slurmctld", "-D", "-i", "-f", self.environment["SLURM_CONF"])
            self._start("slurmd", "-D", "-f", self.environment["SLURM_CONF"])
            self._wait_until_idle()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        # The node first, so that the controller sees its jobs end; munge last, all speak through it.
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, program, *arguments):
        with (self.folder / f"{program}.log").open("wb") as log:
            self.processes.append(
                subprocess.Popen(
                    [find(program), *map(str, arguments)],
                    env=self.environment,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    # Ctrl-C stops the test, which then stops the daemons in order.
                    start_new_session=True,
                )
            )

    def _start_munge(self):
        folder = self.folder / "munge"
        key = folder / "key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        # --force: a temporary folder's parents are open to all, which munge would refuse.
        self._start(
            "munged", "--foreground", "--force", "--socket", folder / "socket", "--key-file", key,
            "--pid-file", folder / "pid", "--log-file", folder / "log", "--seed-file", folder / "seed",
        )  # fmt: skip
        self._wait(lambda: (folder / "socket").exists(), "munged makes no socket")

    def _write_configuration(self):
        host = socket.gethostname().split(".")[0]
        memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        folder = self.folder
        (folder / "slurm.conf").write_text(
            f"""ClusterName=galforge
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
SlurmctldPort={free_port()}
SlurmdPort={free_port()}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
ReturnToService=2
MinJobAge=600
KillWait=5
NodeName={host} NodeAddr=127.0.0.1 CPUs={self.cpus} RealMemory={memory_mb} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""
        )

    def _wait_until_idle(self):
        def idle():
            shown = subprocess.run(
                [find("sinfo"), "--noheader", "--format", "%t"],
                env=self.environment,
                capture_output=True,
                text=True,
            )
            return shown.stdout.strip() == "idle"

        self._wait(idle, "the node is not idle")

    def _wait(self, condition, failure):
        end = time.monotonic() + START_S
        while not condition():
            ended = [process for process in self.processes if process.poll() is not None]
            if ended or time.monotonic() > end:
                logs = "\n".join(
                    f"{path.name}: {path.read_text(errors='replace')[-400:]}"
                    for path in sorted(self.folder.glob("*.log"))
                )
                raise NoClusterError(f"not run: {failure}\n{logs}")
            time.sleep(0.2)


class NoClusterError(RuntimeError):
    """Slurm is installed here but does not start."""


def main():
    """Run the command that follows, on a node of all cores, and return its exit status."""
    if reason := missing():
        sys.exit(reason)
    with tempfile.TemporaryDirectory() as folder, OneNode(Path(folder) / "node", cpus=os.cpu_count()) as node:
        return subprocess.run(sys.argv[1:], env=node.environment).returncode


if __name__ == "__main__":
    sys.exit(main())
