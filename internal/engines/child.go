package engines

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// The files a child inherits, after stdin, stdout and stderr. Stdin is its lifeline: it ends when the parent does.
const (
	listenerFD = 3 // the parent owns the listening socket, so a restarted child is back on its port
	lockFD     = 4 // the data folder stays locked until the last child is gone
	readyFD    = 5 // one line: "ready", or why not
)

const (
	childVariable = "OUTRIDER_CHILD"
	readyLine     = "ready"
)

// childOrders is all that a child is told, as JSON in its environment (arguments would show the password to every user).
type childOrders struct {
	Engine     string
	Dir        string
	Fsync      bool   // Kafka
	Library    string // ClickHouse, and below
	Config     string
	User       string
	Password   string
	Concurrent int
}

// childKind starts one kind of child.
type childKind struct {
	orders   childOrders
	env      []string
	listener *os.File
	lock     *os.File
	logPath  string
}

// ownExecutable is this program's file; on Linux also after it was replaced or removed, so that a restarted child is always of
// its parent's version.
func ownExecutable() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

func (k *childKind) spawnChild(ctx context.Context) (*process, error) {
	exe, err := ownExecutable()
	if err != nil {
		return nil, fmt.Errorf("find own executable: %w", err)
	}
	told, err := json.Marshal(k.orders)
	if err != nil {
		return nil, fmt.Errorf("encode orders for %s: %w", k.orders.Engine, err)
	}
	logFile, err := openLog(k.logPath)
	if err != nil {
		return nil, err
	}
	defer func() { _ = logFile.Close() }()
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", k.orders.Engine, err)
	}
	defer func() { _ = r.Close() }()
	cmd := exec.Command(exe) //nolint:noctx // ourselves; its life is longer than the context's
	cmd.Args = []string{"outrider", "internal-" + k.orders.Engine}
	cmd.Env = append(append(os.Environ(), childVariable+"="+string(told)), k.env...)
	cmd.ExtraFiles = []*os.File{k.listener, k.lock, w}
	cmd.Stdout, cmd.Stderr = logFile, logFile
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is the parent's affair
	lifeline, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	_ = w.Close()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", k.orders.Engine, err)
	}
	p := &process{pid: cmd.Process.Pid, exited: make(chan struct{}), noticed: make(chan struct{})}
	p.stop = func() { _ = lifeline.Close() }
	p.kill = func() { _ = cmd.Process.Kill() }
	go func() {
		p.err = cmd.Wait()
		close(p.exited)
	}()
	unwatch := context.AfterFunc(ctx, p.kill)
	line, _ := bufio.NewReader(r).ReadString('\n') // a child that dies closes it
	unwatch()
	if line = strings.TrimSpace(line); line == readyLine {
		return p, nil
	}
	p.kill()
	<-p.exited
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("start %s: %w", k.orders.Engine, err)
	}
	if line == "" {
		line = fmt.Sprintf("it ended with %v; its last words: %s", p.err, lastWords(k.logPath))
	}
	return nil, fmt.Errorf("start %s: %w", k.orders.Engine, errors.New(line))
}
