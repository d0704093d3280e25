"""Frameworks: what helps an app beyond wrapping it in the middleware. One module per framework, all alike.

Each has a subclass of :class:`~attribution_campaign_context.integrations.links.AppLinks`, made once per app, and needs
the extra of the framework's name.
"""
