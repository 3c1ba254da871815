#!/usr/bin/env bash
# Install what tests/slurm needs: Slurm and munge of Debian or Ubuntu, and the executor plugin. Says in one
# line what it could not do, and then ends well: the tests say by themselves that they are not run.
set -uo pipefail
cd "$(dirname "$0")/../.."
if ! command -v slurmctld >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	export DEBIAN_FRONTEND=noninteractive
	{ timeout 60 apt-get -qq update && timeout 300 apt-get -qq install -y --no-install-recommends slurm-wlm munge; } \
		>/dev/null 2>&1 || echo "slurm-wlm and munge could not be installed"
fi
timeout 300 .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements-cluster.txt \
	|| echo "the executor plugin could not be installed"
exit 0
