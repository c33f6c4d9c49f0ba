"""What lies above the panels: the palette, help, messages, the picture alone."""
