package prospects_test

import (
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/prospects"
	"outrider/internal/lab/simclock"
)

// play runs the mail server and the simulator as processes and sends messages to so many people, one a simulated minute, or all at once.
type play struct {
	dir    string
	clock  *simclock.Coordinator
	driver *simclock.Participant
	mail   *mailserver.ServerProcess
	people *prospects.SimulatorProcess
	site   *site
}

func processes(t testing.TB) *play {
	p := &play{dir: t.TempDir()}
	clock, err := simclock.Listen("127.0.0.1:0", simclock.Options{Start: start, Expect: []string{"driver", prospects.ClockName, mailserver.ClockName}})
	if err != nil {
		t.Fatal(err)
	}
	p.clock = clock
	t.Cleanup(func() { _ = clock.Close() })
	if p.driver, err = simclock.Dial(t.Context(), clock.Addr(), "driver"); err != nil {
		t.Fatal(err)
	}
	world := listen(t)
	mailDir := filepath.Join(p.dir, "mail")
	p.mail, err = mailserver.Start(t.Context(), mailserver.Orders{Dir: mailDir, Exchangers: map[string]string{"*": world.Addr().String()}, AdminToken: "t", Clock: clock.Addr()}, mailserver.Ports{}, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.mail.Stop() })
	p.site = newSite(t)
	p.people, err = prospects.StartOn(t.Context(), world, prospects.Orders{Dir: p.dir, Clock: clock.Addr(), Seed: 7, Exchangers: map[string]string{"*": p.mail.MX},
		Hosts: map[string]string{"go.acme.test": p.site.address}}, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.people.Stop() })
	if err := mailserver.AddAccounts(t.Context(), p.mail.Admin, "t", map[string]string{sender: password}); err != nil {
		t.Fatal(err)
	}
	return p
}

// client is a connection for submission that is opened again when it is lost.
type client struct {
	address string
	trusted *tls.Config
	c       *smtp.Client
}

func (c *client) send(to string, nth int) (err error) {
	_, text := message(to, nth)
	if c.c == nil {
		if c.c, err = smtp.DialTLS(c.address, c.trusted); err != nil {
			return err
		}
		if err = c.c.Auth(sasl.NewPlainClient("", sender, password)); err != nil {
			return err
		}
	}
	err = c.c.SendMail(sender, []string{to}, strings.NewReader(text))
	if err != nil {
		_ = c.c.Close()
		c.c = nil
	}
	return err
}

// Everybody is a process, the mail process is killed with -9 while it works, and what both sides wrote down agrees.
func TestAWholeCampaignAgainstProcesses(t *testing.T) {
	t.Parallel()
	p := processes(t)
	const leads = 200
	var sent, failed atomic.Int64
	for w := range 4 {
		c := &client{address: p.mail.Submissions, trusted: trusting(t, p.mail.CA())}
		for i := w; i < leads; i += 4 {
			to := fmt.Sprintf("p%d@company%d.example", i, i/3)
			var mu sync.Mutex
			for n := range 3 {
				p.driver.At(start.AddDate(0, 0, 3*n).Add(time.Duration(i)*time.Minute), func() {
					mu.Lock()
					defer mu.Unlock()
					if err := (&client{address: c.address, trusted: c.trusted}).send(to, n+1); err == nil {
						sent.Add(1)
					} else {
						failed.Add(1)
					}
				})
			}
		}
	}
	for i := range 3 {
		p.driver.At(start.AddDate(0, 0, 3*i).Add(2*time.Hour+time.Second), func() {
			p.mail.Kill()
			if err := p.mail.Restart(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	end := make(chan struct{})
	p.driver.At(start.AddDate(0, 0, 21), func() { close(end) })
	began := time.Now()
	p.driver.Ready()
	<-end
	mail, err := mailserver.ReadJournal(p.mail.Journal())
	if err != nil {
		t.Fatal(err)
	}
	people, err := prospects.ReadJournal(p.people.Journal())
	if err != nil {
		t.Fatal(err)
	}
	v := prospects.Judge(mail, people, prospects.Params{})
	t.Logf("%+v in %s, %d moves; sent %d, failed %d", v.Truth, time.Since(began), p.clock.Moves(), sent.Load(), failed.Load())
	if v.Truth.Sent != int(sent.Load()) || len(of(people, prospects.Arrived)) != v.Truth.Sent || len(v.Lost)+len(v.Doubtful)+len(v.Unable) > 0 {
		t.Errorf("sent %d, in the journal %d, arrived %d, lost %v, doubtful %v, unable %v", sent.Load(), v.Truth.Sent, len(of(people, prospects.Arrived)), v.Lost, v.Doubtful, v.Unable)
	}
	for _, n := range []int{v.Truth.Opened, v.Truth.MachineOpened, v.Truth.Replied, v.Truth.Bounced, v.Truth.AutoReplied, v.Truth.Unsubscribed} {
		if n == 0 {
			t.Error("something never happened")
		}
	}
	for _, l := range mail {
		if l.At.Before(start) || l.At.After(start.AddDate(0, 0, 21)) {
			t.Errorf("the mail process wrote %s down at %s", l.Kind, l.At)
		}
	}
}
