"""What the user could want back, and what can be done with it. Nothing is drawn here."""
