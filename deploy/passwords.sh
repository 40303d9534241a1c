#!/usr/bin/env bash
# Prints a password for each part of docker-compose.yml, for .env: deploy/passwords.sh > .env. Once: databases keep the passwords that they were made with.
set -euo pipefail
for name in POSTGRES CLICKHOUSE KAFKA_ADMIN KAFKA_API KAFKA_COMMANDS KAFKA_PROJECTIONS KAFKA_CONSUMERS; do
	password=$(od -An -N20 -tx1 /dev/urandom | tr -d ' \n')
	echo "${name}_PASSWORD=$password"
done
