package bounce_test

import (
	"testing"

	"outrider/internal/bounce"
)

func TestTheKindFollowsFromCodeStatusAndWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bounce.Kind{
		"550 5.1.1 no":                                       bounce.Hard,
		"550 5.2.1 The mailbox is disabled":                  bounce.Hard,
		"552 5.2.2 over quota":                               bounce.Soft,
		"550 4.4.7 QUEUE.Expired; message expired":           bounce.Soft,
		"550 5.7.1 Service unavailable; client host blocked": bounce.Block,
		"554 Service unavailable; client host [192.0.2.1] blocked using a block list":          bounce.Block,
		"550 5.7.26 This mail is unauthenticated":                                              bounce.Block,
		"550 5.1.8 Sender address rejected: Domain not found":                                  bounce.Other,
		"connect to relay.example.com[10.5.1.1]: No route to host":                             bounce.Soft,
		"550 5.4.1 Recipient address rejected: Access denied":                                  bounce.Hard,
		"550 5.7.1 <x@example.com>... No such user":                                            bounce.Hard,
		"554 delivery error: dd This user doesn't have a example.com account":                  bounce.Hard,
		"550 5.1.1 <x@example.com>: Recipient address rejected: User unknown in virtual table": bounce.Hard,
		"550 Requested action not taken: mailbox unavailable":                                  bounce.Hard,
		"Host or domain name not found. Name service error for name=no.example type=AAAA":      bounce.Hard,
		"Unrouteable address":                                                   bounce.Hard,
		"452 4.2.2 The email account is over quota":                             bounce.Soft,
		"550 5.2.3 RESOLVER.RST.RecipSizeLimit":                                 bounce.Other,
		"552 5.3.4 message size exceeds fixed limit":                            bounce.Other,
		"450 4.7.1 Greylisted":                                                  bounce.Block,
		"Sorry, no mailbox here by that name. (#5.1.1)":                         bounce.Hard,
		"mail server said: 554 5.4.6 Hop count exceeded":                        bounce.Soft,
		"5.1.1 <x@example.com>... User Unknown":                                 bounce.Hard,
		"The user's mailfolder is full.":                                        bounce.Soft,
		"554 5.6.0 looks like spam":                                             bounce.Block,
		"554 5.3.4 looks like spam":                                             bounce.Other,
		"553 5.1.1 <x>... User unknown, SPF fail":                               bounce.Block,
		"554 5.7.1 Relay access denied":                                         bounce.Other,
		"553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)": bounce.Other,
		"550 5.1.1 max message size exceeded":                                   bounce.Other,
		"550 5.7.0 The recipient mailbox has exceeded its disk space limit.":    bounce.Soft,
		"550 5.0.0 something":                                                   bounce.Other,
		"ユーザー Neko は Domino ディレクトリには見つかりません。":                                   bounce.Hard,
		"Please call +1 555 0100 or (+1) 555-0100":                              bounce.Other,
		"host [10.5.1.1] refused; 192.5.1.1 says nothing":                       bounce.Other,
	} {
		r := bounce.ReadReply(text)
		if got := bounce.KindOf(r); got != want {
			t.Errorf("%q: got %s (%d %s), want %s", text, got, r.Code, r.Enhanced, want)
		}
	}
	for stage, want := range map[bool]bounce.Kind{true: bounce.Hard, false: bounce.Other} {
		if got := bounce.KindOf(bounce.ServerReply{Code: 550, Text: "no", AtRecipient: stage}); got != want {
			t.Errorf("550 at RCPT=%v: got %s", stage, got)
		}
	}
}

func TestACodeIsReadWhereAReplyBegins(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bounce.ServerReply{
		"550 5.1.1 no": {Code: 550, Enhanced: "5.1.1"},
		"550-5.1.1 The account\n550 5.1.1 is gone":    {Code: 550, Enhanced: "5.1.1"},
		"Remote host said: 550 5.1.1 <b@example.com>": {Code: 550, Enhanced: "5.1.1"},
		"#550 5.2.3 RESOLVER":                         {Code: 550, Enhanced: "5.2.3"},
		"<mx.example.com #5.1.1 smtp;550 5.1.1 no>":   {Code: 550, Enhanced: "5.1.1"},
		"[554 5.4.6 Hop count exceeded]":              {Code: 554, Enhanced: "5.4.6"},
		"The error was: 550 5.1.1 no such user.":      {Code: 550, Enhanced: "5.1.1"},
		"Server mx[192.0.2.222] failed with: 550 <a>": {Code: 550},
		"553 sorry (#5.7.1)":                          {Code: 553, Enhanced: "5.7.1"},
		"550 5.0.0 failed\n 5.1.1 unknown":            {Code: 550, Enhanced: "5.1.1"},
		"connect to [10.5.1.1]: No route to host":     {},
		"10.5.1.1 and 5.1.1.10 are addresses":         {},
		"call 555 0100, or +1-555-0100":               {},
		"Exim 4.80.1 and 5.0.2195.6713":               {},
		"Hello, 450 people came":                      {},
	} {
		if got := bounce.ReadReply(text); got.Code != want.Code || got.Enhanced != want.Enhanced {
			t.Errorf("%q: got %d %q", text, got.Code, got.Enhanced)
		}
	}
}
