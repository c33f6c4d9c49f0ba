"""The window itself: the application is put together here, and shown."""
