"""Pure knowledge: operations, plans, diagnosis, documents.

Nothing in this package reads a file, a socket or a clock. That is what lets every rule
be tested on captured facts and every command line be shown before anything is sent.
"""
