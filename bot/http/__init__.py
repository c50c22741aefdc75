"""HTTP: Slack's requests, health, readiness and metrics, under uvicorn."""
