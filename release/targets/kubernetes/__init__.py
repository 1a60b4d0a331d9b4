"""A Kubernetes cluster: Helm is the only writer of a release; everything else is read."""
