"""Exports: the dialog that each begins with, and what becomes of them."""
