"""The stages from a commit to a release: the Jenkinsfile's, and `make pipeline`'s."""
