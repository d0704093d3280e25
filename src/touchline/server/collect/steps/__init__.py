"""The steps of a tracked request, in the order of :data:`touchline.server.collect.track.STEPS`.

A step reads and updates the state of the request, and raises a :class:`Problem` to end it. A step that has to wait
returns an awaitable; the others return ``None``, which is cheaper.
"""
