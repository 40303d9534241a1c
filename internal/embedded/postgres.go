package embedded

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgresServer is the real Postgres as a child. It has no lifeline of its own: the kernel interrupts it when the
// thread that started it ends, and an orphan of an earlier start is stopped before a new one begins.
type postgresServer struct {
	native, data, password string
	port                   int
	log                    *slog.Logger

	mu       sync.Mutex
	cmd      *exec.Cmd
	stopping bool
	done     chan struct{}
	output   *lastLines
}

func (p *postgresServer) url(db string) string {
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s?sslmode=disable", postgresUser, p.password, p.port, db)
}

// settings suit a small machine; durability stays on.
func (p *postgresServer) settings() []string {
	s := []string{"-D", p.data, "-p", strconv.Itoa(p.port)}
	for _, kv := range []string{
		"listen_addresses=127.0.0.1", "unix_socket_directories=", "shared_buffers=192MB", "max_connections=120", "max_wal_size=2GB", "min_wal_size=256MB",
		"checkpoint_timeout=15min", "wal_buffers=16MB", "effective_io_concurrency=0", "random_page_cost=1.1", "work_mem=8MB", "maintenance_work_mem=64MB",
		"jit=off", "log_min_messages=warning", "timezone=UTC", "log_timezone=UTC", "bgwriter_delay=100ms", "autovacuum_naptime=30s",
	} {
		s = append(s, "-c", kv)
	}
	return s
}

func (p *postgresServer) start(ctx context.Context) error {
	if err := p.link(); err != nil {
		return err
	}
	attr, owner, err := p.attributes()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.data, 0o700); err != nil {
		return fmt.Errorf("make %s: %w", p.data, err)
	}
	if owner != nil {
		if err := os.Chown(p.data, int(owner.Uid), int(owner.Gid)); err != nil {
			return fmt.Errorf("give %s to the user that runs Postgres: %w", p.data, err)
		}
	}
	if _, err := os.Stat(filepath.Join(p.data, "PG_VERSION")); errors.Is(err, os.ErrNotExist) {
		if err := p.initdb(ctx, attr, owner); err != nil {
			return err
		}
	}
	if err := p.stopOrphan(); err != nil {
		return err
	}
	if err := p.spawn(attr); err != nil {
		return err
	}
	if err := p.ready(ctx); err != nil {
		p.stop()
		return err
	}
	go p.supervise(attr)
	return nil
}

// link makes the library links that npm can't ship, as the package's own install script would.
func (p *postgresServer) link() error {
	b, err := os.ReadFile(filepath.Join(p.native, "pg-symlinks.json"))
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrNotInstalled, err)
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(b, &links); err != nil {
		return fmt.Errorf("read pg-symlinks.json: %w", err)
	}
	root := filepath.Dir(p.native)
	for _, l := range links {
		target := filepath.Join(root, l.Target)
		if _, err := os.Lstat(target); err == nil {
			continue
		}
		rel, err := filepath.Rel(filepath.Dir(target), filepath.Join(root, l.Source))
		if err != nil {
			return fmt.Errorf("link %s: %w", target, err)
		}
		if err := os.Symlink(rel, target); err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("link Postgres' libraries: %w", err)
		}
	}
	return nil
}

// attributes: Postgres refuses to run as root, so root starts it as nobody.
func (p *postgresServer) attributes() (*syscall.SysProcAttr, *syscall.Credential, error) {
	attr := deathSignal()
	attr.Setpgid = true
	if os.Getuid() != 0 {
		return attr, nil, nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		return nil, nil, fmt.Errorf("Postgres can't run as root and there is no user nobody; start outrider as a plain user: %w", err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), Groups: []uint32{}}
	if !passable(p.native) || !passable(filepath.Dir(p.data)) {
		mayPass(attr)
	}
	return attr, attr.Credential, nil
}

// passable says whether every user may enter a folder.
func passable(dir string) bool {
	for {
		if st, err := os.Stat(dir); err == nil && st.Mode().Perm()&0o001 == 0 {
			return false
		}
		up := filepath.Dir(dir)
		if up == dir {
			return true
		}
		dir = up
	}
}

