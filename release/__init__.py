"""The tool behind make: renders the charts, asks the gates, and hands releases to a target."""
