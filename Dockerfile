# The environment of galforge in a container. From the project's folder:
#
#   docker build --tag galforge .
#   docker run --rm --gpus all --volume "$PWD:/work" galforge --cores all
#
# Results go to results/ in the mounted folder. Without a build argument torch is the CUDA build that
# requirements.lock.txt pins by hash; it also runs on a CPU, but its libraries take several GB. For a small
# image without GPU support give the index of CPU builds that pytorch.org names for pip:
#
#   docker build --tag galforge:cpu --build-arg TORCH_INDEX=<that index> .
FROM python:3.11-slim

ARG TORCH_INDEX=""

# torch.compile builds its kernels with the machine's compilers (inductor with g++, Triton with gcc). The slim image
# has none, so trainings on a GPU would run uncompiled.
RUN apt-get update \
	&& apt-get install --yes --no-install-recommends gcc g++ \
	&& rm -rf /var/lib/apt/lists/*

COPY requirements.txt requirements.lock.txt requirements-cluster.txt /galforge/
# Another index has other files, which the lock's hashes do not fit; the versions hold.
RUN cd /galforge \
	&& if [ -n "$TORCH_INDEX" ]; then \
		pip install --no-cache-dir --index-url "$TORCH_INDEX" "$(grep '^torch==' requirements.txt)" \
		&& pip install --no-cache-dir --requirement requirements.txt; \
	else \
		pip install --no-cache-dir --require-hashes --requirement requirements.lock.txt; \
	fi \
	&& pip install --no-cache-dir --requirement requirements-cluster.txt

COPY . /galforge
WORKDIR /work
ENTRYPOINT ["snakemake", "--snakefile", "/galforge/Snakefile"]
CMD ["--cores", "all"]
