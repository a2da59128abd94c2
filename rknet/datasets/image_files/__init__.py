"""Published image files: how they are found and read."""
