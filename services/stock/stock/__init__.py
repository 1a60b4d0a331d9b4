"""The inventory of the shop, behind two incompatible versions of one API."""
