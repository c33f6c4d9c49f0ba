"""The operators of the StyleGAN family, in plain PyTorch, for CPU and CUDA.

`with reference_path():` swaps every operator for its definition; both give the same numbers.
"""

from ops.activation import ACTIVATIONS, bias_act
from ops.convolution import conv2d_resample, modulated_conv2d
from ops.filtered_activation import filtered_lrelu
from ops.filters import setup_filter
from ops.path import first_gradients, on_reference_path, reference_path
from ops.upfirdn import downsample2d, upfirdn2d, upsample2d

__all__ = [
    "ACTIVATIONS",
    "bias_act",
    "conv2d_resample",
    "downsample2d",
    "filtered_lrelu",
    "first_gradients",
    "modulated_conv2d",
    "on_reference_path",
    "reference_path",
    "setup_filter",
    "upfirdn2d",
    "upsample2d",
]