func (p *postgresServer) environment() []string {
	return []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=" + p.data, "LD_LIBRARY_PATH=" + filepath.Join(p.native, "lib"), "DYLD_LIBRARY_PATH=" + filepath.Join(p.native, "lib")}
}

func (p *postgresServer) initdb(ctx context.Context, attr *syscall.SysProcAttr, owner *syscall.Credential) error {
	secret, err := os.CreateTemp("", "outrider-pg") // a /dev/fd path is refused once the user has changed
	if err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	defer func() { _ = os.Remove(secret.Name()) }()
	if _, err := secret.WriteString(p.password + "\n"); err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	if owner != nil {
		if err := secret.Chown(int(owner.Uid), int(owner.Gid)); err != nil {
			return fmt.Errorf("initdb: %w", err)
		}
	}
	_ = secret.Close()
	cmd := exec.CommandContext(ctx, filepath.Join(p.native, "bin", "initdb"), "-D", p.data, "-U", postgresUser, "--pwfile="+secret.Name(), "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions", "--data-checksums", "--no-sync")
	cmd.Dir, cmd.Env, cmd.SysProcAttr = "/", p.environment(), withoutDeathSignal(*attr)
	if out, err := cmd.CombinedOutput(); err != nil {
		_ = os.RemoveAll(p.data) // half a database is worse than none
		return fmt.Errorf("make the Postgres database in %s: %w: %s", p.data, err, bytes.TrimSpace(out))
	}
	return nil
}

func (p *postgresServer) spawn(attr *syscall.SysProcAttr) error {
	p.output = &lastLines{}
	cmd := exec.Command(filepath.Join(p.native, "bin", "postgres"), p.settings()...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = "/", p.environment(), attr, p.output, p.output
	started, done := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // the death signal follows the thread that forked, so keep one for the child's life
		defer close(done)
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		_ = cmd.Wait()
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start Postgres: %w", err)
	}
	p.mu.Lock()
	p.cmd, p.done = cmd, done
	p.mu.Unlock()
	return nil
}

func (p *postgresServer) ready(ctx context.Context) error {
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port))
	for {
		select {
		case <-p.done:
			return fmt.Errorf("Postgres did not start: %s", p.output)
		case <-ctx.Done():
			return fmt.Errorf("Postgres did not start in time: %w: %s", ctx.Err(), p.output)
		case <-time.After(10 * time.Millisecond):
		}
		if c, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
			_ = c.Close()
			if conn, err := pgx.Connect(ctx, p.url("postgres")); err == nil {
				return conn.Close(ctx)
			}
		}
	}
}

func (p *postgresServer) supervise(attr *syscall.SysProcAttr) {
	for {
		<-p.done
		for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
			p.mu.Lock()
			stopping := p.stopping
			p.mu.Unlock()
			if stopping {
				return
			}
			p.log.Warn("the embedded Postgres ended; starting it again", "output", p.output.String())
			time.Sleep(wait)
			if err := p.stopOrphan(); err == nil && p.spawn(attr) == nil {
				break
			}
		}
	}
}

// stopOrphan ends a postmaster that an earlier start on this folder has left behind.
func (p *postgresServer) stopOrphan() error {
	b, err := os.ReadFile(filepath.Join(p.data, "postmaster.pid"))
	if err != nil {
		return nil //nolint:nilerr // no pid file: no orphan
	}
	line, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		return nil //nolint:nilerr // Postgres itself judges a broken pid file
	}
	cmdline, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || !bytes.Contains(cmdline, []byte("-D\x00"+p.data+"\x00")) {
		return nil //nolint:nilerr // a stale file: Postgres removes it
	}
	_ = syscall.Kill(pid, syscall.SIGINT)
	for range 400 {
		if syscall.Kill(pid, 0) != nil {
			return nil
		}
		time.Sleep(25 * time.Millisecond)
	}
	return fmt.Errorf("an earlier Postgres (process %d) on %s does not stop", pid, p.data)
}

func (p *postgresServer) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd.Process.Pid
}

// stop is Postgres' fast shutdown.
func (p *postgresServer) stop() {
	p.mu.Lock()
	p.stopping = true
	cmd, done := p.cmd, p.done
	p.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		_ = cmd.Process.Signal(syscall.SIGQUIT)
		<-done
	}
}
