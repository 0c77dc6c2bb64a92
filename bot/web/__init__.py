"""The web side: webhooks, the REST API, the customer's page. Only `bot/app.py` imports this package."""
