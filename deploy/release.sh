#!/usr/bin/env bash
# Builds what a release consists of, into an empty folder: for each architecture a static server binary with all licences as tar.gz, an SBOM
# (CycloneDX), the licences of all dependencies as a table, and SHA-256 checksums of all of it. Needs Go, Node, the dashboard as built and the two tools, no network once the modules are there.
#   release.sh VERSION FOLDER CYCLONEDX_GOMOD GO_LICENSES
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1 out=$2 cyclonedx=$(realpath "$3") licenses=$(realpath "$4")
[[ $version =~ ^[0-9A-Za-z][0-9A-Za-z.+-]*$ ]] || { echo "release: $version is no version: letters, digits, dots, plus and minus only" >&2; exit 1; }

export CGO_ENABLED=0 GOOS=linux
tags=server # without demo, benches and chaos
ldflags="-s -w -X $(go list ./internal/buildinfo).stamped=$version"
main=$(go list ./cmd/outrider)
rm -rf "$out" && mkdir -p "$out"
out=$(realpath "$out")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for arch in amd64 arm64; do
	name=outrider_${version}_linux_$arch
	mkdir "$work/$name"
	GOARCH=$arch go build -pgo deploy/server.pgo -trimpath -buildvcs=false -tags "$tags" -ldflags "$ldflags" -o "$work/$name/outrider" "$main"
	"$cyclonedx" bin -json -licenses -std -version "$version" -output "$out/$name.sbom.json" "$work/$name/outrider" 2>"$work/cyclonedx.log" || { cat "$work/cyclonedx.log" >&2; exit 1; }
	go version -m "$work/$name/outrider" | awk -F '\t' '$2 == "dep" {print $3 " " $4}' >>"$work/modules.all"
done
sort -u "$work/modules.all" >"$work/modules"

# The licences must travel with the binary: the texts of all modules that are in it, as they are, notices included, and Go's own.
texts=$work/THIRD_PARTY_LICENSES
while read -r module v; do
	folder=$(go mod download -json "$module@$v" | sed -n 's/^\t"Dir": "\(.*\)",\?$/\1/p')
	printf '\n==== %s %s ====\n' "$module" "$v"
	files=$(find "$folder" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' -o -iname 'unlicense*' \) | sort)
	[[ -n $files ]] || { echo "release: $module $v has no licence" >&2; exit 1; }
	while read -r f; do printf '\n-- %s\n\n' "$(basename "$f")"; cat "$f"; done <<<"$files"
done <"$work/modules" >"$texts"
{ printf '\n==== Go %s ====\n\n' "$(go env GOVERSION)"; cat "$(go env GOROOT)/LICENSE"; } >>"$texts"

# The dashboard is in the binary too: what was built into it, by the bundler's account, and its font.
[[ -f web/dist/licenses.md ]] || { echo "release: the dashboard isn't built: make web" >&2; exit 1; }
{ printf '\n==== Dashboard ====\n\n'; cat web/dist/licenses.md; printf '\n==== Inter ====\n\n'; cat web/node_modules/@fontsource-variable/inter/LICENSE; } >>"$texts"
(cd web && npm sbom --omit=dev --sbom-format=cyclonedx --package-lock-only) >"$out/outrider_${version}_dashboard.sbom.json"

# Which licence each package is under. go-licenses must be told where Go is, or it takes the standard library for a dependency; what it says of
# addresses that it can't reach is left out. It doesn't know MIT-0.
report=$out/outrider_${version}_licenses.csv
echo "package,licence" >"$report"
GOROOT=$(go env GOROOT) GOFLAGS="${GOFLAGS:+$GOFLAGS }-tags=$tags" GOARCH=amd64 "$licenses" report "$main" 2>"$work/go-licenses.log" |
	awk -F , -v own="$(go list -m)" '$1 != own && index($1, own "/") != 1 {print $1 "," $NF}' |
	sed -E 's#^(github\.com/segmentio/asm/.*),Unknown$#\1,MIT-0#' >>"$report" || { cat "$work/go-licenses.log" >&2; exit 1; }
sed -nE 's/^## (.+) - [^ ]+ \((.+)\)$/npm:\1,\2/p' web/dist/licenses.md >>"$report"
echo "npm:@fontsource-variable/inter,OFL-1.1" >>"$report"
if grep -E ',(Unknown)?$' "$report" >&2; then
	echo "release: the licence of these isn't known: look at them and say so in deploy/release.sh, or do without them" >&2
	exit 1
fi
if grep -E ',(A?GPL|SSPL|BUSL|CC-BY-NC|Commons)' "$report" >&2; then
	echo "release: these can't be published under Apache-2.0" >&2
	exit 1
fi
while read -r module _; do
	awk -F , -v m="$module" '$1 == m || index($1, m "/") == 1 {found = 1} END {exit !found}' "$report" ||
		echo "$module" >>"$work/unlisted"
done <"$work/modules"
if [[ -s $work/unlisted ]]; then
	echo "release: in a binary, but without a line in the report of licences:" $(cat "$work/unlisted") >&2
	exit 1
fi

for arch in amd64 arm64; do
	name=outrider_${version}_linux_$arch
	cp LICENSE README.md CHANGELOG.md "$texts" "$work/$name/"
	tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-0}" -cf - "$name" | gzip -n -9 >"$out/$name.tar.gz"
done
(cd "$out" && sha256sum outrider_* >SHA256SUMS)
ls -l "$out"
