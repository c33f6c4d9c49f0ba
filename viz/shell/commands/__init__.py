"""The commands of the window itself, a file for each menu; those of a panel are in its folder."""
