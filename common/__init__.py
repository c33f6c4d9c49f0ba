"""What every part of the program uses: errors, files, units. Free of torch and of the window."""
