# Every recipe is one line into release/ or a script: what there is to know stands there.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
override RUN := .venv/bin/python -m release

# What the caller sets reaches programs as environment, exactly as typed: never expanded by make (`value`), never part
# of a shell line. The tool validates it: release/settings/options.py. `make help OOPS='$(shell ...)'` runs nothing.
# The tool refuses a variable of this command line that its command does not know; it reads their names here.
given := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
literally = $(eval override $(1) := $$(value $(1)))$(eval export $(1))
$(foreach name,$(given),$(call literally,$(name)))
export MAKE_VARIABLES := $(given)
export MAKE_GOALS := $(MAKECMDGOALS)

##@ Releases

.PHONY: deploy
deploy: .venv/release.installed ## Start VERSION=1|2, or replace its release without a failed request (DRY_RUN=1, FORCE=why)
	@$(RUN) deploy

.PHONY: undo
undo: .venv/release.installed ## Return the release of VERSION= to its previous revision
	@$(RUN) undo

.PHONY: status
status: .venv/release.installed ## What runs, where, what restarted, what fires (JSON=1)
	@$(RUN) status

.PHONY: logs
logs: .venv/release.installed ## The last lines of VERSION= SERVICE=catalog|stock|prometheus-stock|...|gateway
	@$(RUN) logs

.PHONY: down
down: .venv/release.installed ## Stop everything, or only VERSION=; the inventory stays
	@$(RUN) down

##@ Traffic

.PHONY: merge
merge: .venv/release.installed ## One host for all versions; WEIGHT=50 percent of new visitors get the newest, without it weights stay
	@$(RUN) merge

.PHONY: shift
shift: .venv/release.installed ## Move traffic to version TO=2 step by step, as the evidence allows (PROFILE=demo, JSON=1)
	@$(RUN) shift

.PHONY: rollback
rollback: .venv/release.installed ## Return all traffic, sticky visitors too, to the older version at once
	@$(RUN) rollback

.PHONY: history
history: .venv/release.installed ## Who moved traffic, when, and on what evidence (JSON=1)
	@$(RUN) history

##@ Ending a version

.PHONY: deprecate
deprecate: .venv/release.installed ## Announce that VERSION= ends on SUNSET=2027-03-01 (LINK=page, OFF=1)
	@$(RUN) deprecate

.PHONY: consumers
consumers: .venv/release.installed ## Who still calls VERSION=, how often, last seen (WINDOW=24h, JSON=1)
	@$(RUN) consumers

.PHONY: brownout
brownout: .venv/release.installed ## Rehearse the end of VERSION=: 503 FOR=60s, then back by itself
	@$(RUN) brownout

.PHONY: decommission
decommission: .venv/release.installed ## Remove VERSION=, unless somebody needs it (WINDOW=24h, DRY_RUN=1, FORCE=why)
	@$(RUN) decommission

##@ Contracts

.PHONY: contracts
contracts: .venv/release.installed ## Verify every consumer against every version of stock (JSON=1, GENERATE=1, PUBLISH=1)
	@$(RUN) contracts

.PHONY: verify
verify: .venv/release.installed ## Verify PACT=file against the stock of VERSION=
	@$(RUN) verify

##@ Packages

.PHONY: images
images: .venv/release.installed ## Container images of all versions, or VERSION= (REGISTRY=, PUSH=1, BASE_IMAGE=, WHEELHOUSE=folder)
	@$(RUN) images

.PHONY: chart-repos
chart-repos: .venv/release.installed ## Images that are Helm repositories of stock and of the monitoring (REGISTRY=, PUSH=1, BASE_IMAGE=)
	@$(RUN) chart-repos

.PHONY: publish-charts
publish-charts: .venv/release.installed ## Push the charts of releases to the registry OCI=oci://host/path
	@$(RUN) publish-charts

##@ Pipeline

.PHONY: pipeline
pipeline: .venv/dev.installed ## Every stage from a commit to the release of VERSION=, in order, on this machine (PUSH=1, SHIFT=1)
	@$(RUN) pipeline

##@ Rehearsals

.PHONY: fault
fault: .venv/release.installed ## Make VERSION= SERVICE= slow (DELAY=2) or failing (ERRORS=0.5); OFF=1 ends it
	@$(RUN) fault

.PHONY: load
load: .venv/release.installed ## Send traffic of MIX= clients, RATE=20 a second, FOR=60s; exits with code 1 if any request fails
	@$(RUN) load

.PHONY: demo
demo: .venv/release.installed ## The whole story, narrated, with clients that count what fails; in a shop of its own
	@$(RUN) demo

##@ Clusters

.PHONY: platform
platform: .venv/release.installed ## Install what releases need into the cluster of CONTEXT=, where it is missing, and the inventory of SHOP=shop
	@$(RUN) platform

.PHONY: doctor
doctor: .venv/release.installed ## What the cluster of CONTEXT= lacks for a release, and what to do
	@$(RUN) doctor

##@ Development

.PHONY: check
check: .venv/dev.installed ## Run the quick linters and the tests that start no server, in two minutes
	@.ci/check

.PHONY: test
test: ## Run all tests (TESTS="path path" runs some)
	@.ci/test

.PHONY: lint
lint: .venv/dev.installed ## Run the linters: ruff, mypy, promtool, shellcheck, hadolint, kubeconform, kube-score, npm-groovy-lint
	@.ci/lint

.PHONY: bench
bench: .venv/dev.installed ## Run the benchmarks: ratios within one run
	@.ci/bench

.PHONY: compose
compose: .venv/dev.installed ## Write docker-compose.yml for the services and versions that there are
	@.venv/bin/python -m compose

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z0-9-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/%.installed: requirements/%.txt
	@"$${PYTHON:-python3}" -m release.toolchain.bootstrap $*

# A goal that is no target gets a suggestion; anything else that is missing, make names itself.
.DEFAULT:
	@"$${PYTHON:-python3}" -m release.cli.suggestions
