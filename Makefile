# Every recipe is one line into release/ or a script: what there is to know stands there.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
override RUN := .venv/bin/python -m release

# What the caller may set. The values reach programs as environment, exactly as typed: never expanded by make
# (`value`), never part of a shell line. release/settings validates them. A variable that make does not know is
# taken as literally: `make help OOPS='$(shell ...)'` runs nothing.
PARAMETERS := \
  VERSION NAMESPACE DOMAIN PORT INTERNAL_PORT STATE VALUES SERVICE JSON LINES TARGET CONTEXT SHOP GATEWAY \
  TRAEFIK_NAMESPACE CHART_MIRROR \
  SLACK_WEBHOOK_URL SLACK_WEBHOOK_URL_FILE \
  DELAY ERRORS OFF \
  FORCE PACT \
  PACT_BROKER_BASE_URL PACT_BROKER_TOKEN PACT_BROKER_USERNAME PACT_BROKER_PASSWORD BRANCH \
  WEIGHT TO PROFILE HOLD_LIMIT DRAIN_LIMIT SLOW DEFF \
  SUNSET LINK WINDOW DRY_RUN \
  RATE FOR MIX \
  REGISTRY PUSH BASE_IMAGE WHEELHOUSE OCI REGISTRY_USERNAME REGISTRY_PASSWORD SOURCE_DATE_EPOCH \
  SHIFT RELEASE_NAME MESSAGE REPORTS \
  TESTS WORKERS BENCH OPENAPI_CASES TOOLS PYTHON
literally = $(eval override $(1) := $$(value $(1)))$(eval export $(1))
given = $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
inherited = $(foreach name,$(PARAMETERS),$(if $(filter environment,$(firstword $(origin $(name)))),$(name)))
$(foreach name,$(given) $(inherited),$(call literally,$(name)))

##@ Releases

.PHONY: deploy
deploy: .venv/release.installed ## Bring up VERSION=1|2, or replace what runs of it without a failed request
	@$(RUN) deploy

.PHONY: undo
undo: .venv/release.installed ## Return the release of VERSION= to what it was before its last deploy
	@$(RUN) undo

.PHONY: can-deploy
can-deploy: .venv/release.installed ## Whether the contracts allow VERSION= to go out; changes nothing
	@$(RUN) can-deploy

.PHONY: status
status: .venv/release.installed ## What runs, where, what restarted, what fires (JSON=1)
	@$(RUN) status

.PHONY: logs
logs: .venv/release.installed ## The last LINES=100 of VERSION= SERVICE=catalog|stock|prometheus-stock|...|gateway
	@$(RUN) logs

.PHONY: down
down: .venv/release.installed ## Stop everything, or only VERSION=; the inventory stays
	@$(RUN) down

##@ Traffic

.PHONY: merge
merge: .venv/release.installed ## One host for both versions; WEIGHT=50 percent of new visitors get the newest
	@$(RUN) merge

.PHONY: shift
shift: .venv/release.installed ## Move traffic to version TO=2 step by step, as the evidence allows (PROFILE=demo, JSON=1)
	@$(RUN) shift

.PHONY: rollback
rollback: .venv/release.installed ## Everybody, sticky visitors too, to the older version at once
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
contracts: .venv/release.installed ## Every consumer against every version of stock (JSON=1)
	@.venv/bin/python -m release.cli.contracts matrix

.PHONY: verify
verify: .venv/release.installed ## Verify PACT=file against the stock of VERSION=
	@.venv/bin/python -m release.cli.contracts verify

.PHONY: publish
publish: .venv/release.installed ## Tell the Pact Broker at PACT_BROKER_BASE_URL= what is verified, and what runs where
	@$(RUN) publish

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

.PHONY: preflight
preflight: .venv/release.installed ## Whether a release could begin with these parameters; changes nothing
	@$(RUN) preflight

.PHONY: helm-dependencies
helm-dependencies: .venv/release.installed ## Build the chart of VERSION= from the chart repositories, and compare it with the working tree
	@$(RUN) helm-dependencies

.PHONY: release-pod
release-pod: .venv/release.installed ## The pod that Jenkins releases VERSION= in, as YAML (REGISTRY=)
	@$(RUN) release-pod

.PHONY: smoke-test
smoke-test: .venv/release.installed ## Ask the release of VERSION= everything that needs nothing but to be asked
	@$(RUN) smoke-test

.PHONY: report
report: .venv/release.installed ## Write the matrix of contracts, the status and the logs into REPORTS=reports
	@$(RUN) report

.PHONY: notify
notify: .venv/release.installed ## Tell the channel of VERSION= what MESSAGE= says, by SLACK_WEBHOOK_URL=
	@$(RUN) notify

##@ Rehearsals

.PHONY: fault
fault: .venv/release.installed ## Make VERSION= SERVICE= slow (DELAY=2) or failing (ERRORS=0.5); OFF=1 ends it
	@$(RUN) fault

.PHONY: load
load: .venv/release.installed ## Traffic of MIX= clients, RATE=20 a second, FOR=60s; ends badly if one request does
	@$(RUN) load

.PHONY: demo
demo: .venv/release.installed ## The whole story, narrated, with clients that count what fails; in a shop of its own
	@$(RUN) demo

##@ Clusters

.PHONY: cluster
cluster: .venv/release.installed ## Make a cluster of kind on this machine
	@$(RUN) cluster

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

.PHONY: packages
packages: ## Install from Debian's packages what the tests need beyond Python, as root
	@.ci/packages

.PHONY: e2e
e2e: .venv/dev.installed ## Run the tests that need a cluster, in a shop of their own on the one that CONTEXT= names
	@.ci/e2e

.PHONY: fuzz
fuzz: .venv/dev.installed ## Try the services against their descriptions, at length (OPENAPI_CASES=1000)
	@.ci/fuzz

.PHONY: lint
lint: .venv/dev.installed ## Run the linters: ruff, mypy, promtool, shellcheck, hadolint, kubeconform, kube-score, npm-groovy-lint
	@.ci/lint

.PHONY: bench
bench: .venv/dev.installed ## Run the benchmarks: ratios within one run
	@.ci/bench

.PHONY: lock
lock: .venv/dev.installed ## Renew requirements/*.txt from requirements/*.in
	@.ci/lock

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
