"""Pictures in files, read without trusting them."""
