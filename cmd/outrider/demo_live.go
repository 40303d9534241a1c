package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"outrider/internal/demo"
	"outrider/internal/mailserver"
)

const (
	liveDays = 21
	liveSeed = 1
	livePoll = 10 * time.Minute
	// liveSpeed plays the days in about three minutes where the machine can.
	liveSpeed = liveDays * 24 * 3600 / 170.0
)

// demoMemory is what `dev --demo` keeps in the data folder, so that the organisation is made once and time goes on.
type demoMemory struct {
	Start   time.Time        `json:"start"`
	Now     time.Time        `json:"now"` // simulated
	Run     string           `json:"run"`
	Secret  string           `json:"secret"`
	Ports   mailserver.Ports `json:"ports"` // of the mail server: the mailboxes are connected there
	Ready   bool             `json:"ready"` // the organisation is set up
	Played  bool             `json:"played"`
	Senders int              `json:"senders"`
	Plan    demoPlan         `json:"plan"`
	demoOrganization
}

func memoryFile(data string) string { return filepath.Join(data, "demo", "demo.json") }

// recall gives what is remembered, or a new beginning: three weeks before now.
func recall(data string, now time.Time) (m demoMemory, err error) {
	b, err := os.ReadFile(memoryFile(data))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		m.Start = now.UTC().AddDate(0, 0, -liveDays).Truncate(time.Hour)
		m.Now, m.Run, m.Secret = m.Start, strings.ToLower(rand.Text()), rand.Text()
		return m, m.keep(data)
	case err == nil:
		err = json.Unmarshal(b, &m)
	}
	return m, wrap("read the demonstration's memory", err)
}

// keep writes it, whole or not at all.
func (m demoMemory) keep(data string) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("remember the demonstration: %w", err)
	}
	file := memoryFile(data)
	err = os.MkdirAll(filepath.Dir(file), 0o700)
	if err == nil {
		err = os.WriteFile(file+".new", b, 0o600)
	}
	if err == nil {
		err = os.Rename(file+".new", file)
	}
	return wrap("remember the demonstration", err)
}

// demo plays the demonstration in the data folder, and goes on at real pace until it is told to stop.
func (c devCmd) demo(ctx context.Context, f *Folder) (err error) {
	data, err := filepath.Abs(f.Data)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	m, err := recall(data, time.Now())
	if err != nil {
		return err
	}
	d := &demonstration{data: data, began: time.Now(), seed: liveSeed, start: m.Start, days: liveDays, poll: livePoll, speed: liveSpeed, more: c.forChild(), log: os.Stderr, screen: newScreen(os.Stderr)}
	d.scene.run, d.scene.secret, d.shown = m.Run, m.Secret, m.demoOrganization
	defer d.screen.close()
	l := &live{demonstration: d, memory: m, json: c.JSON}
	err = l.run(ctx, c.Listen)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil // it was told to stop
	}
	return err
}

// forChild are the flags that are the server's.
func (c devCmd) forChild() []string {
	out := []string{"--kafka", c.Kafka, "--postgres", c.Postgres, "--clickhouse", c.ClickHouse, "--blobs", c.Blobs,
		"--generation", strconv.Itoa(int(c.Generation)), "--replication", strconv.Itoa(int(c.Replication)), "--replies", strconv.Itoa(int(c.Replies))}
	if c.Partitions > 0 {
		out = append(out, "--partitions", strconv.Itoa(int(c.Partitions)))
	}
	return out
}

// live is a demonstration that remembers.
type live struct {
	*demonstration
	json bool

	mu     sync.Mutex
	memory demoMemory
}

// remember writes the memory with what the time is now.
func (l *live) remember(changes ...func(*demoMemory)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, change := range changes {
		change(&l.memory)
	}
	if l.world != nil && l.world.Clock != nil {
		l.memory.Now = l.world.Clock.Now()
	}
	return l.memory.keep(l.data)
}

