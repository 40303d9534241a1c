package inbound_test

import (
	"testing"

	"outrider/internal/mail/inbound"
)

func classify(said, subject string) inbound.Classification {
	return inbound.Classify(inbound.Read([]byte("From: li@example.com\r\nSubject: "+subject+"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"+said)), inbound.Context{OurSubject: "A question", Received: monday()})
}

func TestADemandMayStandInTheSubject(t *testing.T) {
	t.Parallel()
	const signed = "Bob Miller\nExample Inc.\n1 Road, Town"
	for _, c := range []struct {
		subject, said string
		want          inbound.Class
	}{
		{"Unsubscribe", signed, inbound.Unsubscribe},
		{"unsubscribe me please", "", inbound.Unsubscribe},
		{"Re: A question - please remove me from your list", signed, inbound.Unsubscribe},
		{"Abmeldung", "Mit freundlichen Grüßen\nBob", inbound.Unsubscribe},
		{"STOP", "Not interested", inbound.Unsubscribe},
		{"=?utf-8?B?6YCA6K6i?=", "", inbound.Unsubscribe},
		{"Unsubscribe", "No, wait: yes please, tell me more.", inbound.MaybeUnsubscribe},
		{"Re: A question about unsubscribe rates", "Hello", inbound.Other},
		{"Re: A question", signed, inbound.Other},
	} {
		t.Run(c.subject, func(t *testing.T) {
			t.Parallel()
			if v := classify(c.said, c.subject); v.Class != c.want {
				t.Errorf("got %+v", v)
			}
		})
	}
	m := inbound.Read([]byte("Subject: Re: Unsubscribe\r\n\r\nHello there"))
	if v := inbound.Classify(m, inbound.Context{OurSubject: "Unsubscribe?", Received: monday()}); v.Class != inbound.Other {
		t.Errorf("our own subject: got %+v", v)
	}
}

func TestWhatALinkSaysIsNotSaidByTheWriter(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]inbound.Class{
		`<p>Who are you?</p><p>Bob</p><a href="https://example.com/u">Unsubscribe</a>`:          inbound.Other,
		`<p>Yes please.</p><p>Bob | <a href="https://example.com/u"><u>Unsubscribe</u></a></p>`: inbound.Interested,
		`<p>Unsubscribe</p><p>Bob</p><a href="https://example.com/u">Unsubscribe</a>`:           inbound.Unsubscribe,
		`<p>Unsubscribe</p><p>Bob</p>`:                                             inbound.Unsubscribe,
		`<p>Please remove me from <a href="https://example.com">your list</a></p>`: inbound.Unsubscribe,
		`<p>Who are you?</p><a name=x><p>Please remove me.</p>`:                    inbound.Unsubscribe,
	} {
		v := inbound.Classify(inbound.Read([]byte("From: li@example.com\r\nContent-Type: text/html\r\n\r\n"+said)), inbound.Context{Received: monday()})
		if v.Class != want {
			t.Errorf("%s: got %+v", said, v)
		}
	}
}
