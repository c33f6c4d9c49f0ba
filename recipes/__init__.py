"""How the data of bundled networks is made. The trainer knows nothing of it."""
