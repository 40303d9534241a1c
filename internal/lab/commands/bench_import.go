package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"runtime"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kadm"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
	"outrider/internal/es"
	"outrider/internal/kafka"
	"outrider/internal/lab/bench"
)

type benchImportCmd struct {
	benchBroker
	Rows  int    `default:"100000" help:"Rows of the file."`
	In    string `help:"Data folder to use and keep; default: one that goes afterwards." placeholder:"DIR"`
	JSON  bool   `help:"Print one line of JSON."`
	Pprof string `hidden:"" help:"Write a CPU profile of the server to this file."`
}

type importedFast struct {
	Rows          int     `json:"rows"`
	Rate          float64 `json:"rate"`           // rows a second from the beginning of the upload until all can be queried in Postgres
	CommittedRate float64 `json:"committed_rate"` // ... until the log has them all
	UploadSeconds float64 `json:"upload_seconds"` // part of both
	Seconds       float64 `json:"seconds"`
	LagP50        float64 `json:"projection_lag_p50_ms"` // from a record's append until its row can be queried
	LagP99        float64 `json:"projection_lag_p99_ms"`
	LagMax        float64 `json:"projection_lag_max_ms"`
	LogBytes      float64 `json:"log_bytes_per_row"`      // that stay in events
	CommandBytes  float64 `json:"commands_bytes_per_row"` // that stay in commands for seven days
	benchConditions
}

// Run imports one file into a new organisation.
func (c benchImportCmd) Run(ctx context.Context) error {
	return onBenchServer(ctx, c.benchBroker, c.In, c.Pprof, c.JSON, c.measureImport)
}

func (c benchImportCmd) measureImport(ctx context.Context, s *benchServer) (importedFast, error) {
	out := importedFast{Rows: c.Rows, benchConditions: benchConditions{Bench: "import", CPUs: runtime.NumCPU(), Broker: c.brokerName()}}
	if err := c.warmUp(ctx, s); err != nil {
		return out, err
	}
	tenants, err := s.createTenants(ctx, 1)
	if err != nil {
		return out, err
	}
	t := tenants[0]
	lag, err := watchLag(ctx, s.Running, t.id)
	if err != nil {
		return out, err
	}
	defer lag.closeAll()
	before, err := lag.topicSizes(ctx)
	if err != nil {
		return out, err
	}
	gauged, err := s.startGauge(ctx)
	if err != nil {
		return out, err
	}
	began := time.Now()
	upload, err := c.uploadRows(ctx, t.api)
	if err != nil {
		return out, err
	}
	out.UploadSeconds = time.Since(began).Seconds()
	for lag.status != "completed" {
		if err := lag.takeSample(ctx, upload); err != nil {
			return out, err
		}
		switch lag.status {
		case "failed":
			return out, fmt.Errorf("the import failed: %s", lag.reason)
		case "completed":
		default:
			time.Sleep(20 * time.Millisecond)
		}
	}
	end := time.Now()
	if err := gauged(&out.benchConditions); err != nil {
		return out, err
	}
	after, err := lag.topicSizes(ctx)
	if err != nil {
		return out, err
	}
	out.LogBytes, out.CommandBytes = float64(after.events-before.events)/float64(c.Rows), float64(after.commands-before.commands)/float64(c.Rows)
	var rows int
	if err := lag.db.QueryRow(ctx, `select count(*) from read.leads where org_id = $1 and import_id = $2`, t.id, upload).Scan(&rows); err != nil || rows != c.Rows {
		return out, fmt.Errorf("%d of %d rows can be queried: %w", rows, c.Rows, err)
	}
	out.Seconds = end.Sub(began).Seconds()
	out.Rate, out.CommittedRate = float64(c.Rows)/out.Seconds, float64(c.Rows)/lag.grew.Sub(began).Seconds()
	out.LagP50, out.LagP99, out.LagMax = bench.Quantile(lag.lags, 0.5), bench.Quantile(lag.lags, 0.99), bench.Quantile(lag.lags, 1)
	return out, nil
}

