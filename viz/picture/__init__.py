"""How a picture lies in its panel, what lies over it, and what a mouse does on it."""
