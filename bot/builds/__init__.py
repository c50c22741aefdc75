"""Build engines behind the port `BuildEngine`.

`docker` speaks to a Docker Engine, `buildkit` starts buildctl against a buildkitd, `choose` takes several engines and
gives each Dockerfile to one that can build it. `address` says where an engine is and how it is trusted, `watch` reads
what an engine says while it asks whether to stop, `messages` and `rawjson` turn what the two engines say into events.
"""
