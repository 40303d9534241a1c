package engines

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const apacheCluster = "cluster.json"

// apacheMemory is what a cluster's folder remembers between starts. It is written when the brokers' folders are made.
type apacheMemory struct {
	Cluster string   `json:"cluster"` // its id
	Ports   [][2]int `json:"ports"`   // of each broker, for clients and for the other controllers
}

// loadNodes makes the cluster if it is new, and says how to run its brokers.
func (o *ApacheOptions) loadNodes(ctx context.Context) ([]*apacheNode, error) {
	count := max(o.Brokers, 1)
	if count != 1 && count != 3 {
		return nil, fmt.Errorf("start %d brokers of Apache Kafka: it must be 1 or 3", count)
	}
	install, err := findApache(ctx, o.Libs)
	if err != nil {
		return nil, err
	}
	var m apacheMemory
	path := filepath.Join(o.Data, apacheCluster)
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, &Problem{What: "can't read " + path, Fix: "restore it from a backup, or choose another folder with --data", Err: err}
	}
	if m.Cluster != "" && len(m.Ports) != count {
		return nil, &Problem{What: fmt.Sprintf("the Apache Kafka in %s was made with %d brokers, not %d", o.Data, len(m.Ports), count), Fix: "choose another folder with --data"}
	}
	isNew := m.Cluster == ""
	if isNew {
		m = apacheMemory{clusterID(), make([][2]int, count)}
	}
	if err := o.choosePorts(m.Ports); err != nil {
		return nil, err
	}
	var nodes []*apacheNode
	for i := range count {
		n := &apacheNode{id: i + 1, cluster: m.Cluster, port: m.Ports[i][0], install: install, folder: o.Data, heapMB: o.HeapMB, quick: o.Quick, lock: o.lock, access: o.Access,
			logPath: filepath.Join(o.Data, "logs", "broker-"+strconv.Itoa(i+1)+".log")}
		if o.logPath != "" {
			n.logPath = o.logPath
		}
		if n.heapMB == 0 {
			n.heapMB = apacheHeapMB
		}
		if err := o.configureNodes(n, m.Ports); err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	if err := os.WriteFile(filepath.Join(o.Data, apacheLogging), []byte(apacheLog4j), 0o600); err != nil {
		return nil, unwritableProblem(o.Data, err)
	}
	if isNew {
		if err := formatFolder(ctx, nodes); err != nil {
			return nil, err
		}
	}
	return nodes, m.saveFile(path)
}

func (m apacheMemory) saveFile(path string) error {
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return unwritableProblem(filepath.Dir(path), err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return unwritableProblem(filepath.Dir(path), err)
	}
	return nil
}

// clusterID is 16 random bytes in Kafka's form. Its tools take one that begins with a dash for an option.
func clusterID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	b[0] &= 0x7f
	return base64.RawURLEncoding.EncodeToString(b)
}

// formatFolder makes the brokers' folders. Kafka's own tool makes the first, which takes a second or two; the others differ
// from it in two lines.
func formatFolder(ctx context.Context, nodes []*apacheNode) error {
	for _, n := range nodes {
		if err := os.RemoveAll(n.dataFolder()); err != nil { // of a start that was interrupted
			return unwritableProblem(n.dataFolder(), err)
		}
	}
	first := nodes[0]
	cmd := first.install.javaCommand(first.folder, first.heapMB, true, "kafka.tools.StorageTool", "format", "-c", first.writeProperties(), "-t", first.cluster)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	p, err := launchProcess(cmd)
	if err == nil {
		stop := context.AfterFunc(ctx, p.kill)
		<-p.exited
		stop()
		err = p.err
	}
	if err != nil {
		return fmt.Errorf("make the folders of Apache Kafka: %w: %s", err, strings.TrimSpace(said.String()))
	}
	checkpoint, err := os.ReadFile(filepath.Join(first.dataFolder(), "bootstrap.checkpoint"))
	if err != nil {
		return fmt.Errorf("make the folders of Apache Kafka: %w", err)
	}
	for _, n := range nodes[1:] {
		meta := fmt.Sprintf("version=1\ncluster.id=%s\nnode.id=%d\ndirectory.id=%s\n", n.cluster, n.id, clusterID())
		if err := errors.Join(os.MkdirAll(n.dataFolder(), 0o700), os.WriteFile(filepath.Join(n.dataFolder(), "bootstrap.checkpoint"), checkpoint, 0o600),
			os.WriteFile(filepath.Join(n.dataFolder(), "meta.properties"), []byte(meta), 0o600)); err != nil {
			return unwritableProblem(n.dataFolder(), err)
		}
	}
	return nil
}
