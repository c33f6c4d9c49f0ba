"""Networks as NVIDIA's TensorFlow programs keep them, family by family."""
