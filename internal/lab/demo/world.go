package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"time"

	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/lab/mailserver/zone"
	"outrider/internal/lab/prospects"
	"outrider/internal/lab/simclock"
)

// Who takes part in a demonstration's time, by name at its coordinator.
const (
	DriverName = "driver" // drives the demonstration
	ServerName = "server" // the product
)

// Options of a world.
type Options struct {
	Dir      string // of mail and journals
	Start    time.Time
	Until    time.Time     // people do nothing later than this; zero = no end
	Speed    float64       // 0 = as fast as it goes
	Grain    time.Duration // what falls due within it happens together; 0 = everything at its own time
	Seed     uint64
	Rates    prospects.Rates // of people; zero = the usual ones
	Server   string          // the server's name at the coordinator
	Target   string          // where the server answers, host:port
	Ports    mailserver.Ports
	Patience time.Duration // real; how long people try what doesn't answer; 0 = 60 s
	Log      io.Writer

	LoseAnswers float64 // of the senders' mail server, see mailserver.Options

	Exchangers map[string]string // domains whose mail comes in elsewhere than at the senders' mail server: host:port
}

// World is everything around the server: time, names, mail and people.
type World struct {
	Clock  *simclock.Coordinator
	Driver *simclock.Participant // busy until Ready
	Names  *zone.Nameserver
	Front  *Front
	Mail   *mailserver.ServerProcess
	People *prospects.SimulatorProcess

	options Options
	token   string // of the mail server's administration
}

// Start begins a world. Time stands still until everybody is there: the server too.
func Start(ctx context.Context, o Options) (w *World, err error) {
	w = &World{options: o, token: rand.Text()}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Stop())
		}
	}()
	expect := []string{DriverName, o.Server, mailserver.ClockName, prospects.ClockName}
	if w.Clock, err = simclock.Listen("127.0.0.1:0", simclock.Options{Start: o.Start, Speed: o.Speed, Grain: o.Grain, Expect: expect}); err != nil {
		return w, err
	}
	if w.Driver, err = simclock.Dial(ctx, w.Clock.Addr(), DriverName); err != nil {
		return w, err
	}
	if w.Names, err = zone.Listen("127.0.0.1:0", zone.Zone{}); err != nil {
		return w, err
	}
	if w.Front, err = openFront(o.Dir, o.Target); err != nil {
		return w, err
	}
	door, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return w, err
	}
	w.Mail, err = mailserver.Start(ctx, mailserver.Orders{Dir: filepath.Join(o.Dir, "mail"), Exchangers: map[string]string{"*": door.Addr().String()},
		AdminToken: w.token, Clock: w.Clock.Addr(), LoseAnswers: o.LoseAnswers, Seed: o.Seed}, o.Ports, o.Log)
	if err != nil {
		_ = door.Close()
		return w, err
	}
	if w.People, err = prospects.StartOn(ctx, door, w.peopleOrders(o.Until), o.Log); err != nil {
		return w, err
	}
	return w, nil
}

// Admit gives senders their mailboxes and their domains' records.
func (w *World) Admit(ctx context.Context, senders []SendingMailbox, secret string) error {
	passwords := map[string]string{}
	for _, s := range senders {
		if !s.Grid {
			passwords[s.Address] = Password(secret, s.Address)
		}
	}
	w.Names.Replace(Records(senders))
	return mailserver.AddAccounts(ctx, w.Mail.Admin, w.token, passwords)
}

func (w *World) peopleOrders(until time.Time) prospects.Orders {
	exchangers := map[string]string{"*": w.Mail.MX}
	maps.Copy(exchangers, w.options.Exchangers)
	return prospects.Orders{Dir: filepath.Join(w.options.Dir, "people"), Clock: w.Clock.Addr(), Seed: w.options.Seed, Rates: w.options.Rates,
		Exchangers: exchangers, Hosts: map[string]string{PublicHost: w.Front.Address}, CAFile: w.Front.CAFile,
		Until: until, Patience: w.options.Patience}
}

// Renew lets people live on behind the end of what they were told; they forget what was before.
func (w *World) Renew(ctx context.Context) error {
	at := w.People.MX
	if err := w.People.Stop(); err != nil {
		return err
	}
	door, err := loopback.Listen(at)
	if err != nil {
		return err
	}
	w.People, err = prospects.StartOn(ctx, door, w.peopleOrders(time.Time{}), w.options.Log)
	return err
}

// Journals reads what both wrote down so far.
func (w *World) Journals() ([]mailserver.Line, []prospects.Line, error) {
	mail, err := mailserver.ReadJournal(w.Mail.Journal())
	if err != nil {
		return nil, nil, err
	}
	people, err := prospects.ReadJournal(w.People.Journal())
	return mail, people, err
}

// Down says which of the processes has ended by itself, if one has.
func (w *World) Down() error {
	if w.Mail != nil && hasEnded(w.Mail.Exited()) {
		return errors.New("the mail server has ended by itself")
	}
	if w.People != nil && hasEnded(w.People.Exited()) {
		return errors.New("the simulated people's process has ended by itself")
	}
	return nil
}

func hasEnded(exited <-chan struct{}) bool {
	select {
	case <-exited:
		return true
	default:
		return false
	}
}

// Stop ends everything.
func (w *World) Stop() (err error) {
	if w.People != nil {
		err = errors.Join(err, w.People.Stop())
	}
	if w.Mail != nil {
		err = errors.Join(err, w.Mail.Stop())
	}
	if w.Front != nil {
		err = errors.Join(err, w.Front.Close())
	}
	if w.Names != nil {
		err = errors.Join(err, w.Names.Close())
	}
	if w.Driver != nil {
		_ = w.Driver.Close() // nobody needs it any more
	}
	if w.Clock != nil {
		err = errors.Join(err, w.Clock.Close())
	}
	if err != nil {
		return fmt.Errorf("stop the world: %w", err)
	}
	return nil
}
