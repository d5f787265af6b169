"""The second head: for each control, what the texts require, in plain Python that has not seen the tests' SQL."""
