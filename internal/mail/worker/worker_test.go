package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/dial"
	"outrider/internal/lab/hostilemail"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/mailtest"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
)

// TestMain lets a child break by what it is asked for: a folder or a recipient that is called like a fault.
func TestMain(m *testing.M) {
	runChild(func(s Setup) (engine, error) {
		e, err := newEngine(s)
		return faulty{e}, err
	})
	os.Exit(m.Run())
}

type faulty struct{ engine }

func (f faulty) do(ctx context.Context, c call, body []byte, atEnd func() error) (answer, [][]byte) {
	switch fault := c.Folder + c.To; fault {
	case "panic":
		go panic("a fault")
		select {}
	case "stack":
		fmt.Fprintln(os.Stderr, deeper(0))
	case "memory":
		var all [][]byte
		for {
			b := make([]byte, 1<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			all = append(all, b)
			runtime.KeepAlive(all)
		}
	case "deaf":
		select {}
	case "wait":
		<-ctx.Done()
		return answer{Failed: failureOf(ctx.Err())}, nil
	case "before the end":
		os.Exit(3)
	case "after the end":
		_ = atEnd()
		os.Exit(3)
	case "environment":
		return answer{Names: os.Environ()}, nil
	case "fine":
		return answer{Batch: &imap.Batch{}, Names: []string{fault}}, nil
	}
	return f.engine.do(ctx, c, body, atEnd)
}

// deeper never comes back.
func deeper(n int) int {
	if n < 0 {
		return 0
	}
	return deeper(n+1) + 1
}

func mailbox() Mailbox { return Mailbox{Org: uuid.New(), ID: uuid.New()} }

// suspended keeps what Suspend was told.
type suspended struct {
	mu  sync.Mutex
	all map[Mailbox]string
	got chan struct{}
}

func newPool(t *testing.T, change func(*PoolConfig)) (*Pool, *suspended) {
	t.Helper()
	s := &suspended{all: map[Mailbox]string{}, got: make(chan struct{}, 16)}
	c := PoolConfig{Setup: Setup{LoopbackOnly: true}, Suspend: func(of Mailbox, reason string) {
		s.mu.Lock()
		s.all[of] = reason
		s.mu.Unlock()
		s.got <- struct{}{}
	}}
	if change != nil {
		change(&c)
	}
	p := NewPool(c)
	t.Cleanup(p.Close)
	return p, s
}

func TestAChildThatBreaksTouchesFewAndIsSuspendedAfterThreeTimes(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"panic", "stack", "memory"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			p, s := newPool(t, nil)
			bad, good := mailbox(), mailbox()
			neighbour := p.Reader(good, transport.ServerLogin{})
			if _, err := neighbour.Poll(t.Context(), "fine", imap.Cursor{}); err != nil {
				t.Fatal(err)
			}
			for n := 1; n <= MaxStrikes; n++ {
				_, err := p.Reader(bad, transport.ServerLogin{}).Poll(t.Context(), fault, imap.Cursor{})
				if !errors.Is(err, ErrCrashed) && !errors.Is(err, ErrOverran) {
					t.Fatalf("time %d: %v", n, err)
				}
				if _, err := neighbour.Poll(t.Context(), "fine", imap.Cursor{}); err != nil {
					t.Errorf("the neighbour after time %d: %v", n, err)
				}
			}
			<-s.got
			if reason := s.all[bad]; reason == "" || len(s.all) != 1 || strings.Contains(reason, "goroutine") {
				t.Errorf("suspended: %v", s.all)
			}
		})
	}
}

func TestWhoSharesAChildThatBreaksIsNotToBlame(t *testing.T) {
	t.Parallel()
	p, s := newPool(t, func(c *PoolConfig) { c.Children = 1 })
	bad, good := mailbox(), mailbox()
	waiting := make(chan error, 1)
	go func() {
		_, err := p.Reader(good, transport.ServerLogin{}).Poll(context.Background(), "wait", imap.Cursor{})
		waiting <- err
	}()
	for turns := 0; turns == 0; { // until it has its turn
		p.mu.Lock()
		for _, c := range p.children {
			c.mu.Lock()
			turns += len(c.pending)
			c.mu.Unlock()
		}
		p.mu.Unlock()
		runtime.Gosched()
	}
	_, err := p.Reader(bad, transport.ServerLogin{}).Poll(t.Context(), "panic", imap.Cursor{})
	if neighbour := <-waiting; !errors.Is(err, ErrCrashed) || !errors.Is(neighbour, ErrCrashed) {
		t.Fatalf("%v; neighbour %v", err, neighbour)
	}
	for n := range 2 * MaxStrikes { // from here on each is alone
		if _, err := p.Reader(good, transport.ServerLogin{}).Poll(t.Context(), "fine", imap.Cursor{}); err != nil {
			t.Fatalf("the neighbour: %v", err)
		}
		if n < MaxStrikes {
			_, _ = p.Reader(bad, transport.ServerLogin{}).Poll(t.Context(), "panic", imap.Cursor{})
		}
	}
	<-s.got
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[bad] == "" || len(s.all) != 1 {
		t.Errorf("suspended: %v", s.all)
	}
}

func TestAMessageIsInDoubtOnlyOnceItsEndMayHaveBeenSent(t *testing.T) {
	t.Parallel()
	p, _ := newPool(t, nil)
	for fault, want := range map[string]smtp.DeliveryOutcome{"before the end": smtp.Temporary, "after the end": smtp.InDoubt} {
		r := p.Sender(mailbox(), transport.ServerLogin{}).Send(t.Context(), "a@example.com", fault, []byte("x"))
		if r.Outcome != want || !errors.Is(r.Err, ErrCrashed) {
			t.Errorf("%s: %+v", fault, r)
		}
	}
}

