"""Floor 1: what we hold and can prove. Raw objects, typed facts, the ledger and the store."""
