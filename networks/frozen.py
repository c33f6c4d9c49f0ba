"""A network to search the inputs of: a copy whose weights stay."""

from __future__ import annotations

import copy

import torch

from networks.base import Generator


def frozen_copy(G: Generator) -> Generator:
    """The same network with weights of its own, in float32, that need no gradient.

    What was opened in inference mode cannot be searched with; a copy can.
    """
    with torch.inference_mode(False):
        own = copy.deepcopy(G)
        for module in own.modules():
            for name, weight in module._parameters.items():
                if weight is not None:
                    module._parameters[name] = torch.nn.Parameter(weight.clone(), False)
            for name, buffer in module._buffers.items():
                if buffer is not None:
                    module._buffers[name] = buffer.clone()
    own.eval().set_precision("float32")
    return own
