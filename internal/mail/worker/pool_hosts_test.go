package worker

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/dial"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
)

func TestWhatDoesntAnswerIsLeftAlone(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	h := newHosts(func() time.Time { return now }, 4, 2)
	login := &transport.ServerLogin{Host: "mail.example.com", Port: 993}
	try := func(client string, got answered, err error) bool {
		c := call{Do: doPoll, Client: client, Login: login}
		leave, refused := h.enter(t.Context(), Mailbox{Org: uuid.New()}, c)
		if refused != nil {
			if !errors.Is(refused, ErrResting) {
				t.Error(refused)
			}
			return false
		}
		h.note(c, got, err)
		leave()
		return true
	}
	wrong, gone, fine := answered{answer: answer{Failed: failureOf(imap.ErrLogin)}}, answered{answer: answer{Failed: failureOf(dial.ErrUnreachable)}}, answered{}
	for range loginFailures {
		if !try("imap 1", wrong, nil) {
			t.Fatal("refused too early")
		}
	}
	if try("imap 1", fine, nil) {
		t.Error("an account that isn't let in is asked again")
	}
	if !try("imap 2", fine, nil) {
		t.Error("another account of the host rests too")
	}
	for i := range hostFailures {
		if !try("imap "+string(rune('a'+i)), gone, nil) {
			t.Fatal("refused too early")
		}
	}
	if try("imap 2", fine, nil) {
		t.Error("a host that isn't there is asked again")
	}
	c := call{Do: doPoll, Client: "imap 9", Login: login}
	now = now.Add(firstRest * 2)
	if _, err := h.enter(t.Context(), Mailbox{}, c); err != nil {
		t.Fatalf("it has rested: %v", err)
	}
	if try("imap 8", fine, nil) {
		t.Error("two try it at once")
	}
	h.note(c, fine, nil)
	if !try("imap 8", fine, nil) || !try("imap 7", fine, nil) {
		t.Error("it answers, and isn't asked")
	}
	// Whoever had no more time says nothing of the host.
	late := answered{answer: answer{Failed: failureOf(errors.New("x")), Result: &smtp.Result{Outcome: smtp.Temporary, Stage: smtp.StageConnect}}}
	late.Failed.Is = []string{"timeout"}
	for range 2 * hostFailures {
		if !try("smtp 1", late, nil) {
			t.Fatal("a host rests that was never heard")
		}
	}
}

func TestAHostHasSoManyCallsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHosts(time.Now, 3, 2)
	login, org := &transport.ServerLogin{Host: "mail.example.com", Port: 465}, uuid.New()
	enter := func(org uuid.UUID, do string) (func(), bool) {
		in := make(chan func(), 1)
		go func() {
			if leave, err := h.enter(t.Context(), Mailbox{Org: org}, call{Do: do, Client: "x", Login: login}); err == nil {
				in <- leave
			}
		}()
		for {
			select {
			case leave := <-in:
				return leave, true
			default:
			}
			h.mu.Lock()
			g := h.gates[hostOf(login)]
			h.mu.Unlock()
			if g != nil && g.Waiting(org) > 0 {
				return nil, false
			}
			time.Sleep(time.Millisecond)
		}
	}
	first, _ := enter(org, doSend)
	if _, ok := enter(org, doSend); !ok {
		t.Fatal("there is room for two of an organisation")
	}
	if _, ok := enter(org, doSend); ok {
		t.Error("a third of an organisation is let in")
	}
	if _, ok := enter(uuid.New(), doSend); !ok {
		t.Error("there is room for another's")
	}
	if _, ok := enter(uuid.New(), doIdle); !ok {
		t.Error("who only listens waits")
	}
	if _, ok := enter(uuid.New(), doSend); ok {
		t.Error("a fourth is let in")
	}
	first()
}

func TestRestsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[time.Duration]bool{}
	for _, key := range []string{"a", "b", "c", "d"} {
		for rests := range 8 {
			d := restFor(key, rests)
			if seen[d] || d < firstRest || d > longestRest*3/2 || d != restFor(key, rests) {
				t.Errorf("%s rests %s", key, d)
			}
			seen[d] = true
		}
	}
}