func TestATurnEndsInTime(t *testing.T) {
	t.Parallel()
	p, s := newPool(t, func(c *PoolConfig) { c.Turn = 10 * time.Millisecond })
	slow := mailbox()
	for range MaxStrikes {
		if _, err := p.Reader(slow, transport.ServerLogin{}).Poll(t.Context(), "wait", imap.Cursor{}); !errors.Is(err, ErrOverran) {
			t.Fatal(err)
		}
	}
	<-s.got
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	cancel(enough)
	if _, err := p.Reader(mailbox(), transport.ServerLogin{}).Poll(ctx, "wait", imap.Cursor{}); !errors.Is(err, enough) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestAChildKnowsNothingOfItsParent(t *testing.T) {
	t.Setenv("OUTRIDER_POSTGRES", "postgres://secret")
	p, _ := newPool(t, nil)
	got, _, err := p.do(t.Context(), mailbox(), call{Do: doFolders, Folder: "environment", Login: &transport.ServerLogin{}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range got.Names {
		if name, _, _ := strings.Cut(v, "="); !strings.HasPrefix(name, "GO") && name != childVariable && !strings.HasPrefix(name, "SSL_CERT") {
			t.Errorf("it knows %s", v)
		}
	}
}

func TestPlacesAreGivenOn(t *testing.T) {
	t.Parallel()
	p, _ := newPool(t, func(c *PoolConfig) { c.Children, c.Tenants = 2, 2 })
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if _, err := p.Reader(mailbox(), transport.ServerLogin{}).Poll(t.Context(), "fine", imap.Cursor{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if p.mu.Lock(); len(p.children) > 2 {
		t.Errorf("%d children", len(p.children))
	}
	p.mu.Unlock()
}

func TestErrorsKeepTheirMeaning(t *testing.T) {
	t.Parallel()
	p, _ := newPool(t, nil)
	err := p.Reader(mailbox(), transport.ServerLogin{Host: "10.0.0.1", Port: 993}).Verify(t.Context())
	if !errors.Is(err, dial.ErrUnreachable) || !errors.Is(err, dial.ErrForbidden) {
		t.Errorf("a forbidden address: %v", err)
	}
	ca := mailtest.NewCA(t)
	p, _ = newPool(t, func(c *PoolConfig) { c.Setup.CA = ca.PEM })
	server := mailtest.NewIMAP(t, ca, transport.Implicit)
	wrong := server.Account
	wrong.Password = "x"
	if err := p.Reader(mailbox(), wrong).Verify(t.Context()); !errors.Is(err, imap.ErrLogin) {
		t.Errorf("a wrong password: %v", err)
	}
	if err := p.Reader(mailbox(), server.Account).Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// Each mode of a hostile server is met by the real path: pool, child, clients. The child may end; we don't, and no child grows beyond its bounds.
func TestHostileServersAreSurvived(t *testing.T) {
	t.Parallel()
	ca := mailtest.NewCA(t)
	p, _ := newPool(t, func(c *PoolConfig) {
		c.Setup = Setup{LoopbackOnly: true, CA: ca.PEM, Timeout: 2 * time.Second}
	})
	var highest sync.Map
	watching, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		for watching.Err() == nil {
			p.mu.Lock()
			for _, c := range p.children {
				rss, _ := usageOf(c.cmd.Process.Pid)
				if was, _ := highest.Load(c.cmd.Process.Pid); was == nil || was.(int64) < rss {
					highest.Store(c.cmd.Process.Pid, rss)
				}
			}
			p.mu.Unlock()
			time.Sleep(5 * time.Millisecond)
		}
	}()
	var all sync.WaitGroup
	attack := func(protocol string, m hostilemail.Mode, try func(ctx context.Context, at transport.ServerLogin) string) {
		all.Go(func() {
			s, err := hostilemail.Serve(protocol, m, ca.Server)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			said := try(t.Context(), transport.ServerLogin{Host: "127.0.0.1", Port: s.Port, Username: "a", Password: "b"})
			t.Logf("%s, %s: %.120s", protocol, m.Name, said)
			if s.Sessions() == 0 {
				t.Errorf("%s, %s: nobody came", protocol, m.Name)
			}
		})
	}
	for _, m := range hostilemail.IMAP() {
		attack("imap", m, func(ctx context.Context, at transport.ServerLogin) string {
			r := p.Reader(mailbox(), at)
			defer r.Close()
			_, folders := r.Folders(ctx)
			batch, err := r.Poll(ctx, imap.Inbox, imap.Cursor{Validity: 1, Next: 1})
			if len(batch.Messages) > 200 || batch.Next.Next == 0 && err == nil {
				t.Errorf("%s: %d messages, then %v", m.Name, len(batch.Messages), batch.Next)
			}
			return fmt.Sprint(folders, "; ", err)
		})
	}
	for _, m := range hostilemail.SMTP() {
		attack("smtp", m, func(ctx context.Context, at transport.ServerLogin) string {
			s := p.Sender(mailbox(), at)
			defer s.Close()
			r := s.Send(ctx, "a@example.com", "b@example.com", []byte("Subject: x\r\n\r\nx\r\n"))
			if r.Outcome == smtp.Accepted {
				t.Errorf("%s: accepted", m.Name)
			}
			return fmt.Sprintf("%+v", r)
		})
	}
	all.Wait()
	highest.Range(func(pid, rss any) bool {
		t.Logf("child %v: at most %d MB", pid, rss.(int64)>>20)
		if rss.(int64) > maxRSS*5/4 {
			t.Errorf("child %v had %d MB", pid, rss.(int64)>>20)
		}
		return true
	})
}
