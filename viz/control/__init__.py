"""What moves the window from outside: OSC and MIDI. It writes only through the session's cell."""
