"""A small survey in the COSMOS layout as an archive, and a local server that misbehaves on order."""

import base64
import hashlib
import http.server
import io
import re
import tarfile
import threading
import time
from collections import deque
from dataclasses import dataclass, field

from astropy.io import fits

from galforge.simulation.drawing import Simulation
from galforge.survey import layout
from galforge.survey.simulated import simulate_survey

COUNT = 5
FOLDER = "COSMOS_23.5_training_sample"
CATALOG = "real_galaxy_catalog_23.5.fits"
# Names of the published sample for those of the simulated survey.
NAMES = {
    layout.CATALOG: CATALOG,
    layout.FITS_CATALOG: "real_galaxy_catalog_23.5_fits.fits",
    layout.SELECTION_CATALOG: "real_galaxy_catalog_23.5_selection.fits",
    layout.image_file_name(1): "real_galaxy_images_23.5_n1.fits",
    layout.PSF_IMAGES: "real_galaxy_PSF_images_23.5_n1.fits",
    layout.NOISE_CORRELATION: layout.NOISE_CORRELATION,
}


def make_survey(folder):
    """Make a survey of few galaxies with the published sample's file names; return its folder."""
    simulated, renamed = folder / "simulated", folder / FOLDER
    settings = Simulation(seed=5, count=COUNT, magnitude_limit=22.0, companion_fraction=0.0, psf_count=1)
    simulate_survey(settings, simulated, processes=1)
    renamed.mkdir()
    for old, new in NAMES.items():
        (renamed / new).write_bytes((simulated / old).read_bytes())
    with fits.open(renamed / CATALOG, mode="update") as tables:
        for column in ("GAL_FILENAME", "PSF_FILENAME"):
            tables[1].data[column] = [NAMES[name.strip()] for name in tables[1].data[column]]
    return renamed


def make_archive(survey, *others):
    """Return the bytes of a .tar.gz with a survey's folder and other members (TarInfo, content)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        if survey is not None:
            tar.add(survey, FOLDER)
        for member, content in others:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def md5(content):
    return f"md5:{hashlib.md5(content).hexdigest()}"


def content_md5(content):
    return base64.b64encode(hashlib.md5(content).digest()).decode()


@dataclass
class Answer:
    """How one request is answered; by default as a good server does."""

    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes | None = None  # instead of the file
    cut: int | None = None  # bytes after which the connection ends
    ranges: bool = True  # whether Range is heeded
    length: bool = True  # whether the length is told
    check_if_range: bool = True


class ArchiveServer:
    """Serves one file at any path; ``plan`` holds the answers to come, then all are good."""

    def __init__(self, content, etag=None, piece_s=0.0):
        self.content, self.etag, self.piece_s = content, etag, piece_s
        self.plan, self.requests = deque(), []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                server.requests.append(dict(self.headers))
                server.answer(self, server.plan.popleft() if server.plan else Answer())

            def log_message(self, *arguments):
                pass

        self.httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.httpd.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.httpd.server_port}/files/{FOLDER}.tar.gz"
        threading.Thread(target=self.httpd.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, handler, answer):
        body = self.content if answer.body is None else answer.body
        status, headers = answer.status, dict(answer.headers)
        if self.etag and answer.body is None:
            headers.setdefault("ETag", self.etag)
        match = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        same = not answer.check_if_range or handler.headers.get("If-Range") == self.etag
        if match and answer.ranges and same and status == 200 and answer.body is None:
            start = int(match[1])
            status = 206
            headers.setdefault("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            body = body[start:]
        if answer.length:
            headers.setdefault("Content-Length", str(len(body)))
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        try:
            for start in range(0, len(body[: answer.cut]), 1 << 14):
                handler.wfile.write(body[: answer.cut][start : start + (1 << 14)])
                time.sleep(self.piece_s)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has gone, as some tests want it to

    def close(self):
        self.httpd.shutdown()
        self.httpd.server_close()
