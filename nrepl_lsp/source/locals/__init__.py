"""Which names the forms around a place bind, and where each is used."""
