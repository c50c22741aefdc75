"""What the contracts of a broker's adapters share: places, orders, and a process that is killed at every step."""
