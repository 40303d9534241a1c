#!/usr/bin/env bash
# Gives the module another path, everywhere: go.mod, imports, import rules of the linters.   rename-module.sh example.com/you/outrider
set -euo pipefail
cd "$(dirname "$0")/.."
new=${1:?the new path of the module, such as example.com/you/outrider}
[[ -z $(git status --porcelain) ]] || { echo "commit your changes first, so that this one stands alone" >&2; exit 1; }
export OLD=$(go list -m) NEW=$new

go mod edit -module "$NEW"
# In Go a path begins with its quote; in the linters' rules it stands free, but never after a letter, a dot or a slash (cmd/outrider/, .outrider/).
git ls-files -z '*.go' | xargs -0 perl -pi -e 's#"\Q$ENV{OLD}\E/#"$ENV{NEW}/#g'
perl -pi -e 's#(?<![\w./-])\Q$ENV{OLD}\E/#$ENV{NEW}/#g' .golangci.yml
gofmt -w $(git ls-files '*.go')
go build ./... && go vet ./...
echo "The module is $NEW now. Look at git diff, and run .ci/run."
