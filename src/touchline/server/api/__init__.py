"""Everything else that is asked over HTTP: reports, costs, signing in, operations, the OpenAPI document."""
