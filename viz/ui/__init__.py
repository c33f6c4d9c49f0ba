"""Controls, colours, plots and placing, as every part of the window uses them."""
