"""w -> picture: the stages of a network, what is done in them, and which of them need not run."""
