"""What a run is: its options, its position, its statistics, and its directory."""
