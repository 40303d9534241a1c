#!/usr/bin/env bash
# Fetches Apache Kafka (pom.xml) into engines/kafka/libs, once. Ends with 1 and says so when Java or Maven is missing.
set -euo pipefail
cd "$(dirname "$0")"
libs=$PWD/libs

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
version=$("$java" -version 2>&1 | sed -n 's/.*version "\(1\.\)\{0,1\}\([0-9]*\).*/\2/p' | head -n 1) || version=
if [ "${version:-0}" -lt 17 ]; then
	echo "make kafka: Apache Kafka needs Java 17 or newer, and $java is ${version:+version }${version:-not there}." >&2
	echo "  Debian: apt-get install openjdk-17-jre-headless; macOS: brew install openjdk; or point JAVA_HOME at one." >&2
	exit 1
fi
cmp -s pom.xml "$libs/.fetched.xml" && exit 0
if ! command -v mvn >/dev/null; then
	echo "make kafka: Maven, which fetches Apache Kafka, is not there." >&2
	echo "  Debian: apt-get install maven; macOS: brew install maven." >&2
	exit 1
fi
rm -rf "$libs"
mvn -q -B dependency:copy-dependencies -DoutputDirectory="$libs"

# Java reads Kafka's classes twice as fast from an archive, which one run of a broker makes. Everything works without it.
archive() {
	local work
	work=$(mktemp -d)
	trap 'rm -rf "$work"' RETURN
	cat >"$work/p" <<-END
		process.roles=broker,controller
		node.id=1
		controller.quorum.voters=1@127.0.0.1:14993
		listeners=PLAINTEXT://127.0.0.1:14992,CONTROLLER://127.0.0.1:14993
		controller.listener.names=CONTROLLER
		listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
		offsets.topic.replication.factor=1
		log.dirs=$work/data
	END
	"$java" -cp "$libs/*" kafka.tools.StorageTool format -c "$work/p" -t MkU3OEVBNTcwNTJENDM2Qk
	"$java" -XX:ArchiveClassesAtExit="$libs/kafka.jsa" -cp "$libs/*" kafka.Kafka "$work/p" &
	for _ in $(seq 300); do
		sleep 0.2
		if (echo >/dev/tcp/127.0.0.1/14992) 2>/dev/null; then
			sleep 1
			break
		fi
	done
	kill $!
	wait $! || true
}
archive >"$libs/archive.log" 2>&1 || echo "make kafka: no archive of classes was made (see $libs/archive.log); brokers start slower" >&2
cp pom.xml "$libs/.fetched.xml"
