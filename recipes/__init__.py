"""Bundled networks: how their data is made, which snapshot is taken, what of a run is shipped.

Neither the trainer nor the renderer knows anything of it.
"""
