"""The life of instances and bindings: what catalog commands and the broker API share, apart from HTTP and chat."""
