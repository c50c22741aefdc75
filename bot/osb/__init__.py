"""The Open Service Broker API 2.17 over a broker: what is asked, in which order it is checked, and what is answered.

The specification: https://github.com/openservicebrokerapi/servicebroker/blob/v2.17/spec.md. Section names in quotes
are its own. Nothing here knows how an instance is made; nothing but `app.py` knows of HTTP servers.
"""
