"""Registers: what people write down, kept version by version, on sheets made from the datasets' declarations."""
