"""What operators see: structured logs with the request id, metrics, and the redactor for everything that leaves."""
