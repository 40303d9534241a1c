package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"outrider/internal/app/firstrun"
	"outrider/internal/identity"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/lab/simclock"
)

const (
	liveDays  = 21
	liveSeed  = 1
	livePoll  = 10 * time.Minute
	liveSpeed = 3600 // simulated seconds in a real one, until somebody changes it
)

// LiveOptions say where and how a demonstration is played that goes on.
type LiveOptions struct {
	Data        string
	Listen      string
	ServerFlags []string
	JSON        bool // print one line of JSON when all is ready
	Browser     bool // open one at once
}

// PlayLive plays a demonstration in a data folder while its API answers, and goes on with it, or with the one that was played there, at real
// pace until ctx ends.
func PlayLive(ctx context.Context, o LiveOptions) error {
	data, err := filepath.Abs(o.Data)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	m, err := loadSaved(data, time.Now())
	if err != nil {
		return err
	}
	d := &demonstration{data: data, began: time.Now(), seed: liveSeed, start: m.Start, days: liveDays, poll: livePoll, speed: liveSpeed, more: o.ServerFlags, log: os.Stderr, screen: newScreen(os.Stderr)}
	d.scene.Run, d.scene.Secret, d.shown = m.Run, m.Secret, m.Organization
	defer d.screen.endLive()
	l := &liveDemo{demonstration: d, memory: m, json: o.JSON}
	d.letIn = l.letOwnerIn
	err = l.playAndGoOn(ctx, o.Listen, o.Browser)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil // it was told to stop
	}
	return err
}

// liveDemo is a demonstration that remembers.
type liveDemo struct {
	*demonstration
	json   bool
	token  string // of the link that was announced, until somebody is there whom it signs in
	mu     sync.Mutex
	memory savedDemo
}

func (l *liveDemo) playAndGoOn(ctx context.Context, at string, browser bool) (err error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	if err := l.readLeads(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.saveNow(), l.stopAll()) }()
	now := l.memory.Now
	for _, name := range []string{filepath.Join("mail", mailserver.JournalFile), filepath.Join("people", "prospects.jsonl"), gridJournal} {
		if last := lastInstant(filepath.Join(l.data, "demo", name)); last.After(now) {
			now = last // the memory was written a moment before
		}
	}
	o := Options{Start: now, Ports: l.memory.Ports}
	if !l.memory.Played {
		o.Until = l.endTime()
	}
	listener, err := loopback.Listen(at)
	if err != nil {
		return fmt.Errorf("%w; name another address with --listen", err)
	}
	defer listener.Close()
	l.token = firstrun.Announce(os.Stderr, "http://"+listener.Addr().String(), browser)
	l.more = append(l.more, "--first-link", identity.LinkID(l.token).String())
	var clock atomic.Pointer[simclock.Coordinator]
	simulated := func() time.Time {
		if c := clock.Load(); c != nil {
			return c.Now()
		}
		return now
	}
	flags, stopPayments, err := startPayments(ctx, simulated, l.data, "http://"+listener.Addr().String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopPayments()) }()
	l.more = append(l.more, flags...)
	until := l.endTime()
	if now.After(until) {
		until = now
	}
	if l.host, err = openCalendar(l.start, until, filepath.Join(l.data, "demo", "calendar.json")); err != nil {
		return err
	}
	l.more = append(l.more, l.host.flags...)
	if err := l.startWorld(ctx, listener, o); err != nil {
		return err
	}
	clock.Store(l.world.Clock)
	go l.watchServer(ctx, end)
	ports, err := portsOf(l.world.Mail)
	if err != nil {
		return err
	}
	if err := l.saveNow(func(m *savedDemo) { m.Ports = ports }); err != nil {
		return err
	}
	if err := l.setUpOrResume(ctx); err != nil {
		return causeOf(ctx, err)
	}
	go l.keepSaving(ctx)
	if err := l.printReady(); err != nil {
		return err
	}
	if !l.memory.Played {
		l.world.Clock.SetPace(simclock.Pace{Speed: l.speed, From: l.start, To: l.endTime()})
		if err := l.playOnce(ctx, end); err != nil {
			return causeOf(ctx, err)
		}
	}
	return causeOf(ctx, l.goOn(ctx))
}

