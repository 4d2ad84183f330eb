"""The machine a figure was measured on, and the memory a process takes."""

import os
import platform
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


def worked() -> tuple[float, float]:
    """CPU seconds so far, over all cores: those of other processes on this machine, and those of this one."""
    user, nice, system, _, _, irq, soft, *_ = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:])
    times = os.times()
    own = times.user + times.system
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK") - own, own


def resident() -> float:
    """Memory of this process now, in MB."""
    return _status("VmRSS")


def own() -> float:
    """The part of it that is no file's, in MB: pages of a file that lies in memory are given back when others ask."""
    return _status("RssAnon")


def peak() -> float:
    """Most memory this process ever had, in MB. (Of a child rusage names the parent's, where that was larger.)"""
    return _status("VmHWM")


def _status(name: str) -> float:
    """An entry of /proc/self/status, in MB."""
    entries = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(entries[name].split()[0]) * 1024 / 1e6


def _cpuinfo() -> dict[str, str]:
    """The first processor of /proc/cpuinfo."""
    lines = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
