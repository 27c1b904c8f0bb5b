"""Azure's part of the sample company: one tenant and two subscriptions, as az and Microsoft Graph print them."""
