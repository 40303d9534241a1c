package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/google/uuid"

	"outrider/api"
	"outrider/commands"
	"outrider/consumers/imports"
	"outrider/internal/app/asof"
	"outrider/internal/app/exportfile"
	"outrider/internal/blob"
	"outrider/internal/clickhouse"
	"outrider/internal/csvfile"
	"outrider/internal/dial"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/internal/mail/remoteimage"
	"outrider/projections"
	"outrider/web"
)

// apiDrain is how long requests may go on when the process ends.
const apiDrain = 10 * time.Second

// newAPI makes the server of the api role.
func (n *Node) newAPI() (*api.Server, error) {
	files, err := n.newImports()
	if err != nil {
		return nil, err
	}
	pages, ok := web.Dashboard()
	if !ok {
		pages = nil
	}
	states, err := asof.NewLiveStates(n.blobs, n.log)
	if err != nil {
		return nil, err
	}
	states.Partitions = n.stateInSnapshot()
	mail, asSent, err := n.newProviderMail()
	if err != nil {
		return nil, err
	}
	return api.New(api.Config{
		Dashboard:            pages,
		ProviderMail:         mail,
		AsSent:               asSent,
		Integrations:         n.services.connector,
		MailOAuth:            n.mailing.oauth(n.mailing.base),
		SignInsReturnLocally: n.own && n.mailing.loopback,
		Shared:               n.requests.sharedLimits(),
		Calls:                n.requests.calls,
		Commands:             n.Gateway,
		Generation:           n.Stores.Log.Generation,
		Partitions:           n.Stores.Log.Partitions,
		Positions:            n.Positions,
		Pool:                 n.Pools.API,
		Keys:                 n.keys,
		Slugs:                n.Slugs,
		Directory:            identity.NewDirectory(n.Pools.Identity),
		Vault:                n.vault,
		SignIn:               n.signIn.parts,
		Imports:              importer{files},
		Signer:               n.Signer,
		Audit:                n.audit,
		BaseURL:              n.mailing.base,
		Objects:              n.blobs,
		RemoteImages:         n.newRemoteImages(),
		ReportFiles:          n.blobs,
		LiveStates:           states,
		ExportFiles:          n.openExport,
		Log:                  n.Stores.Log,
		LogReader:            n.shared,
		PlainWebhooks:        n.mailing.hooks != dial.Public,
		Models:               n.models,
		PeopleData:           n.mailing.people,
		Columns:              clickhouse.Bound(n.reports, clickhouse.Bounds{Processes: n.heart.Count}),
		Plans:                n.plans,
		Selling:              n.selling.parts,
		Now:                  n.clock.Now,
		Clock:                n.clock.pace(),
		Connections:          n.connections,
		Proxies:              n.proxies,
		CountryHeader:        n.country,
		Processes:            n.heart.Count,
		Begin:                n.clock.requestHook(),
		Trace:                n.tracing.Request(),
		TraceBatch:           n.tracing.Batch(),
		Logger:               n.log,
		Checks:               n.readyChecks(),
		Standing:             n.standingParts(),
		Start:                n.door.start(),
		Collectors:           n.newCollectors(),
	})
}

// newRemoteImages fetches what mails show from where research reads sites, and on this machine only where the servers of mail are there too.
func (n *Node) newRemoteImages() *remoteimage.Fetcher {
	dialer := dial.Dialer{Reach: n.mailing.hooks, Resolver: n.mailing.names}
	if n.mailing.loopback {
		dialer.Reach = dial.Loopback
	}
	return remoteimage.New(remoteimage.Config{Dialer: dialer})
}

// servesAPI is the part of *api.Server that takes connections.
type servesAPI interface {
	Listen(l net.Listener) error
	Shutdown(ctx context.Context) error
}

// serveAPI answers until ctx ends.
func (n *Node) serveAPI(ctx context.Context, s servesAPI, l net.Listener) error {
	if n.door != nil {
		if err := n.door.handOver(ctx); err != nil {
			return err
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Listen(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), apiDrain)
		defer cancel()
		return errors.Join(s.Shutdown(late), closeListener(l), <-ended)
	}
}

// closeListener closes what a server listens on after it was told to end: one that is told so before it has begun would listen for ever.
func closeListener(l net.Listener) error {
	if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close the listener: %w", err)
	}
	return nil
}

// readyChecks are what /readyz asks of this process.
func (n *Node) readyChecks() []api.HealthCheck {
	return []api.HealthCheck{
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
	request, answer, err := i.files.Begin(ctx, imports.Upload{Org: u.Command.Org, ImportID: u.ImportID, Command: u.Command, Seal: u.Seal, FileName: u.FileName, Options: optionsOf(u),
		MaxRows: u.Limits.ImportRows, Plan: u.Plan, DryRun: u.DryRun, OnDuplicate: u.OnDuplicate, Source: u.Source, LawfulBasis: u.LawfulBasis, Tags: u.Tags, TimeZone: u.TimeZone}, file)
	return request, answer, refuseFile(err)
}

// Inspect is api.Importer's.
func (i importer) Inspect(u api.Upload, file io.Reader) (csvfile.Head, []csvfile.Row, error) {
	head, rows, err := i.files.Inspect(file, optionsOf(u))
	return head, rows, refuseFile(err)
}

// Commit is api.Importer's.
func (i importer) Commit(ctx context.Context, dry *projections.Import, importID uuid.UUID, command es.Command) (commands.RequestImport, es.Answer, error) {
	request, answer, err := i.files.Commit(ctx, dry, importID, command)
	if errors.Is(err, blob.ErrNotFound) {
		err = api.ErrFileGone
	}
	return request, answer, refuseFile(err)
}

// Open is api.Importer's.
func (i importer) Open(ctx context.Context, of *projections.Import) (api.ImportedFile, error) {
	f, err := i.files.OpenRows(ctx, of)
	if errors.Is(err, blob.ErrNotFound) || errors.Is(err, imports.ErrFile) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

func optionsOf(u api.Upload) csvfile.Options {
	o := csvfile.Options{Charset: u.Charset, HeaderRow: u.HeaderRow, Mapping: u.Mapping}
	for _, d := range u.Delimiter {
		o.Delimiter = d
	}
	return o
}

// refuseFile says which field of the form is wrong.
func refuseFile(err error) error {
	field := "file"
	switch {
	case !errors.Is(err, imports.ErrFile):
		return err
	case errors.Is(err, csvfile.ErrCharset):
		field = "charset"
	}
	return es.Refuse("invalid", map[string]string{"field": field, "reason": err.Error()})
}

// openExport is api.ExportFiles.
func (n *Node) openExport(ctx context.Context, org, export uuid.UUID) (io.ReadCloser, error) {
	return exportfile.Open(ctx, n.vault, n.blobs, org, export)
}
