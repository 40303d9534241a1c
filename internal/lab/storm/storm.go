package storm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"outrider/internal/es/gateway"
	"outrider/internal/kafka"
	"outrider/internal/retry"
)

// Config of a storm; zero values are the defaults.
type Config struct {
	Dir        string        // for the broker's data; a temporary one, removed unless something is wrong
	Duration   time.Duration // 60 s
	Processors int           // 2
	Partitions int32         // 4
	Clients    int           // 16, closed loop
	Think      time.Duration // a client's pause between two commands; 2 ms. Negative = none
	Quota      int           // accepted commands per organisation; 40
	Session    time.Duration // of the group; 2 s
	Control    string        // the program of the processors in a control run, whose audit must find what is wrong with it
	Snapshots  bool          // owners begin from snapshots, which are taken all the time, and follow each other's partitions
	Calm       bool          // nobody is killed or frozen: a bench
	SyncWrites bool          // the broker fsyncs
	Apache     bool          // the broker is a real Apache Kafka, which takes seconds to come back
	Out        io.Writer     // what happens, a line each; may be nil
}

func (c *Config) setDefaults() {
	def := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	def(&c.Duration, time.Minute)
	def(&c.Session, 2*time.Second)
	def(&c.Think, 2*time.Millisecond)
	if c.Processors == 0 {
		c.Processors = 2
	}
	if c.Partitions == 0 {
		c.Partitions = 4
	}
	if c.Clients == 0 {
		c.Clients = 16
	}
	if c.Quota == 0 {
		c.Quota = 40
	}
	if c.Out == nil {
		c.Out = io.Discard
	}
}

// storm is a running one.
type storm struct {
	cfg    Config
	log    kafka.Log
	said   childOutput
	broker broker
	procs  []*child
	res    Result
}

// Run makes a storm and audits it. The error is about the storm itself; what the audit found is in the Result.
func Run(ctx context.Context, cfg Config) (res Result, err error) {
	cfg.setDefaults()
	s := &storm{cfg: cfg}
	if s.cfg.Dir == "" {
		if s.cfg.Dir, err = os.MkdirTemp("", "outrider-storm-"); err != nil {
			return res, fmt.Errorf("make a folder for the storm: %w", err)
		}
		defer func() {
			if err == nil && (res.Faults() == nil || cfg.Control != "") {
				_ = os.RemoveAll(s.cfg.Dir)
			} else {
				s.logLine("kept %s", s.cfg.Dir)
			}
		}()
	}
	s.log = kafka.Log{Partitions: cfg.Partitions, Replication: 1, Replies: 2}
	if s.broker, err = s.newBroker(); err != nil {
		return res, err
	}
	defer func() {
		s.broker.endBroker()
		for _, c := range s.procs {
			if c != nil {
				c.killChild()
			}
		}
		if err != nil || res.Faults() != nil && cfg.Control == "" {
			_ = os.WriteFile(filepath.Join(s.cfg.Dir, "children.log"), []byte(s.said.String()), 0o600)
		}
	}()
	if err := s.startAll(ctx); err != nil {
		return res, err
	}
	g, err := gateway.Open(ctx, gateway.Config{Log: s.log})
	if err != nil {
		return res, err
	}
	defer g.Close()
	c := clients{cfg: cfg, g: g}
	if err := c.warmUp(ctx); err != nil {
		return res, err
	}
	if err := s.askThroughFaults(ctx, &c); err != nil {
		return res, err
	}
	for i, p := range s.procs {
		p.killChild()
		s.procs[i] = nil
	}
	s.res.measureLatency(&c)
	s.res.FromSnapshot = strings.Count(s.said.String(), beganFromSnapshot)
	if err := s.auditLog(ctx, &c); err != nil {
		return s.res, err
	}
	return s.res, nil
}

// startAll starts the broker and the processors.
func (s *storm) startAll(ctx context.Context) (err error) {
	if err := s.startBroker(ctx); err != nil {
		return err
	}
	if s.log, err = s.log.EnsureTopics(ctx); err != nil {
		return err
	}
	for i := range s.cfg.Processors {
		s.procs = append(s.procs, nil)
		if err := s.startProcessor(i); err != nil {
			return err
		}
	}
	return nil
}

// askThroughFaults lets the clients ask while processors and broker are killed and frozen.
func (s *storm) askThroughFaults(ctx context.Context, c *clients) error {
	var faults sync.WaitGroup
	var err error
	stop := time.Now().Add(s.cfg.Duration)
	if !s.cfg.Calm {
		faults.Go(func() { err = s.runFaults(ctx, stop) })
	}
	c.askAll(ctx, stop)
	faults.Wait()
	return errors.Join(err, ctx.Err())
}

func (s *storm) logLine(format string, a ...any) {
	fmt.Fprintf(s.cfg.Out, "%s %s\n", time.Now().Format("15:04:05.000"), fmt.Sprintf(format, a...))
}

func (s *storm) startBroker(ctx context.Context) error {
	if err := s.broker.startBroker(ctx); err != nil {
		return err
	}
	cl, err := s.log.Open()
	if err != nil {
		return err
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		one, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		err := cl.Ping(one)
		cancel()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("wait for the broker: %w\n%s", err, s.said.String())
		}
		_ = retry.Sleep(ctx, 10*time.Millisecond)
	}
}

func (s *storm) startProcessor(i int) (err error) {
	shelf := ""
	if s.cfg.Snapshots {
		shelf = filepath.Join(s.cfg.Dir, "shelf")
	}
	s.procs[i], err = startChild(s.cfg.Control, role{Name: "processor " + string(rune('A'+i)), Log: s.log, Quota: s.cfg.Quota, Session: s.cfg.Session, Shelf: shelf, Standby: s.cfg.Snapshots}, &s.said)
	return err
}

// runFaults kills, stops and freezes until shortly before the end.
func (s *storm) runFaults(ctx context.Context, stop time.Time) error {
	last := stop.Add(-s.cfg.Session - 3*time.Second)
	for n := 0; ; n++ {
		_ = retry.Sleep(ctx, time.Duration(1000+rand.IntN(2000))*time.Millisecond)
		if !time.Now().Before(last) || ctx.Err() != nil {
			return ctx.Err()
		}
		i := rand.IntN(len(s.procs))
		kind := rand.IntN(10)
		if n < 4 {
			kind = []int{0, 4, 7, 9}[n] // each at least once, however short the storm
		}
		switch {
		case kind < 4:
			s.logLine("kill -9 of processor %c", 'A'+i)
			s.procs[i].killChild()
			s.res.Kills++
			if err := s.startProcessor(i); err != nil {
				return err
			}
		case kind < 7:
			s.logLine("kill -9 of the broker")
			s.broker.killBroker()
			s.res.BrokerKills++
			if err := s.startBroker(ctx); err != nil {
				return err
			}
		case kind < 9:
			s.logLine("processor %c freezes", 'A'+i)
			_ = s.procs[i].cmd.Process.Signal(syscall.SIGSTOP)
			_ = retry.Sleep(ctx, s.cfg.Session+1500*time.Millisecond)
			_ = s.procs[i].cmd.Process.Signal(syscall.SIGCONT)
			s.res.Freezes++
		default:
			s.logLine("processor %c is asked to stop", 'A'+i)
			s.procs[i].endChild(syscall.SIGTERM)
			s.res.Stops++
			if err := s.startProcessor(i); err != nil {
				return err
			}
		}
	}
}
