"""What crosses services: charts, the local target, the documentation."""
