package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"outrider/api"
	"outrider/commands"
	"outrider/consumers/imports"
	"outrider/internal/csvfile"
	"outrider/internal/es"
)

// apiDrain is how long requests may go on when the process ends.
const apiDrain = 10 * time.Second

// newAPI makes the server of the api role.
func (n *Node) newAPI() (*api.Server, error) {
	files, err := n.newImports()
	if err != nil {
		return nil, err
	}
	return api.New(api.Config{
		Commands: n.Gateway, Generation: n.Stores.Log.Generation, Partitions: n.Stores.Log.Partitions, Positions: n.Positions, Pool: n.Pools.API,
		Keys: n.keys, Slugs: n.Slugs, Vault: n.vault, Imports: importer{files}, Signer: n.Signer, Audit: n.audit, BaseURL: n.mailing.base, Objects: n.blobs, Log: n.Stores.Log, Columns: n.ClickHouse, Plans: n.plans, Now: n.clock.Now, Begin: n.clock.requestHook(), Trace: n.tracing.Request(), TraceBatch: n.tracing.Batch(), Logger: n.log, Checks: n.readyChecks(), Collectors: n.newCollectors(),
	})
}

// serveAPI answers until ctx ends.
func (n *Node) serveAPI(ctx context.Context, s *api.Server, l net.Listener) error {
	ended := make(chan error, 1)
	go func() { ended <- s.Listen(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), apiDrain)
		defer cancel()
		return errors.Join(s.Shutdown(late), <-ended)
	}
}

// readyChecks are what /readyz tells of this process.
func (n *Node) readyChecks() []api.Check {
	return []api.Check{
		{Name: "postgres", Well: n.Pools.API.Ping},
		{Name: "clickhouse", Well: n.ClickHouse.Ping},
		{Name: "roles", Well: func(context.Context) error {
			if s := n.roleStandings(); len(s.Problems) > 0 {
				return fmt.Errorf("%s", s.Problems[0])
			}
			return nil
		}},
	}
}

// importer lets the api begin imports.
type importer struct{ files *imports.Imports }

// Begin is api.Importer's.
func (i importer) Begin(ctx context.Context, u api.Upload, file io.Reader) (commands.RequestImport, es.Answer, error) {
	o := csvfile.Options{Charset: u.Charset, Mapping: u.Mapping}
	for _, d := range u.Delimiter {
		o.Delimiter = d
	}
	request, answer, err := i.files.Begin(ctx, imports.Upload{Org: u.Command.Org, ImportID: u.ImportID, Command: u.Command, Seal: u.Seal, FileName: u.FileName, Options: o,
		DryRun: u.DryRun, OnDuplicate: u.OnDuplicate, Source: u.Source, LawfulBasis: u.LawfulBasis, Tags: u.Tags, TimeZone: u.TimeZone}, file)
	if errors.Is(err, imports.ErrFile) {
		err = es.Refuse("invalid", map[string]string{"field": "file", "reason": err.Error()})
	}
	return request, answer, err
}
