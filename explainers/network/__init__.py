"""The network: live probes and the decision tree of the network wizard."""
