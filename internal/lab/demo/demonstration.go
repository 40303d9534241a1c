package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"outrider/internal/lab/mailserver/loopback"
)

// choices is what was asked for; zero values leave the choice.
type choices struct {
	leads     string
	mailboxes int
	perDay    int
	plan      string
}

// PlayOptions say what is to be played; zero values of the last four leave the choice.
type PlayOptions struct {
	Data        string
	Seed        uint64
	Start       time.Time
	Days        int
	Poll        time.Duration
	Speed       float64
	Grain       *time.Duration // nil = by the number of leads
	KillEvery   time.Duration
	AI          bool     // the server may use a language model
	ServerFlags []string // further arguments of the server

	Leads     string // CSV file
	Mailboxes int
	PerDay    int // messages of a mailbox
	Plan      string
}

// Play plays a demonstration on a fresh data folder and tells what came of it. What it does meanwhile stands on standard error.
func Play(ctx context.Context, o PlayOptions) (Report, error) {
	d := &demonstration{data: o.Data, began: time.Now(), seed: o.Seed, start: o.Start, days: o.Days, poll: o.Poll, speed: o.Speed, grain: o.Grain, killEvery: o.KillEvery, ai: o.AI,
		more: o.ServerFlags, ask: choices{o.Leads, o.Mailboxes, o.PerDay, o.Plan}, log: os.Stderr, screen: newScreen(os.Stderr)}
	d.scene.Secret, d.scene.Run = rand.Text(), strings.ToLower(rand.Text())
	return d.run(ctx)
}

// demonstration is one play from its beginning to its report.
type demonstration struct {
	data      string
	began     time.Time // real
	seed      uint64
	start     time.Time
	days      int
	poll      time.Duration
	speed     float64
	grain     *time.Duration // nil = by the number of leads
	killEvery time.Duration
	ai        bool     // the server may use a language model
	more      []string // further arguments of the server
	ask       choices
	log       io.Writer
	screen    *screen

	scene  Scene
	world  *World
	time   *timeDriver
	server *serverProcess
	plan   Plan
	shown  Organization
}

// sampleLeads is how many people are made up where no file is named.
const sampleLeads = 1000

func (d *demonstration) run(ctx context.Context) (r Report, err error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	defer d.screen.close()
	if err := d.read(); err != nil {
		return r, err
	}
	at, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return r, err
	}
	defer at.Close()
	defer func() { err = errors.Join(err, d.stop()) }()
	if err := d.open(ctx, at, Options{Start: d.start, Until: d.end()}); err != nil {
		return r, err
	}
	go d.watch(ctx, end)
	if err := d.setup(ctx); err != nil {
		return r, because(ctx, err)
	}
	if err := d.play(ctx, end); err != nil {
		return r, because(ctx, err)
	}
	d.screen.note("collect what happened")
	r, err = d.collect(ctx)
	return r, because(ctx, err)
}

// because prefers the reason why everything was ended over what failed by it.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); err != nil && ctx.Err() != nil && !errors.Is(cause, ctx.Err()) {
		return cause
	}
	return err
}

func (d *demonstration) end() time.Time { return d.start.AddDate(0, 0, d.days) }

// read counts the file, and writes the sample first where none is named.
func (d *demonstration) read() error {
	d.scene.File = d.ask.leads
	if d.scene.File == "" {
		d.scene.File = filepath.Join(d.data, "demo", "leads.csv")
		if err := os.MkdirAll(filepath.Dir(d.scene.File), 0o700); err != nil {
			return fmt.Errorf("write sample leads: %w", err)
		}
		f, err := os.Create(d.scene.File)
		if err != nil {
			return fmt.Errorf("write sample leads: %w", err)
		}
		if err := errors.Join(WriteSample(f, sampleLeads, d.seed), f.Close()); err != nil {
			return err
		}
	}
	f, err := os.Open(d.scene.File)
	if err != nil {
		return fmt.Errorf("open leads: %w", err)
	}
	defer f.Close()
	d.scene.people, d.scene.count, err = ReadLeads(f)
	return err
}

// open starts the world and the server in it.
func (d *demonstration) open(ctx context.Context, at *net.TCPListener, o Options) (err error) {
	d.screen.note("start the world and the server")
	o.Dir, o.Seed, o.Speed, o.Grain, o.Server, o.Target, o.Log = filepath.Join(d.data, "demo"), d.seed, d.speed, d.steps(), ServerName, at.Addr().String(), d.log
	if d.killEvery > 0 {
		o.Patience = 3 * time.Minute
	}
	if d.world, err = Start(ctx, o); err != nil {
		return err
	}
	d.time = newTimeDriver(d.world, d.speed > 0)
	d.server, err = startServerProcess(ctx, at, d.ai, d.log, append([]string{"--data", d.data, "--log-level", "warn", "--clock", d.world.Clock.Addr(), "--public-url", PublicURL,
		"--mail-loopback", "--mail-ca", d.world.Mail.CA(), "--resolver", d.world.Names.Addr(), "--poll", d.poll.String()}, d.more...)...)
	return err
}

// A crowd has something due every few seconds; each for itself costs what hundreds together do.
const (
	crowd      = 2000 // leads
	crowdGrain = time.Minute
)

// steps is how finely time moves.
func (d *demonstration) steps() time.Duration {
	switch {
	case d.grain != nil:
		return *d.grain
	case len(d.scene.people) > crowd:
		return crowdGrain
	}
	return 0
}

// watch ends everything when the server ends by itself.
func (d *demonstration) watch(ctx context.Context, end context.CancelCauseFunc) {
	select {
	case <-ctx.Done():
	case <-d.server.died:
		end(errors.New("the server has ended by itself; its log says why"))
	}
}

func (d *demonstration) stop() (err error) {
	if d.server != nil {
		err = d.server.stop()
	}
	if d.world != nil {
		err = errors.Join(err, d.world.Stop())
	}
	return err
}

// setup chooses what fits and sets it up.
func (d *demonstration) setup(ctx context.Context) error {
	r := d.server.running()
	platform := NewAPI(r.URL, r.PlatformKey)
	if err := d.choose(ctx, platform); err != nil {
		return err
	}
	if err := d.world.Admit(ctx, d.scene.Senders, d.scene.Secret); err != nil {
		return err
	}
	return d.build(ctx, platform)
}

func (d *demonstration) build(ctx context.Context, platform *API) (err error) {
	d.screen.note("%d leads, plan %s, %d mailboxes with %d messages a day", len(d.scene.people), d.scene.Plan, len(d.scene.Senders), d.scene.Promise.Pace.PerDay)
	s := &Setup{Scene: d.scene, API: platform, Mail: d.world.Mail, Plot: campaignSpecOf(d.scene.Promise), Pass: d.time.pass, Say: d.screen.note}
	d.shown, err = s.do(ctx)
	return err
}
