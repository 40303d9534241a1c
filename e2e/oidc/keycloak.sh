#!/usr/bin/env bash
# Fetches Keycloak from Maven Central, once, into e2e/oidc/keycloak: 180 MB. Says what is missing, and then ends with 1.
set -euo pipefail
cd "$(dirname "$0")"
version=26.7.3
if [ -f "keycloak/keycloak-$version/bin/kc.sh" ]; then
	cp realm.json "keycloak/keycloak-$version/data/import/"
	exit 0
fi
for needed in java mvn unzip; do
	command -v "$needed" >/dev/null || { echo "keycloak.sh: $needed is missing" >&2; exit 1; }
done
mkdir -p keycloak
(cd keycloak && mvn -q -B dependency:copy -Dartifact="org.keycloak:keycloak-quarkus-dist:$version:zip" -DoutputDirectory=. && unzip -q -o "keycloak-quarkus-dist-$version.zip")
rm -f "keycloak/keycloak-quarkus-dist-$version.zip"
mkdir -p "keycloak/keycloak-$version/data/import"
cp realm.json "keycloak/keycloak-$version/data/import/"
