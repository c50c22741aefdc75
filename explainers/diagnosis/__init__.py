"""Diagnosis: facts → rules → ranking → verdict → document.

Rules are pure functions over a `Case`. A rule asks the case for what it needs; what has not been
read yet raises `Missing`, the caller reads all that was asked for in one parallel wave and runs
the rules again. So each question reads only what it needs, reads overlap, and the same rules run
unchanged over a live cluster, a sandbox or a captured snapshot.
"""
