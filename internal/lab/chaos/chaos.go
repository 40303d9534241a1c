// Package chaos runs the whole product as processes of its own under load, kills, freezes and cuts off its parts, and then
// audits from outside what is left: the log by its rule, both stores against a fold of the log, and the mail that left.
package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"outrider/internal/es/verify"
	"outrider/internal/kafka"
)

// Config of a run; zero values are the defaults.
type Config struct {
	Dir     string        // data folder, empty or new
	Broker  Start         // starts what holds the log
	Faults  int           // how many
	Seed    uint64        // of what is done to whom, and of what clients ask
	Clients int           // closed loop; 12
	Session time.Duration // of every group; 2 s
	Think   time.Duration // a client's pause after an answer; 15 ms
	Without string        // what children leave out (a build with the tag mutants only): the audit must find it
	Only    []string      // kinds of faults; nil = all
	Out     io.Writer     // what happens, a line each

	Poll       time.Duration // how often mailboxes are read; 5 s
	OneProcess bool          // instead of two for each role
	Leave      []string      // parts of the load that are left away: LoadSendGrid, LoadResearch
	Partitions int           // of the log; 8: enough that every processor has some, few enough that an organisation has company
}

// Parts of the load that can be left away.
const (
	LoadSendGrid = "sendgrid"
	LoadResearch = "research"
)

// loadNames are they by what is started for them.
func loadNames() map[string]string {
	return map[string]string{"a provider of mail": LoadSendGrid, "web sites": LoadResearch}
}

// runOutput say where a run's log and stores are, once the load has ended.
type runOutput struct {
	data, postgres, clickHouse string
	log                        kafka.Log
	events                     int64         // that count in the log
	patience                   time.Duration // how long a projection may stand still before it counts as one that never comes to its end
}

// rowDifference is how many rows differ, and some of them in words.
type rowDifference struct {
	rows     int
	examples []string
}

func (c *Config) setDefaults() {
	if c.Clients == 0 {
		c.Clients = 12
	}
	if c.Session == 0 {
		c.Session = 2 * time.Second
	}
	if c.Think == 0 {
		c.Think = 15 * time.Millisecond
	}
	if c.Poll == 0 {
		c.Poll = 5 * time.Second
	}
	if c.Partitions == 0 {
		c.Partitions = 8
	}
	if c.Out == nil {
		c.Out = io.Discard
	}
}

// stuckAfter is when a command counts as stuck, from the end of the last fault. A control run whose kernel is wrong gets stuck as a rule.
func (c *Config) stuckAfter() time.Duration {
	if slices.Contains([]string{"dedupe", "arbiter", "checkpoint", "own claim"}, c.Without) {
		return 12 * time.Second
	}
	return time.Minute
}

// Run makes a run and audits it. The error is about the run itself; what the audit found is in the Result.
func Run(ctx context.Context, cfg Config) (res Result, err error) {
	cfg.setDefaults()
	began := time.Now()
	s, err := openSystem(ctx, cfg)
	defer func() {
		s.closeAll()
		res.Elapsed = time.Since(began).Seconds()
	}()
	if err != nil {
		return res, err
	}
	s.logLine("everything runs after %.1f s", time.Since(began).Seconds())
	l := newLoad(s)
	if err := l.setUp(ctx); err != nil {
		return res, fmt.Errorf("set the load up: %w", err)
	}
	s.logLine("load is set up after %.1f s", time.Since(began).Seconds())
	loading, stop := context.WithCancel(ctx)
	defer stop()
	done := l.startClients(loading)
	w := faultPlan{s: s, l: l, chance: rand.New(rand.NewPCG(cfg.Seed, 1))}
	err = w.run(ctx)
	l.stopClients()
	select {
	case <-done:
	case <-time.After(w.timeLeft()):
		s.logLine("not every client is answered %s after the last fault", cfg.stuckAfter())
		stop()
		<-done
	}
	if err != nil || ctx.Err() != nil {
		return res, errors.Join(err, ctx.Err())
	}
	res = Result{Faults: w.countFaults(), Unavailable: map[string]float64{}, Slowest: map[string]float64{}}
	for _, what := range w.hung {
		res.addFinding(&res.Hung, "%s", what)
	}
	l.measureLatency(&res, w.windows)
	s.logLine("the load has ended: %d acknowledged; the audit begins", res.Acknowledged)
	return res, s.auditAll(ctx, l, &res)
}

// auditAll looks at everything once nothing is decided or sent any more.
func (s *system) auditAll(ctx context.Context, l *load, res *Result) error {
	for _, settle := range []func(context.Context) error{func(ctx context.Context) error { return s.settlePayments(ctx, res) }, s.settleCRM, s.settleFlags, s.settleGrid} {
		if err := settle(ctx); err != nil {
			return err
		}
	}
	res.Restarts = s.countRestarts()
	if err := s.endDecisions(); err != nil {
		return err
	}
	log, err := s.auditLog(ctx, res)
	if err != nil {
		return err
	}
	if err := s.auditOutside(ctx, log, res); err != nil {
		return err
	}
	if err := s.endAllButProjections(); err != nil {
		return err
	}
	l.compareAnswers(log, res)
	if err := s.comparePayments(ctx, log, res); err != nil {
		return err
	}
	checkLinearizable(ctx, l.allOps(), res)
	if err := s.auditMail(res); err != nil {
		return err
	}
	if res.Gaps == 0 && res.ChainBreaks == 0 && res.Duplicated == 0 {
		if _, err := verify.Log(ctx, s.log); err != nil {
			res.addFinding(&res.Gaps, "the log's own check says: %v", err)
		}
	}
	rows, columns, err := compareStores(ctx, runOutput{patience: s.cfg.stuckAfter(), data: s.cfg.Dir, postgres: s.engines.Postgres, clickHouse: s.engines.ClickHouse, log: s.log, events: log.events})
	res.PostgresDiff, res.ClickHouseDiff = rows.rows, columns.rows
	res.Examples = append(append(res.Examples, rows.examples...), columns.examples...)
	if err != nil {
		return err
	}
	return s.auditFacts(ctx, res)
}

// auditOutside looks at what is done about the log by those who decide nothing, once that has come to its end.
func (s *system) auditOutside(ctx context.Context, log *logContent, res *Result) error {
	if err := s.auditDeliveries(ctx, log, res); err != nil {
		return err
	}
	if err := s.auditCRM(ctx, res); err != nil {
		return err
	}
	for _, d := range log.flags.differences() {
		res.addFinding(&res.FlagDiff, "%s", d)
	}
	log.ai.audit(s.ai.model.Asked(), s.ai.model.Paid(), res)
	s.grid.audit(log.grid, res)
	return s.auditMembers(ctx, log, res)
}

func (s *system) logLine(format string, a ...any) {
	fmt.Fprintf(s.cfg.Out, "%s %s\n", time.Now().Format("15:04:05.000"), fmt.Sprintf(format, a...))
}
