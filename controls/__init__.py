"""Floor 2: what must hold, and whether it does. Controls do not fetch; between them and the sources stands the evidence."""
