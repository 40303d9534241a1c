package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
	"outrider/internal/identity"
)

// benchServer is an `outrider dev` with everything in it, as a child process.
type benchServer struct {
	node.Running
	cmd  *exec.Cmd
	gone func()
}

// startBenchServer waits until it is ready. more are further arguments of dev.
func startBenchServer(ctx context.Context, named string, more ...string) (*benchServer, error) {
	data, gone, err := scratchFolder(named)
	if err != nil {
		return nil, err
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find own executable: %w", err)
	}
	cmd := exec.CommandContext(ctx, exe, append([]string{"dev", "--data", data, "--json", "--listen", "127.0.0.1:0", "--log-level", "warn"}, more...)...)
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = time.Minute
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		gone()
		return nil, fmt.Errorf("start a server: %w", err)
	}
	s := &benchServer{cmd: cmd, gone: gone}
	if err := json.NewDecoder(out).Decode(&s.Running); err != nil {
		return nil, fmt.Errorf("start a server: %w", errors.Join(err, s.stopServer()))
	}
	return s, nil
}

// beginProfile lets a profile begin here, if one is taken.
func (s *benchServer) beginProfile(pprof string) {
	if pprof != "" {
		_ = s.cmd.Process.Signal(syscall.SIGUSR1) // else the profile has more in it
	}
}

func (s *benchServer) stopServer() error {
	defer s.gone()
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	return nil
}

// benchTenant is an organisation without limits, and a key for all of it.
type benchTenant struct {
	id  uuid.UUID
	api client.Client
}

// createTenants creates organisations over the API, and waits until the read models know them.
func (s *benchServer) createTenants(ctx context.Context, n int) (out []benchTenant, err error) {
	platform := client.Client{URL: s.URL, Key: s.PlatformKey}
	for i := range n {
		var org struct{ ID uuid.UUID }
		// A slug belongs to its organisation for good, and --in may name a folder that was used before.
		slug := "bench-" + strings.ToLower(uuid.NewString()[:8])
		if err := platform.Post(ctx, "/v1/organizations", map[string]any{"slug": slug, "name": fmt.Sprint("Bench ", i), "plan": "enterprise"}, &org); err != nil {
			return nil, err
		}
		var key struct{ Token string }
		if err := platform.Post(ctx, "/v1/api-keys", map[string]any{"organization_id": org.ID, "name": "bench", "scopes": identity.OrganizationScopes()}, &key); err != nil {
			return nil, err
		}
		t := benchTenant{org.ID, client.Client{URL: s.URL, Key: key.Token}}
		var raw json.RawMessage
		// Until a limit is known a newcomer's is small.
		for began := time.Now(); platform.Send(ctx, http.MethodGet, "/v1/organizations/"+org.ID.String(), "", nil, &raw) != nil; {
			if time.Since(began) > 30*time.Second || ctx.Err() != nil {
				return nil, errors.New("a new organisation doesn't come to the read models")
			}
			time.Sleep(20 * time.Millisecond)
		}
		out = append(out, t)
	}
	return out, nil
}

// onBenchServer starts a server for one run, stops it and prints what the run found. in and pprof may be empty; more are
// further arguments of the server.
func onBenchServer[R any](ctx context.Context, broker benchBroker, in, pprof string, asJSON bool, run func(context.Context, *benchServer) (R, error), more ...string) error {
	if pprof != "" {
		more = append(more, "--pprof", pprof)
	}
	s, err := startBenchServer(ctx, in, append(more, "--kafka", broker.Kafka)...)
	if err != nil {
		return err
	}
	out, err := run(ctx, s)
	if e := s.stopServer(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return printBench(os.Stdout, asJSON, out)
}
