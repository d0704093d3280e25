"""What goes wrong when alarms are delivered."""


class DeliveryFailedError(Exception):
    """A delivery did not arrive; what it says holds no secret."""
