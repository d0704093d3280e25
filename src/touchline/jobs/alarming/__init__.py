"""Alarms: what health found to be wrong, what people did about it, and the deliveries to those who want to know."""
