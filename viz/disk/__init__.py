"""What the window reads and writes: sessions, settings, captures, bookmarks, lists of files."""
