"""The API that only writes: commands, and what a caller needs to send them."""
