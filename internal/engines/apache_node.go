package engines

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/kafka"
)

// apachePatience is how long a broker may take until it answers; on a busy machine a first start takes 15 s.
const apachePatience = 2 * time.Minute

// apacheNode is how one broker is run.
type apacheNode struct {
	id      int
	cluster string // its id
	port    int
	install apacheInstall
	folder  string // of the cluster
	heapMB  int
	quick   bool
	logPath string
	lock    *os.File
	access  kafka.Access
}

func (n *apacheNode) listenAddress() string { return "127.0.0.1:" + strconv.Itoa(n.port) }
func (n *apacheNode) dataFolder() string {
	return filepath.Join(n.folder, "broker-"+strconv.Itoa(n.id))
}
func (n *apacheNode) writeProperties() string { return n.dataFolder() + ".properties" }
func (n *apacheNode) pidFile() string         { return n.dataFolder() + ".pid" }

// spawnProcess starts the broker and returns when it answers and the controllers know it.
func (n *apacheNode) spawnProcess(ctx context.Context) (*process, error) {
	log, err := openLog(n.logPath)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	from, _ := log.Seek(0, 2)
	cmd := n.install.javaCommand(n.folder, n.heapMB, n.quick, "kafka.Kafka", n.writeProperties())
	cmd.Stdout, cmd.Stderr = log, log
	if n.lock != nil {
		cmd.ExtraFiles = []*os.File{n.lock}
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is the parent's affair
	dieWithParent(cmd.SysProcAttr, syscall.SIGKILL)       // it may be frozen
	p, err := launchProcess(cmd)
	if err != nil {
		return nil, fmt.Errorf("start Apache Kafka: %w", err)
	}
	p.stop = func() { _ = cmd.Process.Signal(syscall.SIGTERM) }
	if err = os.WriteFile(n.pidFile(), []byte(strconv.Itoa(p.pid)), 0o600); err == nil {
		err = n.awaitAnswer(ctx, p)
	}
	if err != nil {
		p.kill()
		<-p.exited
		b, _ := os.ReadFile(n.logPath)
		return nil, fmt.Errorf("start Apache Kafka (broker %d): %w; its last words, in %s: %s", n.id, err, n.logPath, problemIn(b[min(int(from), len(b)):]))
	}
	return p, nil
}

// problemIn is what a broker's log says about its end: the first lines that complain, since the cause comes first.
func problemIn(log []byte) string {
	var out []string
	for l := range strings.Lines(string(log)) {
		if strings.Contains(l, " ERROR ") || strings.Contains(l, " FATAL ") || strings.Contains(l, "Exception") || strings.HasPrefix(l, "Error") {
			if out = append(out, strings.TrimSpace(l)); len(out) == 4 {
				break
			}
		}
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, " | ")
}

// awaitAnswer returns when the broker itself lists itself among those that may lead.
func (n *apacheNode) awaitAnswer(ctx context.Context, p *process) error {
	ctx, cancel := context.WithTimeout(ctx, apachePatience)
	defer cancel()
	for {
		if n.doesAnswer(ctx) {
			return nil
		}
		select {
		case <-p.exited:
			return fmt.Errorf("it ended by itself (%v)", p.err) //nolint:errorlint // may be nil
		case <-ctx.Done():
			return fmt.Errorf("wait for its answer: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// doesAnswer asks with a client of its own each time: one that has met a broker which isn't up waits, and asks others.
func (n *apacheNode) doesAnswer(ctx context.Context) bool {
	c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", n.listenAddress())
	if err != nil {
		return false
	}
	_ = c.Close()
	cl, err := kafka.Log{Seeds: []string{n.listenAddress()}, Access: n.access}.Open(kgo.RequestRetries(0))
	if err != nil {
		return false
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // the first answer of a busy Java takes its time
	defer cancel()
	m, err := kadm.NewClient(cl).BrokerMetadata(ctx)
	return err == nil && m.Cluster == n.cluster && slices.Contains(m.Brokers.NodeIDs(), int32(n.id))
}

// killOrphanBrokers ends brokers that outlived their parent, where the kernel has no parent-death signal; the folder's
// owner has died.
func killOrphanBrokers(folder string) {
	files, _ := filepath.Glob(filepath.Join(folder, "broker-*.pid"))
	for _, f := range files {
		b, _ := os.ReadFile(f)
		pid, _ := strconv.Atoi(string(b))
		if pid > 1 && processAlive(pid) && strings.Contains(commandLine(pid), strings.TrimSuffix(f, ".pid")+".properties") {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