// setUpOrResume sets up what isn't yet, else it lets senders in as they were.
func (l *liveDemo) setUpOrResume(ctx context.Context) error {
	if m := l.memory; m.Ready { // nothing else writes it yet
		l.plan, l.scene.Plan, l.scene.Senders = m.Plan, m.Plan.Name, gridSenders(Senders(m.Senders), m.Grid)
		l.scene.Promise = l.newPromise()
		l.scene.Promise.Mailboxes, l.scene.Promise.People = m.Senders, m.Plan.Limits.Leads
		s := &Setup{Scene: l.scene, API: NewAPI(l.server.runningNow().URL, l.shown.Key), Made: l.shown, Grid: l.grid}
		return errors.Join(l.world.Admit(ctx, l.scene.Senders, l.scene.Secret), s.connectGrid(ctx), l.letOwnerIn(ctx, l.shown))
	}
	if err := l.chooseAndBuild(ctx); err != nil {
		return err
	}
	return l.saveNow(func(m *savedDemo) {
		m.Organization, m.Ready, m.Plan, m.Senders, m.Grid = l.shown, true, l.plan, len(l.scene.Senders), gridOf(len(l.scene.Senders), nil)
	})
}

// letOwnerIn says how to sign in as the organisation's owner, as soon as there is something to see.
func (l *liveDemo) letOwnerIn(ctx context.Context, made Organization) error {
	r := l.server.runningNow()
	place := firstrun.Place{API: NewAPI(r.URL, r.PlatformKey), Postgres: r.Postgres, URL: r.URL, Token: l.token}
	owner, err := firstrun.LetIn(ctx, place, made.ID, made.Key)
	if err != nil && ctx.Err() == nil { // whoever was it may have left
		l.screen.printNote("nobody was made who can sign in: %v", err)
		return nil
	}
	if err == nil {
		l.token = ""
		l.screen.printNote("%s", strings.TrimRight(owner.Lines(), "\n"))
		if err := firstrun.AddMembers(ctx, place, made.ID, made.Key, colleagues()...); err != nil && ctx.Err() == nil {
			l.screen.printNote("the owner has no colleagues: %v", err)
		}
	}
	return err
}

// colleagues are who works at the organisation beside its owner.
func colleagues() []firstrun.Member {
	return []firstrun.Member{{Email: "adam@example.com", FirstName: "Adam", LastName: "Admin", Role: identity.RoleAdmin}, {Email: "mia@example.com", FirstName: "Mia", LastName: "Member", Role: identity.RoleMember}}
}

func (l *liveDemo) playOnce(ctx context.Context, end context.CancelCauseFunc) error {
	if err := l.playDays(ctx, end); err != nil {
		return err
	}
	r, err := l.compareAll(ctx)
	if err != nil {
		return err
	}
	l.screen.endLive()
	r.Table(os.Stderr)
	for _, why := range r.Faults() {
		l.screen.printNote("not as it should be: %s", why)
	}
	found, err := findingsOf(r)
	if err != nil {
		return err
	}
	return errors.Join(l.saveNow(func(m *savedDemo) { m.Played, m.Report = true, found }), l.world.Renew(ctx))
}

// goOn lets time pass at real pace.
func (l *liveDemo) goOn(ctx context.Context) error {
	l.world.Clock.SetPace(simclock.Pace{Speed: 1, From: l.start, To: l.endTime(), Report: l.memory.Report})
	if err := l.letOwnerIn(ctx, l.shown); err != nil {
		return err
	}
	defer l.showProgress(ctx)()
	return l.playUntil(ctx, l.time.simulatedNow().AddDate(10, 0, 0), nil)
}

func (l *liveDemo) printReady() error {
	r := l.server.runningNow()
	if l.json {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	key, campaign := l.shown.Key, l.shown.Campaign
	_, err := fmt.Printf(`
Outrider runs on %[1]s, in simulated time: three weeks are played while you look, then it goes on at real pace. Ctrl-C ends it; the data stays in %[2]s.
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
