package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
	"outrider/internal/lab/demo"
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
	key string
	api *client.Client
}

// createTenants creates organisations over the API, and waits until the read models know them.
func (s *benchServer) createTenants(ctx context.Context, n int) (out []benchTenant, err error) {
	platform := client.Open(s.URL, s.PlatformKey, nil)
	for i := range n {
		// A slug belongs to its organisation for good, and --in may name a folder that was used before.
		slug := "bench-" + strings.ToLower(uuid.NewString()[:8])
		org, _, err := client.Read[client.Organization](platform.CreateOrganization(ctx, nil, client.OrganizationCreate{Slug: slug, Name: fmt.Sprint("Bench ", i), Plan: new("enterprise")}))
		if err != nil {
			return nil, err
		}
		key, _, err := client.Read[client.APIKey](platform.CreateAPIKey(ctx, nil, client.APIKeyCreate{OrganizationID: &org.ID, Name: "bench", Scopes: demo.Scopes()}))
		if err != nil {
			return nil, err
		}
		t := benchTenant{org.ID, *key.Token, platform.WithKey(*key.Token)}
		known := func() bool {
			_, _, err := client.Read[client.Organization](platform.GetOrganization(ctx, org.ID, nil))
			return err == nil
		}
		// Until a limit is known a newcomer's is small.
		for began := time.Now(); !known(); {
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
