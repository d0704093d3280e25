"""The pages that people open in a browser: the frame, and one file for each screen."""
