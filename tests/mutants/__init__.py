"""A mutator over the tests of the controls: what no example and no oracle would notice is a hole in the proof."""
