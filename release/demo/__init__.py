"""`make demo`: the whole story of a release, narrated, with clients that count what fails."""
