package engines

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// javaMajor is the oldest Java that Apache Kafka 4 runs on.
const javaMajor = 17

// apacheInstall is what a real Kafka is run with.
type apacheInstall struct{ java, libs string }

// CanRunApache says what is missing for a real Apache Kafka here, if something is: a *Problem.
func CanRunApache(ctx context.Context) error {
	_, err := findApache(ctx, "")
	return err
}

// findApache looks for Java (JAVA_HOME, else the path) and the jars: the folder that was asked for, else OUTRIDER_KAFKA_LIBS,
// else engines/kafka/libs in the working folder, the executable's folder, or any folder above them.
func findApache(ctx context.Context, libs string) (apacheInstall, error) {
	i := apacheInstall{java: "java", libs: libs}
	if home := os.Getenv("JAVA_HOME"); home != "" {
		i.java = filepath.Join(home, "bin", "java")
	}
	fix := "install it (Debian: apt-get install openjdk-17-jre-headless; macOS: brew install openjdk), or point JAVA_HOME at it"
	out, err := exec.CommandContext(ctx, i.java, "-version").CombinedOutput()
	if err != nil {
		return i, &Problem{What: "Apache Kafka needs Java 17 or newer, and there is none (" + i.java + " -version: " + err.Error() + ")", Fix: fix, Err: err}
	}
	if v := javaVersion(string(out)); v < javaMajor {
		return i, &Problem{What: "Apache Kafka needs Java 17 or newer, and " + i.java + " is " + strings.SplitN(string(out), "\n", 2)[0], Fix: fix}
	}
	if i.libs == "" {
		i.libs = os.Getenv("OUTRIDER_KAFKA_LIBS")
	}
	if i.libs == "" {
		i.libs = walkUp("kafka", "libs")
	}
	if abs, err := filepath.Abs(i.libs); err == nil {
		i.libs = abs // the archive of classes knows them by this name
	}
	if jars, _ := filepath.Glob(filepath.Join(i.libs, "kafka_2.13-*.jar")); len(jars) != 1 {
		return i, &Problem{What: "Apache Kafka is not installed (no kafka_2.13-*.jar in " + i.libs + ")",
			Fix: "run `make kafka` (needs Maven), or point OUTRIDER_KAFKA_LIBS at the folder of its jars"}
	}
	return i, nil
}

// javaVersion reads the major version from what java -version prints; 0 if it doesn't say.
func javaVersion(said string) int {
	m := regexp.MustCompile(`version "(?:1\.)?(\d+)`).FindStringSubmatch(said)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// javaCommand is Java with Kafka's classes. folder is the cluster's: it says what is logged, and gets what Java unpacks.
func (i apacheInstall) javaCommand(folder string, heapMB int, quick bool, class string, args ...string) *exec.Cmd {
	java := []string{"-Xms64m", "-Xmx" + strconv.Itoa(heapMB) + "m", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true",
		"-XX:+UseSerialGC", // a small heap on a small machine
		"-XX:-UsePerfData", // no file in the system's temporary folder
		"-XX:SharedArchiveFile=" + filepath.Join(i.libs, "kafka.jsa"), // half the time to start, if make kafka could make it
		"-Djava.io.tmpdir=" + folder, "-Dlog4j2.configurationFile=" + filepath.Join(folder, apacheLogging)}
	if quick {
		java = append(java, "-XX:TieredStopAtLevel=1")
	}
	java = append(java, "-cp", filepath.Join(i.libs, "*"), class)
	return exec.Command(i.java, append(java, args...)...) //nolint:noctx // our own installation; it outlives the context
}
