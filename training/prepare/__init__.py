"""Making a data set: any source of images to a zip or folder that the trainer reads."""
