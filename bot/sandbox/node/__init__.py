"""The node: images, processes and the kubelet that runs them, all made up but answering as real ones do."""
