"""Floor 2: what must hold, and whether it does. Controls do not fetch: between them and sources stands the evidence."""
