"""The second head: for 26 controls, what the texts require, in plain Python that has not seen the tests' SQL."""
