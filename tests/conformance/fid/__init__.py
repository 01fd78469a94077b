"""Kind by property: what arrives of an item, whichever way it travels.

A source is filled with rich items, copied once each way, and both sides are
read by exchangelib out of their stores as a server of the latest version
shows them, whatever the version was on the way."""
