"""What watches the processes: heartbeats, counts, durations, the keeper's record, metrics and logs."""
