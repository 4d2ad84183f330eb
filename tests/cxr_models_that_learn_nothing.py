"""Stands in for ``python -m cxr_models`` where a test begins a training: leaves the same files, and learns nothing."""

import os
import signal
import sys
import time
from pathlib import Path

import run_folders

EPOCH = 0.4  # seconds


def asked_to_stop(number, frame):
    raise KeyboardInterrupt


def main(words: list[str]) -> int:
    options = dict(zip(words[2::2], words[3::2], strict=True))
    folder = Path(options["--runs"]) / options["--name"]
    if options.get("--phantoms") == "30":
        time.sleep(0.5)
        print("python -m cxr_models train: 30 phantoms are too few for this test.", flush=True)
        return 1
    signal.signal(signal.SIGTERM, asked_to_stop)
    print("60 phantoms: drawings, not patients.", flush=True)
    here = os.getpid()
    try:
        for epoch in range(1, 300):
            done, left = min(epoch * 0.25, 12), 120 - epoch * EPOCH
            status = run_folders.training(here, 2, int(done) + 1, left)
            run_folders.run(folder, (10, done), status, started="2026-11-21T09:00:00+00:00")
            time.sleep(EPOCH)
    except KeyboardInterrupt:
        run_folders.write(folder / "status.json", {"state": "stopped", "pid": here, "time": time.time()})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
