package imap_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"outrider/internal/mail/imap"
	"outrider/internal/mail/mailtest"
	"outrider/internal/mail/transport"
)

func TestACopyIsKeptOnce(t *testing.T) {
	t.Parallel()
	server, client := setup(t, transport.Implicit, imap.Options{})
	server.Create(t, "Sent")
	copyOf := func(id string) string {
		return "Message-ID: <" + id + ">\r\nSubject: Größe\r\n\r\nHello\r\n.\r\n"
	}
	for _, id := range []string{"1@acme.test", "1@acme.test", "2@acme.test"} {
		if err := client.Keep(t.Context(), "Sent", id, []byte(copyOf(id))); err != nil {
			t.Fatal(err)
		}
	}
	batch := poll(t, client, "Sent", imap.FromLookback())
	if len(batch.Messages) != 2 || string(batch.Messages[0].Raw) != copyOf("1@acme.test") || string(batch.Messages[1].Raw) != copyOf("2@acme.test") {
		t.Errorf("kept %d: %+v", len(batch.Messages), batch.Messages)
	}
	if n := server.Unread(t, "Sent"); n != 0 {
		t.Errorf("%d copies look unread", n)
	}
	var refused *imap.StatusError
	if err := client.Keep(t.Context(), "Nowhere", "3@acme.test", []byte("x")); !errors.As(err, &refused) {
		t.Errorf("a folder that isn't there: %v", err)
	}
}

func TestAServerTellsOfNews(t *testing.T) {
	t.Parallel()
	server, client := setup(t, transport.Implicit, imap.Options{})
	if news, err := client.Idle(t.Context(), imap.Inbox, 20*time.Millisecond); err != nil || news {
		t.Errorf("nothing came: %v, %v", news, err)
	}
	told := make(chan bool, 1)
	go func() {
		news, err := client.Idle(t.Context(), imap.Inbox, time.Minute)
		told <- news && err == nil
	}()
	for came := false; !came; {
		server.Deliver(t, imap.Inbox, message(1)) // before it listens, too: then the next one counts
		select {
		case news := <-told:
			if came = true; !news {
				t.Error("it isn't told")
			}
		case <-time.After(10 * time.Millisecond):
		}
	}
	ctx, end := context.WithCancel(t.Context())
	end()
	if _, err := client.Idle(ctx, imap.Inbox, time.Minute); err == nil {
		t.Error("whoever has no more time waits on")
	}
	if batch := poll(t, client, imap.Inbox, imap.FromLookback()); len(batch.Messages) == 0 {
		t.Error("the connection is of no use afterwards")
	}
}

func TestWhereNothingIsToldTheServerMustBeAsked(t *testing.T) {
	t.Parallel()
	ca := mailtest.NewCA(t)
	dialer := transport.Dialer{Roots: ca.Roots, LoopbackOnly: true}
	for name, c := range map[string]struct {
		script mailtest.IMAPScript
		noIdle bool
	}{
		"not offered": {mailtest.IMAPScript{Greeting: "* OK hello\r\n", Answers: map[string]string{"CAPABILITY": "* CAPABILITY IMAP4rev1\r\n{tag} OK\r\n"}}, true},
		"refused":     {mailtest.IMAPScript{Greeting: "* OK hello\r\n", Answers: map[string]string{"CAPABILITY": "* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK\r\n", "IDLE": "{tag} BAD not now\r\n"}}, false},
	} {
		client := imap.New(c.script.Serve(t, ca), imap.Options{Dialer: dialer})
		if _, err := client.Idle(t.Context(), imap.Inbox, time.Minute); err == nil || errors.Is(err, imap.ErrNoIdle) != c.noIdle {
			t.Errorf("%s: got %v", name, err)
		}
		client.Close()
	}
}
