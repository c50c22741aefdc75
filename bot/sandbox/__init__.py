"""A small cluster inside the process: enough of the Kubernetes API for the official client and for kubectl.

It exists so that every command can be tried and tested with nothing installed. Objects live in `store`,
requests are answered by `api`, time passes in `engine`, and the scenario files say what is broken.
"""
