"""The way of a change from a commit to a release, in stages that each call targets of the Makefile.

The Jenkinsfile has the same stages; `make pipeline` runs them on this machine.
"""

from release.pipeline.run import Result, StageOutcome, run
from release.pipeline.stages import STAGES, Stage

__all__ = ["STAGES", "Result", "Stage", "StageOutcome", "run"]