func (c benchImportCmd) uploadRows(ctx context.Context, api *client.Client) (uuid.UUID, error) {
	r, w := io.Pipe()
	form := multipart.NewWriter(w)
	go func() {
		err := form.WriteField("source", "csv_upload")
		if err == nil {
			var part io.Writer
			if part, err = form.CreateFormFile("file", "leads.csv"); err == nil {
				err = bench.WriteCSV(part, c.Rows)
			}
		}
		w.CloseWithError(errors.Join(err, form.Close()))
	}()
	defer r.Close()
	i, _, err := client.Read[client.Import](api.CreateImportWithBody(ctx, nil, form.FormDataContentType(), r))
	return i.ID, err
}

// lagWatch compares, for one partition, how far the log goes with how far the leads' read model has come.
type lagWatch struct {
	db        *pgx.Conn
	adm       *kadm.Client
	topic     string
	commands  string
	partition int32
	seen      []logEnd // not projected yet
	newest    int64
	grew      time.Time // when the log was last seen longer
	lags      []time.Duration
	org       uuid.UUID
	status    string // of the import
	reason    string
}

type logEnd struct {
	offset int64
	at     time.Time
}

func watchLag(ctx context.Context, r node.Running, org uuid.UUID) (*lagWatch, error) {
	log, err := kafka.Log{Seeds: strings.Split(r.Kafka, ","), Generation: 1}.Measure(ctx)
	if err != nil {
		return nil, err
	}
	cl, err := log.Open()
	if err != nil {
		return nil, err
	}
	db, err := pgx.Connect(ctx, r.Postgres)
	if err != nil {
		cl.Close()
		return nil, fmt.Errorf("open postgres: %w", err)
	}
	return &lagWatch{db: db, adm: kadm.NewClient(cl), topic: log.Events(), commands: log.Commands(), partition: es.PartitionOf(org, log.Partitions), org: org}, nil
}

// topicBytes are those that a broker keeps of two topics.
type topicBytes struct{ events, commands int64 }

func (w *lagWatch) topicSizes(ctx context.Context) (b topicBytes, err error) {
	brokers, err := w.adm.DescribeAllLogDirs(ctx, nil)
	if err != nil {
		return b, fmt.Errorf("list sizes: %w", err)
	}
	brokers.Each(func(d kadm.DescribedLogDir) {
		d.Topics.Each(func(p kadm.DescribedLogDirPartition) {
			switch p.Topic {
			case w.topic:
				b.events += p.Size
			case w.commands:
				b.commands += p.Size
			}
		})
	})
	return b, nil
}

func (w *lagWatch) closeAll() {
	w.adm.Close()
	_ = w.db.Close(context.Background()) // only read from
}

// takeSample notes the log's end, and how long ends seen before have waited for their rows.
func (w *lagWatch) takeSample(ctx context.Context, upload uuid.UUID) error {
	ends, err := w.adm.ListEndOffsets(ctx, w.topic)
	if err != nil {
		return fmt.Errorf("list ends: %w", err)
	}
	if e, ok := ends.Lookup(w.topic, w.partition); ok && e.Offset > w.newest {
		w.newest, w.grew = e.Offset, time.Now()
		w.seen = append(w.seen, logEnd{e.Offset, w.grew})
	}
	var stored int64
	if err := w.db.QueryRow(ctx, `select c."offset", coalesce(i.status, ''), coalesce(i.reason, '')
		from kernel.checkpoints c left join read.imports i on i.org_id = $2 and i.import_id = $3
		where c.projection = 'leads' and c.partition = $1 order by c.version desc limit 1`, w.partition, w.org, upload).Scan(&stored, &w.status, &w.reason); err != nil {
		return fmt.Errorf("look at the import: %w", err)
	}
	for len(w.seen) > 0 && w.seen[0].offset <= stored {
		w.lags = append(w.lags, time.Since(w.seen[0].at))
		w.seen = w.seen[1:]
	}
	return nil
}
