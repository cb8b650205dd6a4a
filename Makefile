# The commands people type. Each calls cargo or a script; `make` alone lists them.

CARGO ?= cargo
TARGET := $(or $(CARGO_TARGET_DIR),target)
WIGWAG := $(TARGET)/release/wigwag

.DEFAULT_GOAL := help
.PHONY: help setup run test check fmt lint tidy generate tests install native-tests native-reference native-figures java java-reference java-tests python python-tests pairs sdk sdk-reference sdk-tests web web-tests rest-tests monitoring-tests dist dist-tests images-tests search crash faults upgrade asyncapi deny bench capacity clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is needed, or name it
	@scripts/setup.sh

run: web ## build for release and start a server for development: embedded store, web page, sign-in with a name alone
	@scripts/setup.sh --quiet
	$(CARGO) build --release --locked --package wigwag-server
	@printf '\nIn two more terminals:  %s client --as alice   and   %s client --as bob\n\n' '$(WIGWAG)' '$(WIGWAG)'
	@exec $(WIGWAG) serve --dev

test: setup web check tests rest-tests monitoring-tests dist-tests native-tests java-tests python-tests pairs sdk-tests web-tests deny ## everything CI runs

check: fmt lint tidy ## formatting, lints, house rules, generated files

fmt:
	$(CARGO) fmt --all --check

lint:
	$(CARGO) clippy --workspace --all-targets --locked -- --deny warnings

tidy:
	$(CARGO) xtask tidy
	$(CARGO) xtask check

generate: ## write spec/, wigwag.h, wire types and the tables of docs/ from the code
	$(CARGO) xtask generate

tests: ## the tests of the server and the Rust client alone
	@scripts/tests.sh

install: ## install the C library: PREFIX=/usr/local, DESTDIR= for packages
	@scripts/native.sh install

native-tests: ## install the C library into a folder of its own, and build the examples against it
	@scripts/native.sh test

java: ## build wigwag.jar and its native library, in target/java
	@scripts/java.sh build

java-reference: ## make the reference of the Java SDK from its doc comments
	@scripts/java.sh reference

java-tests: ## build the Java SDK and its examples as an app would
	@scripts/java.sh test

pairs: ## let every language call every language
	@scripts/pairs.sh

python: ## build the Python package as a wheel for release, in target/wheels
	@scripts/python.sh build

python-tests: ## check and test the Python package against a server that is built first
	@scripts/python.sh test
native-reference: ## make the reference of the C and C++ interfaces from their headers, with Doxygen
	@scripts/native.sh reference

native-figures: ## measure the C library as it is installed: its size, its latency, what clients cost
	@scripts/native.sh figures

sdk: ## build the TypeScript SDK
	@scripts/sdk.sh build

sdk-reference: ## make the reference of the TypeScript SDK from its doc comments
	@scripts/sdk.sh reference

sdk-tests: ## check and test the TypeScript SDK against a server that is built first
	@scripts/sdk.sh test

web: ## build the web app that the server embeds, where Node is there
	@scripts/web.sh build

web-tests: ## check and test the web app in a browser, against a server that is built with it first
	@scripts/web.sh test

rest-tests: ## let public tools of PyPI ask a server by the OpenAPI document alone, and verify its webhooks
	@scripts/rest.sh test

monitoring-tests: ## check the alert rules and the dashboard of deploy/ with a real Prometheus and a real server
	@scripts/monitoring.sh test

dist: ## make what is given out, in target/dist: the program, a Debian package, npm's, the wheel, an SBOM, checksums
	@scripts/dist.sh build

dist-tests: ## pack the debug builds in the same way, look at them, and install the Debian package in a Debian of its own
	@scripts/dist.sh test

images-tests: ## run the image and both compose files with podman, around the debug build, or as a whole with WHOLE=1: before a release
	@scripts/images.sh $(if $(WHOLE),whole,test)

upgrade: ## roll three nodes under load from another commit's build to this one: OLD=<commit or tag>
	@scripts/upgrade.sh $(OLD)

search: CASES ?= 20000
search: ## look for runs that break a property of the engine: CASES=20000 new ones; a find is kept in *.regressions
	PROPTEST_CASES=$(CASES) $(CARGO) test --release --locked --package wigwag-engine --test rules properties

crash: KILLS ?= 200
crash: ## kill the server under load, KILLS=200 times, with SEED=… if given
	WIGWAG_CRASH_KILLS=$(KILLS) $(if $(SEED),WIGWAG_CRASH_SEED=$(SEED)) \
	  $(CARGO) test --locked --package wigwag-server --test faults one_node -- --nocapture

faults: MINUTES ?= 10
faults: ## trouble three nodes and their engines under load for MINUTES=10, with SEED=… if given
	WIGWAG_FAULTS_MINUTES=$(MINUTES) $(if $(SEED),WIGWAG_FAULTS_SEED=$(SEED)) \
	  $(CARGO) test --locked --package wigwag-server --test faults a_cluster_keeps -- --nocapture

asyncapi: ## show spec/asyncapi.json to AsyncAPI's own parser, which npm fetches (54 MB)
	@scripts/asyncapi.sh

deny: ## licences and known faults of what comes from elsewhere: crates, packages of npm and Python
	@scripts/deny.sh

bench: ## measure lifecycles, ARGS=cluster on every store; `make bench ARGS=--help` lists the rest
	$(CARGO) build --release --locked --package wigwag-server --package wigwag-bench
	$(TARGET)/release/wigwag-bench $(ARGS)

capacity: ## what machines a load takes, ARGS="plan --devices 1000000 --calls 5000"; see docs/scaling.md
	$(CARGO) run --quiet --locked --package wigwag-sim --bin wigwag-capacity -- $(ARGS)

clean: ## remove what was built
	$(CARGO) clean
	rm -rf sdk/typescript/dist sdk/typescript/reference/out web/dist
