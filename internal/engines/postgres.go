package engines

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const postgresUser = "outrider"

// postgresSettings fit one process on a small machine. fsync and synchronous_commit stay on.
func postgresSettings() map[string]string {
	return map[string]string{
		"listen_addresses":        "127.0.0.1",
		"unix_socket_directories": "", // a socket's path has a length limit that a data folder can exceed
		"shared_buffers":          "128MB",
		"max_connections":         "100",
		"work_mem":                "16MB",
		"maintenance_work_mem":    "64MB",
		"wal_level":               "minimal", // nobody replicates from here, and a rebuild's COPY then skips the log
		"max_wal_senders":         "0",
		"max_wal_size":            "1GB",
		"checkpoint_timeout":      "15min",
		"random_page_cost":        "1.1",
		"io_method":               "sync", // three processes less than with workers
		"jit":                     "off",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
	}
}

// postgres is how one Postgres is run.
type postgres struct {
	native, data, logPath, secret string
	port                          int
	sync                          bool // a new cluster is on the disk before it is used
	settings                      map[string]string
	as                            identity
	lock                          *os.File
}

func (e *Engines) startPostgres(ctx context.Context) (string, error) {
	began := time.Now()
	if err := checkPlatform(Postgres, filepath.Join(e.install.postgres, "bin", "postgres"), ""); err != nil {
		return "", err
	}
	p := &postgres{native: e.install.postgres, data: filepath.Join(e.Data, Postgres), logPath: e.logPath(Postgres), secret: e.memory.Secret,
		sync:     e.options.Fsync,
		settings: postgresSettings(), lock: e.lock}
	maps.Copy(p.settings, e.options.PostgresSettings)
	var err error
	if p.as, err = whoRunsPostgres(p.native, e.Data); err != nil {
		return "", err
	}
	if err := linkLibraries(p.native); err != nil {
		return "", err
	}
	if e.options.PostgresPort != 0 { // say that it is taken before the second that a new cluster takes
		if err := e.postgresPort(p); err != nil {
			return "", err
		}
	}
	if err := p.initCluster(ctx); err != nil {
		return "", err
	}
	// Postgres opens its port itself: another program may take it between our look and its start.
	for try := 0; ; try++ {
		if err := e.postgresPort(p); err != nil {
			return "", err
		}
		err = e.runService(ctx, Postgres, p.spawnProcess, func() {})
		if err == nil {
			break
		}
		if try == 3 || !strings.Contains(err.Error(), "Address already in use") {
			return "", err
		}
	}
	e.mu.Lock()
	e.Boot[Postgres] = time.Since(began) // with initdb
	e.mu.Unlock()
	u := url.URL{Scheme: "postgres", User: url.UserPassword(postgresUser, p.secret), Host: "127.0.0.1:" + strconv.Itoa(p.port), Path: "/postgres", RawQuery: "sslmode=disable"}
	return u.String(), nil
}

// postgresPort finds a port that is free now.
func (e *Engines) postgresPort(p *postgres) error {
	l, err := e.memory.listenFor(Postgres, e.options.PostgresPort)
	if err != nil {
		return err
	}
	p.port = tcpPort(l.Addr())
	return l.Close()
}

// prepareFolder makes a command one of this installation: its environment, its user, and its end with ours. Like every backend
// it inherits the data folder's lock.
func (p *postgres) prepareFolder(cmd *exec.Cmd) *exec.Cmd {
	lib := filepath.Join(p.native, "lib")
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=" + p.data, "LD_LIBRARY_PATH=" + lib, "DYLD_LIBRARY_PATH=" + lib}
	cmd.ExtraFiles = []*os.File{p.lock}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.as.applyTo(cmd.SysProcAttr)
	dieWithParent(cmd.SysProcAttr, syscall.SIGINT) // fast shutdown
	return cmd
}

func (p *postgres) programPath(name string) string { return filepath.Join(p.native, "bin", name) }

// initCluster makes the cluster on the first start. It is made beside its place and moved, so that a start that was
// interrupted leaves nothing half made.
func (p *postgres) initCluster(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(p.data, "PG_VERSION")); err == nil {
		return p.sameVersion()
	}
	fresh := p.data + ".new"
	if err := errors.Join(os.RemoveAll(fresh), os.RemoveAll(p.data)); err != nil {
		return unwritable(fresh, err)
	}
	if err := errors.Join(os.Mkdir(fresh, 0o700), p.as.ownFiles(fresh)); err != nil {
		return unwritable(fresh, err)
	}
	secret := filepath.Join(fresh, "..", "postgres.secret") // initdb refuses a file descriptor after the change of user
	if err := errors.Join(os.WriteFile(secret, []byte(p.secret+"\n"), 0o600), p.as.ownFiles(secret)); err != nil {
		return unwritable(filepath.Dir(secret), err)
	}
	defer func() { _ = os.Remove(secret) }()
	args := []string{"-D", fresh, "-U", postgresUser, "--pwfile=" + secret, "--auth=scram-sha-256", "--encoding=UTF8",
		"--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions", "--data-checksums"}
	if !p.sync {
		// On a busy disk the sync takes longer than all else; what Postgres writes from now on is synced.
		args = append(args, "--no-sync")
	}
	cmd := p.prepareFolder(exec.CommandContext(ctx, p.programPath("initdb"), args...))
	var out []byte
	err := pinThread(func() (err error) {
		out, err = cmd.CombinedOutput()
		return err
	})
	if err != nil {
		if strings.Contains(string(out), "No space left") {
			return unwritable(p.data, syscall.ENOSPC)
		}
		return fmt.Errorf("make the Postgres cluster %s: %w: %s", p.data, err, strings.TrimSpace(string(out)))
	}
	if err := os.Rename(fresh, p.data); err != nil {
		return unwritable(p.data, err)
	}
	if !p.sync {
		return nil
	}
	return syncFolder(filepath.Dir(p.data))
}

// postgresMajor is the version in engines/package.json.
const postgresMajor = "18"

func (p *postgres) sameVersion() error {
	b, err := os.ReadFile(filepath.Join(p.data, "PG_VERSION"))
	if err != nil {
		return fmt.Errorf("read the version of the Postgres cluster: %w", err)
	}
	if v := strings.TrimSpace(string(b)); v != postgresMajor {
		return &Problem{What: "the Postgres data in " + p.data + " was made by version " + v + ", this is " + postgresMajor,
			Fix: "dump it with version " + v + " and restore it, or start over with `outrider dev --reset`"}
	}
	return nil
}
