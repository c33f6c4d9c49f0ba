"""How requests are changed, as pure functions: a file for each thing that can be changed."""
