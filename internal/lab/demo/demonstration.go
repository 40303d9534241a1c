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
	"slices"
	"strings"
	"time"

	"outrider/internal/app/client"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/lab/prospects"
)

// demoOptions is what was asked for; zero values leave the choice.
type demoOptions struct {
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
	AI          string   // AINone, AIStandIn or AIEnvironment
	CRM         bool     // the organisation is connected to one
	Calendar    bool     // people are met by a calendar
	SendGrid    *int     // how many mailboxes send through it; nil = by the number of mailboxes
	ServerFlags []string // further arguments of the server

	Leads     string // CSV file
	Mailboxes int
	PerDay    int // messages of a mailbox
	Plan      string
	Behaviour string // BehaviourUsual or BehaviourAll; "" = usual
}

// What people and their mail servers do.
const (
	BehaviourUsual = "usual"
	BehaviourAll   = "all" // also what goes wrong, see prospects.Troubles
)

// Play plays a demonstration on a fresh data folder and tells what came of it. What it does meanwhile stands on standard error.
func Play(ctx context.Context, o PlayOptions) (Report, error) {
	d := &demonstration{data: o.Data, began: time.Now(), seed: o.Seed, start: o.Start, days: o.Days, poll: o.Poll, speed: o.Speed, grain: o.Grain, killEvery: o.KillEvery, ai: o.AI, crm: o.CRM, calendar: o.Calendar, gridAsked: o.SendGrid, behaviour: o.Behaviour,
		more: o.ServerFlags, ask: demoOptions{o.Leads, o.Mailboxes, o.PerDay, o.Plan}, log: os.Stderr, screen: newScreen(os.Stderr)}
	d.scene.Secret, d.scene.Run = rand.Text(), strings.ToLower(rand.Text())
	return d.playAll(ctx)
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
	ai        string // see PlayOptions
	crm       bool   // the organisation is connected to one
	calendar  bool   // people are met by a calendar
	host      *hostCalendar
	gridAsked *int     // see PlayOptions
	behaviour string   // see PlayOptions
	more      []string // further arguments of the server
	ask       demoOptions
	log       io.Writer
	screen    *screen

	scene   Scene
	world   *World
	time    *timeDriver
	server  *serverProcess
	sites   *sites
	outside *outside // nil = nobody is
	grid    *grid
	model   *standIn // nil = none of ours
	plan    Plan
	shown   Organization
	letIn   func(context.Context, Organization) error // nil = nobody signs in
}

// sampleLeads is how many people are made up where no file is named.
const sampleLeads = 1000

func (d *demonstration) playAll(ctx context.Context) (r Report, err error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	defer d.screen.endLive()
	if err := d.readLeads(); err != nil {
		return r, err
	}
	at, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return r, err
	}
	defer at.Close()
	defer func() { err = errors.Join(err, d.stopAll()) }()
	if d.outside, err = openOutside(d.simulatedNow, "http://"+at.Addr().String()); err != nil {
		return r, err
	}
	if d.crm {
		if err := d.outside.openCRM(); err != nil {
			return r, err
		}
	}
	if d.calendar {
		if d.host, err = openCalendar(d.start, d.endTime(), ""); err != nil {
			return r, err
		}
		d.more = append(d.more, d.host.flags...)
	}
	d.more = append(d.more, d.outside.flags...)
	if err := d.startWorld(ctx, at, Options{Start: d.start, Until: d.endTime()}); err != nil {
		return r, err
	}
	go d.watchServer(ctx, end)
	if err := d.chooseAndBuild(ctx); err != nil {
		return r, causeOf(ctx, err)
	}
	if err := d.playDays(ctx, end); err != nil {
		return r, causeOf(ctx, err)
	}
	d.screen.printNote("collect what happened")
	r, err = d.compareAll(ctx)
	return r, causeOf(ctx, err)
}

// causeOf prefers the reason why everything was ended over what failed by it.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); err != nil && ctx.Err() != nil && !errors.Is(cause, ctx.Err()) {
		return cause
	}
	return err
}

// simulatedNow is the demonstration's time, also before it goes.
func (d *demonstration) simulatedNow() time.Time {
	if d.time == nil {
		return d.start
	}
	return d.time.simulatedNow()
}

func (d *demonstration) endTime() time.Time { return d.start.AddDate(0, 0, d.days) }

