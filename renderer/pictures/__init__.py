"""Pictures after they are computed: composed, captioned, and written to files. Free of torch."""
