"""Several processes, started by ``torchrun``, that train one network: which of them this one is, and their meeting.

With ``torchrun --nproc-per-node 2 -m cxr_models train ...`` every process runs the same command; the first prepares
films, writes files and talks, the others wait for it and share the batches.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from torch import distributed

PATIENCE = timedelta(hours=4)  # the first process may decode a large collection while the others wait


@dataclass(frozen=True)
class Ranks:
    """rank of ``world`` processes, ``local`` of them on this machine."""

    rank: int = 0
    world: int = 1
    local: int = 1

    @property
    def first(self) -> bool:
        return self.rank == 0

    def part(self, batch: Any) -> Any:
        """This process's share of what all of them handle together: every ``world``-th, from its own number on."""
        return batch[self.rank :: self.world]

    @contextmanager
    def first_alone(self) -> Iterator[None]:
        """The first process goes through the block before any other does."""
        if not self.first:
            distributed.barrier()
        yield
        if self.first and self.world > 1:
            distributed.barrier()


def ranks() -> Ranks:
    """This process among those of torchrun; they meet at the first call. Alone where nothing started it that way."""
    found = Ranks(*(int(os.environ.get(name, default)) for name, default in _VARIABLES))
    if found.world > 1 and not distributed.is_initialized():
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=PATIENCE)
    return found


_VARIABLES = (("RANK", "0"), ("WORLD_SIZE", "1"), ("LOCAL_WORLD_SIZE", "1"))
