"""Measurements, as ratios in one run: machines are shared and noisy, so nothing here is a timed assertion."""
