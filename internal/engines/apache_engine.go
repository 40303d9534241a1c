package engines

import (
	"context"
	"os"
	"path/filepath"
)

// apacheFolder is where in the data folder Apache Kafka keeps its own.
const apacheFolder = "apache-kafka"

// startApache runs one broker, which comes back by itself when it dies.
func (e *Engines) startApache(ctx context.Context) (string, error) {
	folder := filepath.Join(e.Data, apacheFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", unwritableProblem(folder, err)
	}
	o := ApacheOptions{Data: folder, Quick: e.options.KafkaQuick, Fsync: e.options.Fsync, logPath: e.logPath(Kafka), port: e.options.KafkaPort, lock: e.lock}
	for try := 0; ; try++ {
		nodes, err := o.loadNodes(ctx)
		if err != nil {
			return "", err
		}
		err = e.runService(ctx, Kafka, nodes[0].spawnProcess, func() {})
		if err == nil {
			return nodes[0].listenAddress(), nil
		}
		if try == 3 || !portTaken(err) {
			return "", err
		}
	}
}

// sameBroker refuses to start a broker on a data folder whose log is with the other: the stores would hold what the log
// doesn't.
func (e *Engines) sameBroker() error {
	has := map[string]bool{}
	entries, _ := os.ReadDir(filepath.Join(e.Data, Kafka))
	has[Embedded] = len(entries) > 0
	_, err := os.Stat(filepath.Join(e.Data, apacheFolder, apacheCluster))
	has[Apache] = err == nil
	mine, other := Embedded, Apache
	if e.options.Kafka == Apache {
		mine, other = other, mine
	}
	if has[mine] || !has[other] {
		return nil
	}
	return &Problem{What: "the log of the data folder " + e.Data + " was written by the other kind of broker",
		Fix: "start with --kafka " + other + ", choose another folder with --data, or start over with --reset"}
}