// readLeads counts the file, and writes the sample first where none is named.
func (d *demonstration) readLeads() error {
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
		n := sampleLeads
		if d.ai != AINone {
			n = aiLeads
		}
		if err := errors.Join(WriteSample(f, n, d.seed), f.Close()); err != nil {
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

// startWorld starts the world and the server in it.
func (d *demonstration) startWorld(ctx context.Context, at *net.TCPListener, o Options) (err error) {
	d.screen.printNote("start the world and the server")
	if d.grid, err = openGrid(d.data, "http://"+at.Addr().String(), d.seed, d.poll, d.behaviour == BehaviourAll); err != nil {
		return err
	}
	o.Exchangers = map[string]string{gridDomain: d.grid.mx}
	o.Dir, o.Seed, o.Speed, o.Grain, o.Server, o.Target, o.Log = filepath.Join(d.data, "demo"), d.seed, d.speed, d.clockGrain(), ServerName, at.Addr().String(), d.log
	if d.killEvery > 0 {
		o.Patience = 3 * time.Minute
	}
	if d.behaviour == BehaviourAll {
		o.Rates, o.LoseAnswers = prospects.AllRates(), loseAnswers
	}
	if d.world, err = Start(ctx, o); err != nil {
		return err
	}
	d.time = newTimeDriver(d.world, d.speed > 0)
	if err := d.grid.join(ctx, d.world); err != nil {
		return err
	}
	if d.sites, err = openSites(d.seed, d.start, d.scene.people); err != nil {
		return err
	}
	how := modelOf{fromEnvironment: d.ai == AIEnvironment}
	if d.ai == AIStandIn {
		if d.model, err = openStandIn(); err != nil {
			return err
		}
		how.environment = d.model.environment()
	}
	d.server, err = startServerProcess(ctx, at, how, d.log, slices.Concat([]string{"--data", d.data, "--log-level", "warn", "--clock", d.world.Clock.Addr(), "--public-url", PublicURL,
		"--mail-loopback", "--mail-ca", d.world.Mail.CA(), "--resolver", d.world.Names.Addr(), "--poll", d.poll.String(), "--sendgrid-url", d.grid.url}, d.sites.options(), d.more)...)
	return err
}

// loseAnswers is the share of messages that a sender's own server takes without saying so, where all goes wrong.
const loseAnswers = 0.004

// A crowd has something due every few seconds; each for itself costs what hundreds together do.
const (
	crowd      = 2000 // leads
	crowdGrain = time.Minute
)

// clockGrain is how finely time moves.
func (d *demonstration) clockGrain() time.Duration {
	switch {
	case d.grain != nil:
		return *d.grain
	case len(d.scene.people) > crowd:
		return crowdGrain
	}
	return 0
}

// watchServer ends everything when the server ends by itself.
func (d *demonstration) watchServer(ctx context.Context, end context.CancelCauseFunc) {
	select {
	case <-ctx.Done():
	case <-d.server.died:
		end(errors.New("the server has ended by itself; its log says why"))
	}
}

func (d *demonstration) stopAll() (err error) {
	if d.grid != nil { // while the server still hears what it tells
		err = d.grid.close()
	}
	if d.server != nil {
		err = errors.Join(err, d.server.stopProcess())
	}
	if d.sites != nil {
		err = errors.Join(err, d.sites.close())
	}
	if d.model != nil {
		err = errors.Join(err, d.model.close())
	}
	if d.outside != nil {
		err = errors.Join(err, d.outside.close())
	}
	if d.host != nil {
		err = errors.Join(err, d.host.close())
	}
	if d.world != nil {
		err = errors.Join(err, d.world.Stop())
	}
	return err
}

// chooseAndBuild chooses what fits and sets it up.
func (d *demonstration) chooseAndBuild(ctx context.Context) error {
	r := d.server.runningNow()
	platform := NewAPI(r.URL, r.PlatformKey)
	if err := d.choosePlan(ctx, platform); err != nil {
		return err
	}
	if err := d.world.Admit(ctx, d.scene.Senders, d.scene.Secret); err != nil {
		return err
	}
	if d.outside != nil {
		if err := d.setFlag(ctx, platform); err != nil {
			return err
		}
	}
	return d.buildOrganization(ctx, platform)
}

func (d *demonstration) buildOrganization(ctx context.Context, platform *client.Client) (err error) {
	d.screen.printNote("%d leads, plan %s, %d mailboxes with %d messages a day", len(d.scene.people), d.scene.Plan, len(d.scene.Senders), d.scene.Promise.Pace.PerDay)
	s := &Setup{Scene: d.scene, API: platform, Mail: d.world.Mail, Campaign: campaignSpecOf(d.scene.Promise), LetTimePass: d.time.passTime, Note: d.screen.printNote, LetIn: d.letIn, Research: true, Experiment: true, Outside: d.outside, Calendar: d.host != nil, Grid: d.grid, Model: d.ai != AINone}
	d.shown, err = s.setUpAndLaunch(ctx)
	return err
}
