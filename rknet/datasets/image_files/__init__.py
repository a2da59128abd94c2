"""Published files, of images and of recordings: how they are found and read."""
