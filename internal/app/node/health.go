package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"outrider/internal/buildinfo"
	"outrider/internal/es/processor"
	"outrider/internal/es/project"
)

// serveHealth answers for a process without the api role: /healthz (the process runs, and of which version it is), /readyz (its roles work; 503 with the reasons) and /metrics.
func (n *Node) serveHealth(ctx context.Context, l net.Listener) error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(n.newCollectors()...)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Outrider-Version", buildinfo.Version())
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		s := n.roleStandings()
		w.Header().Set("Content-Type", "application/json")
		if len(s.Problems) > 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(s) // the client went away
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = srv.Close() })() // probes may be cut off
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve health: %w", err)
	}
	return nil
}

// Standing is how a process' roles are doing.
type Standing struct {
	Commands   []processor.Status `json:"commands,omitempty"`
	Postgres   []project.Status   `json:"postgres,omitempty"`
	ClickHouse []project.Status   `json:"clickhouse,omitempty"`
	Problems   []string           `json:"problems,omitempty"`
}

func (n *Node) columnsStatus() (out []project.Status) {
	for _, c := range n.columns {
		out = append(out, c.Status()...)
	}
	return out
}

func (n *Node) roleStandings() (s Standing) {
	if n.processor != nil {
		s.Commands = n.processor.Status()
		for _, p := range s.Commands {
			if p.State == processor.Stopped {
				s.Problems = append(s.Problems, fmt.Sprintf("commands: partition %d stopped: %s", p.Partition, p.Reason))
			}
		}
	}
	if n.postgres != nil {
		s.Postgres, s.ClickHouse = n.postgres.Status(), n.columnsStatus()
		for name, all := range map[string][]project.Status{"postgres": s.Postgres, "clickhouse": s.ClickHouse} {
			for _, p := range all {
				if p.Stopped {
					s.Problems = append(s.Problems, fmt.Sprintf("%s projections: partition %d stopped: %s", name, p.Partition, p.Err))
				}
			}
		}
	}
	return s
}

// newCollectors read the roles' own counters when they are asked for.
func (n *Node) newCollectors() (out []prometheus.Collector) {
	gauge := func(name, help string, labels prometheus.Labels, f func() int64) {
		out = append(out, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "outrider", Name: name, Help: help, ConstLabels: labels}, func() float64 { return float64(f()) }))
	}
	counter := func(name, help string, labels prometheus.Labels, f func() int64) {
		out = append(out, prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "outrider", Name: name, Help: help, ConstLabels: labels}, func() float64 { return float64(f()) }))
	}
	if n.processor != nil {
		s := n.processor.Stats()
		gauge("partitions_owned", "Partitions that this process decides commands for.", nil, s.Owned.Load)
		gauge("events_in_flight", "Events appended that the log has not shown yet.", nil, s.InFlight.Load)
		gauge("partitions_held", "Partitions that wait for a command from the future.", nil, s.Held.Load)
		counter("commands_total", "Commands looked at while owning their partition.", nil, s.Commands.Load)
		counter("events_total", "Events appended.", nil, s.Events.Load)
		counter("answers_total", "Answers sent.", nil, s.Answers.Load)
		counter("ticks_total", "Clock commands sent.", nil, s.Ticks.Load)
		counter("void_records_total", "Records of the log that do not count, as met by owners.", nil, s.Voids.Load)
		counter("malformed_records_total", "Malformed records of the log, as met by owners.", nil, s.Malformed.Load)
		counter("snapshots_total", "Snapshots of a partition's state that were written.", nil, s.Snapshots.Load)
		counter("acquisitions_total", "Times that a partition became ours.", nil, s.Epochs.Load)
		for reason := range s.StepDowns() {
			counter("step_downs_total", "Times that a partition was given up, by reason.", prometheus.Labels{"reason": reason}, func() int64 { return s.StepDowns()[reason] })
		}
	}
	if n.postgres != nil {
		for store, status := range map[string]func() []project.Status{"postgres": n.postgres.Status, "clickhouse": n.columnsStatus} {
			labels := prometheus.Labels{"store": store}
			gauge("projection_behind_records", "Records of the log that wait to be projected.", labels, func() (sum int64) {
				for _, p := range status() {
					if p.Running {
						sum += p.Behind
					}
				}
				return sum
			})
			gauge("projection_stopped_partitions", "Partitions whose projection needs somebody to look at it.", labels, func() (sum int64) {
				for _, p := range status() {
					if p.Stopped {
						sum++
					}
				}
				return sum
			})
		}
	}
	return out
}
