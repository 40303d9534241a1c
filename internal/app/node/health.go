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
	"outrider/internal/connlimit"
	"outrider/internal/es/processor"
	"outrider/internal/es/project"
)

// serveHealth answers for a process without the api role: /healthz (the process runs, and of which version it is) and /readyz (whether its roles work).
func (n *Node) serveHealth(ctx context.Context, l net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", showHealth)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		ready := len(n.roleStandings().Problems) == 0
		writeReadiness(w, ready, map[string]bool{"ready": ready})
	})
	return n.serveMux(ctx, l, mux)
}

// serveOperations answers whoever runs the process: /healthz, /readyz with what is wrong, and /metrics.
func (n *Node) serveOperations(ctx context.Context, l net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", showHealth)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		s := n.Readiness(r.Context())
		writeReadiness(w, s.Ready, s)
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(n.metrics(), promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	return n.serveMux(ctx, l, mux)
}

func showHealth(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Outrider-Version", buildinfo.Version())
	fmt.Fprintln(w, "ok")
}

func writeReadiness(w http.ResponseWriter, ready bool, what any) {
	w.Header().Set("Content-Type", "application/json")
	if !ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(what) // the client went away
}

func (n *Node) serveMux(ctx context.Context, l net.Listener, mux *http.ServeMux) error {
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	defer context.AfterFunc(ctx, func() { _ = srv.Close() })() // probes may be cut off
	if err := srv.Serve(connlimit.Listen(l, n.connections)); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve health: %w", err)
	}
	return nil
}

// metrics are those of the api, if there is one here, and of all roles.
func (n *Node) metrics() prometheus.Gatherer {
	if n.server != nil {
		return n.server.Metrics()
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(n.newCollectors()...)
	return registry
}

// Readiness is what an operator is told of a process.
type Readiness struct {
	Ready  bool              `json:"ready"`
	Checks map[string]string `json:"checks,omitempty"` // of the api: ok, or the problem
	Limits string            `json:"limits,omitempty"` // of requests: who counts them
	Standing
}

// Readiness looks at what the roles stand on and how they are doing.
func (n *Node) Readiness(ctx context.Context) Readiness {
	r := Readiness{Standing: n.roleStandings()}
	r.Ready = len(r.Problems) == 0
	if n.server == nil {
		return r
	}
	r.Checks, r.Limits = map[string]string{}, n.requests.describe()
	for name, problem := range n.server.CheckAll(ctx) {
		r.Checks[name] = "ok"
		if problem != nil {
			r.Ready, r.Checks[name] = false, problem.Error()
		}
	}
	return r
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
	if _, err := CheckDisk(n.Stores.data); err != nil {
		s.Problems = append(s.Problems, "disk: "+err.Error())
	}
	if n.processor != nil {
		s.Commands = n.processor.Status()
		for _, p := range s.Commands {
			switch {
			case p.State == processor.Stopped:
				s.Problems = append(s.Problems, fmt.Sprintf("commands: partition %d stopped: %s", p.Partition, p.Reason))
			case !p.HeldUntil.IsZero():
				s.Problems = append(s.Problems, fmt.Sprintf("commands: partition %d waits until %s, as the clock of who sent a command, or ours, is wrong", p.Partition, p.HeldUntil.Format(time.RFC3339)))
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
	if n.Gateway != nil {
		counter("forged_answers_total", "Answers passed over because no owner of this installation wrote them.", nil, n.Gateway.Forged.Load)
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
		counter("forged_commands_total", "Commands passed over because no process of this installation wrote them.", nil, s.Forged.Load)
		counter("snapshots_total", "Snapshots of a partition's state that were written.", nil, s.Snapshots.Load)
		counter("acquisitions_total", "Times that a partition became ours.", nil, s.Epochs.Load)
		for reason := range s.StepDowns() {
			counter("step_downs_total", "Times that a partition was given up, by reason.", prometheus.Labels{"reason": reason}, func() int64 { return s.StepDowns()[reason] })
		}
	}
	if n.heart != nil {
		gauge("api_processes", "Processes with the role api, which share the limits of requests, as this one last saw them.", nil, func() int64 { return int64(n.heart.Count()) })
	}
	if n.requests.shared != nil {
		gauge("limits_shared", "1 while limits of requests are counted in Redis, 0 while it can't be reached and each process counts its share.", nil, n.requests.countedInRedis)
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
