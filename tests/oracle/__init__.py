"""The second head: for 28 controls, what the texts require, in plain Python that has not seen the tests' SQL."""
