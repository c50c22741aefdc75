"""The control loops of a cluster, each as small as its effect allows.

Source: https://kubernetes.io/docs/concepts/architecture/controller/; reasons and messages compared with a 1.34 cluster.
"""
