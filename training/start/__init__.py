"""From what was asked for to a loop that runs."""
