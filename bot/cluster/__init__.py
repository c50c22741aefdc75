"""The Kubernetes adapter: sends operations and nothing else, and decodes answers to plain dicts.

`connection` says how to reach a cluster, `kubeconfig` and `plugins` where that comes from. `transport` sends one
request with time-outs and retries, `answers` and `failures` put the outcome into words, `execs` runs a command in a
container, `adapter` joins them behind the ports. `snapshot` answers the same reads from a file.
"""
