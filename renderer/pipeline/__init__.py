"""From a request to pixels: the one place where a picture is defined."""
