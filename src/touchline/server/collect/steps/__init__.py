"""The steps of a tracked request; :data:`touchline.server.collect.track.STEPS` says their order.

A step reads and writes what is known of the request, and raises a :class:`Problem` where the request ends. One that has
to wait returns what it waits for; the others return ``None``, and cost a call.
"""
