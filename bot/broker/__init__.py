"""The broker's adapters: its ledger in Redis, the watched catalog, provisioners, sources of credentials, delivery."""
