"""What machines tell us: transports bring bytes, formats turn them into rows, profiles name the columns."""
