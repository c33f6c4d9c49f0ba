"""The tool that drags points of the picture: marks on it, a brush, and the drag itself."""
