"""``make bench``: what we promise of speed, as a ratio to something bare in the same run, or in CPU seconds."""
