"""The machine a figure was measured on, and the memory a process takes."""

import os
import platform
import resource
from importlib.metadata import version
from pathlib import Path

import openvino
import torch

FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")


def described() -> dict[str, object]:
    """CPU model, its instruction sets that matter here, cores, threads, load, and the versions of the libraries."""
    info = _cpuinfo()
    flags = info.get("flags", "").split()
    return {
        "cpu": info.get("model name", platform.processor()),
        "family_model": f"{info.get('cpu family', '?')}/{info.get('model', '?')}",
        "flags": [flag for flag in FLAGS if flag in flags],
        "openvino_capabilities": openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"),
        "cores": len(os.sched_getaffinity(0)),
        "threads": torch.get_num_threads(),
        "load_before": round(os.getloadavg()[0], 2),
        "libraries": {name: version(name) for name in ("torch", "openvino", "numpy")},
    }


def resident() -> float:
    """Memory of this process now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def peak() -> float:
    """Most memory this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def _cpuinfo() -> dict[str, str]:
    """The first processor of /proc/cpuinfo."""
    lines = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
