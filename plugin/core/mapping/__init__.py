"""Each side's words for an event or a contact, to and from the neutral values."""