func (l *live) run(ctx context.Context, at string) (err error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	if err := l.read(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.remember(), l.stop()) }()
	now := l.memory.Now
	for _, name := range []string{filepath.Join("mail", mailserver.JournalFile), filepath.Join("people", "prospects.jsonl")} {
		if last := lastInstant(filepath.Join(l.data, "demo", name)); last.After(now) {
			now = last // the memory was written a moment before
		}
	}
	o := demo.Options{Start: now, Ports: l.memory.Ports}
	if !l.memory.Played {
		o.Until = l.end()
	}
	if err := l.open(ctx, at, o); err != nil {
		return err
	}
	go l.watch(ctx, end)
	ports, err := portsOf(l.world.Mail)
	if err != nil {
		return err
	}
	if err := l.remember(func(m *demoMemory) { m.Ports = ports }); err != nil {
		return err
	}
	if err := l.ready(ctx); err != nil {
		return because(ctx, err)
	}
	go l.remembering(ctx)
	if !l.memory.Played {
		if err := l.playOnce(ctx, end); err != nil {
			return because(ctx, err)
		}
	}
	return because(ctx, l.goOn(ctx))
}

// ready sets up what isn't yet, else it lets senders in as they were.
func (l *live) ready(ctx context.Context) error {
	if m := l.memory; m.Ready { // nothing else writes it yet
		l.plan, l.scene.plan, l.scene.senders = m.Plan, m.Plan.Name, demo.Senders(m.Senders)
		l.scene.promise = l.promise()
		l.scene.promise.Mailboxes, l.scene.promise.People = m.Senders, m.Plan.Limits.Leads
		return l.world.Admit(ctx, l.scene.senders, l.scene.secret)
	}
	if err := l.setup(ctx); err != nil {
		return err
	}
	return l.remember(func(m *demoMemory) {
		m.demoOrganization, m.Ready, m.Plan, m.Senders = l.shown, true, l.plan, len(l.scene.senders)
	})
}

func (l *live) playOnce(ctx context.Context, end context.CancelCauseFunc) error {
	if err := l.play(ctx, end); err != nil {
		return err
	}
	r, err := l.collect(ctx)
	if err != nil {
		return err
	}
	l.screen.close()
	r.Table(os.Stderr)
	for _, why := range r.Faults() {
		l.screen.note("not as it should be: %s", why)
	}
	return errors.Join(l.remember(func(m *demoMemory) { m.Played = true }), l.world.Renew(ctx))
}

// goOn lets time pass at real pace.
func (l *live) goOn(ctx context.Context) error {
	l.world.Clock.SetSpeed(1)
	if err := l.say(); err != nil {
		return err
	}
	defer l.show(ctx)()
	return l.until(ctx, l.time.now().AddDate(10, 0, 0), nil)
}

func (l *live) say() error {
	r := l.server.running()
	if l.json {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	key, campaign := l.shown.Key, l.shown.Campaign
	_, err := fmt.Printf(`
Outrider runs on %[1]s, and simulated time goes on at real pace. Ctrl-C ends it; the data stays in %[2]s.
  platform key   %[3]s
  key of Acme    %[4]s
  kafka          %[6]s
  postgres       %[7]s
Three things to try:
  curl -s %[1]s/v1/campaigns/%[5]s/analytics -H "Authorization: Bearer %[4]s"    # what became of the campaign
  curl -s "%[1]s/v1/inbox?limit=5" -H "Authorization: Bearer %[4]s"    # the newest answers
  bin/outrider log tail --data %[2]s    # everything that happened, as it happened
`, r.URL, l.data, r.PlatformKey, key, campaign, r.Kafka, r.Postgres)
	return err
}

// remembering keeps the time, so that the next start goes on from it.
func (l *live) remembering(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := l.remember(); err != nil {
				l.screen.note("%v", err)
			}
		}
	}
}

func portsOf(m *mailserver.Process) (p mailserver.Ports, err error) {
	for _, x := range []struct {
		address string
		port    *int
	}{{m.Submission, &p.Submission}, {m.Submissions, &p.Submissions}, {m.MX, &p.MX}, {m.IMAP, &p.IMAP}, {m.IMAPS, &p.IMAPS}, {m.Admin, &p.Admin}} {
		_, port, err := net.SplitHostPort(x.address)
		if err == nil {
			*x.port, err = strconv.Atoi(port)
		}
		if err != nil {
			return p, fmt.Errorf("port of %s: %w", x.address, err)
		}
	}
	return p, nil
}

// lastInstant is when the last whole line of a journal was written, in simulated time; zero without one.
func lastInstant(journal string) (at time.Time) {
	b, err := os.ReadFile(journal)
	if err != nil {
		return at
	}
	lines := strings.Split(string(b), "\n")
	for i := len(lines) - 1; i >= 0 && at.IsZero(); i-- {
		var l struct{ At time.Time }
		if json.Unmarshal([]byte(lines[i]), &l) == nil {
			at = l.At
		}
	}
	return at
}
