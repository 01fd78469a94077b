# A small front to Meson: see "make help".  A developer's inner loop is plain
# meson and ninja in build/.

BUILD = build

.PHONY: all help setup demo demo-web bench clean \
	test test-quick test-unit test-cli test-schema test-conformance \
	test-scenario test-desk test-crash test-fleet test-browser test-fuzz test-sanitize test-threads test-lint test-ui test-tidy test-docs \
	conformance-table

all: setup
	@tools/build $(BUILD)

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make              install what is missing, build build/mailferry and build/mailferry-lab
## make demo         two lab Exchanges, a CSV, mailboxes moved and verified
## make demo-web     the service on loopback, with partners and migrations under way, until Ctrl-C
## make test         everything below but threads and tidy; one closing line
## make test-quick   layers, layout, unit and command-line tests
## make test-SUITE   one suite: unit cli schema conformance scenario desk crash fleet browser fuzz sanitize
##                   threads lint ui docs tidy
## make test-crash ROUNDS=500   so many random kills, and a death at every step
## make test-fuzz FUZZ_SECONDS=600 FUZZ_SEED=7   so long a target, from another start
## make bench        measure, each figure beside its floor; see docs/benchmarks.md
## make conformance-table   put the last results of others' clients into the guide
## make clean        remove what was built

setup:
	@packaging/install-packages

demo: all
	@lab/demo

demo-web: all
	@lab/demo-web

test: all
	@tools/run_tests all

test-quick: all
	@tools/run_tests layers format unit cli

test-unit test-cli test-schema test-conformance test-scenario test-desk test-crash test-fleet \
test-browser test-fuzz test-sanitize test-threads test-lint test-ui test-tidy test-docs: all
	@ROUNDS=$(ROUNDS) tools/run_tests $(@:test-%=%)

bench: all
	@bench/run

conformance-table:
	@python3 tests/conformance/table.py $(BUILD)/conformance \
		docs/guide/conformance.md

clean:
	rm -rf build build-sanitize build-threads build-fuzz demo demo-web demo-web.lock
