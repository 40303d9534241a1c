package sendgrid_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"
	"time"

	"outrider/internal/lab/sendgridserver"
	"outrider/internal/mail/compose"
	"outrider/internal/mail/sendgrid"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
)

const key = "SG.loopback-key"

func standIn(t *testing.T) (*sendgridserver.Server, string) {
	t.Helper()
	s, err := sendgridserver.New(key)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return s, h.URL
}

func clientOf(url, key string) *sendgrid.Client {
	return sendgrid.New(transport.ServerLogin{Host: sendgrid.HostEU, Password: key, Provider: sendgrid.Provider}, sendgrid.Options{StandIn: url, HTTP: sendgrid.NewHTTPClient(true),
		Arguments: func(id, _ string) map[string]string { return map[string]string{sendgrid.IDArgument: id} }})
}

func letter(t *testing.T) []byte {
	t.Helper()
	raw, err := compose.Bytes(compose.Parts{From: mail.Address{Name: "Ann Ö", Address: "ann@ours.test"}, To: mail.Address{Address: "bob@example.com"}, ReplyTo: mail.Address{Name: "Ann Ö", Address: "ann+tag@ours.test"},
		Subject: "Grüße an Sie, und ein langer Betreff, der gefaltet wird, wie es sich gehört", MessageID: strings.Repeat("x", 60) + "@ours.test", InReplyTo: "before@ours.test", Refs: []string{"first@ours.test"}, Date: time.Unix(1_750_000_000, 0),
		Text: "Hello,\nfirst line\n\n.dot\nBye", HTML: "<html><body>Hello</body></html>", UnsubscribeURL: "https://t.example.com/u/x", UnsubscribeMailto: "ann+u@ours.test",
		Calendar: &compose.Calendar{Method: "REQUEST", ICS: "BEGIN:VCALENDAR\nEND:VCALENDAR\n"}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestWhatIsSentFitsThePublishedSchema(t *testing.T) {
	t.Parallel()
	s, url := standIn(t)
	r := clientOf(url, key).Send(t.Context(), "ann@ours.test", "bob@example.com", letter(t))
	if r.Outcome != smtp.Accepted || r.ProviderID != "m1" {
		_, refused := s.Asked()
		t.Fatalf("got %+v, the schema says %v", r, refused)
	}
	m := s.Messages()[0]
	id := strings.Repeat("x", 60) + "@ours.test"
	for name, want := range map[string]string{"Message-ID": "<" + id + ">", "In-Reply-To": "<before@ours.test>", "References": "<first@ours.test> <before@ours.test>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "List-Unsubscribe": "<https://t.example.com/u/x>, <mailto:ann+u@ours.test?subject=unsubscribe>"} {
		if m.Headers[name] != want {
			t.Errorf("%s is %q, want %q", name, m.Headers[name], want)
		}
	}
	if m.Subject != "Grüße an Sie, und ein langer Betreff, der gefaltet wird, wie es sich gehört" || m.To != "bob@example.com" || m.CustomArgs[sendgrid.IDArgument] != id || len(m.CustomArgs) != 1 {
		t.Errorf("got %+v", m)
	}
	content := m.Body["content"].([]any)
	if len(content) != 3 || content[0].(map[string]any)["value"] != "Hello,\nfirst line\n\n.dot\nBye\n" || content[2].(map[string]any)["type"] != "text/calendar; method=REQUEST" || len(m.Body["attachments"].([]any)) != 1 {
		t.Errorf("content is %v", content)
	}
	tracking := m.Body["tracking_settings"].(map[string]any)
	for _, name := range []string{"click_tracking", "open_tracking", "subscription_tracking", "ganalytics"} {
		if tracking[name].(map[string]any)["enable"] != false {
			t.Errorf("%s is on", name)
		}
	}
}

// TestNothingIsHandedOverTwice: whatever goes wrong, one Send asks once, and what may have been taken is in doubt.
func TestNothingIsHandedOverTwice(t *testing.T) {
	t.Parallel()
	for fault, want := range map[sendgridserver.Fault]struct {
		outcome smtp.DeliveryOutcome
		stage   smtp.Stage
		taken   int
	}{
		"":                           {smtp.Accepted, smtp.StageData, 1},
		sendgridserver.Limited:       {smtp.Temporary, smtp.StageData, 0},
		sendgridserver.ErrorAfter:    {smtp.InDoubt, smtp.StageData, 1},
		sendgridserver.CutAfter:      {smtp.InDoubt, smtp.StageData, 1},
		sendgridserver.CutBefore:     {smtp.InDoubt, smtp.StageData, 0},
		sendgridserver.Redirected:    {smtp.InDoubt, smtp.StageData, 0},
		sendgridserver.Unauthorized:  {smtp.Refused, smtp.StageAuth, 0},
		sendgridserver.EndlessAnswer: {smtp.Accepted, smtp.StageData, 1},
	} {
		s, url := standIn(t)
		c := clientOf(url, key)
		c.Send(t.Context(), "ann@ours.test", "first@example.com", letter(t)) // so that there is a connection that may be used again
		s.Fail(fault)
		r := c.Send(t.Context(), "ann@ours.test", "bob@example.com", letter(t))
		if asked, _ := s.Asked(); r.Outcome != want.outcome || r.Stage != want.stage || asked != 2 || len(s.Messages()) != want.taken+1 {
			t.Errorf("%q: got %+v, asked %d times, taken %d", fault, r, asked, len(s.Messages())-1)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if r := clientOf("http://"+l.Addr().String(), key).Send(t.Context(), "ann@ours.test", "bob@example.com", letter(t)); r.Outcome != smtp.Temporary || r.Stage != smtp.StageConnect {
		t.Errorf("nobody listens: got %+v", r)
	}
}

func TestRefusalsAreAboutTheMessageOrTheMailbox(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]smtp.Stage{
		`{"errors":[{"message":"Does not contain a valid address.","field":"personalizations.0.to.0.email"}]}`: smtp.StageRecipient,
		`{"errors":[{"message":"not verified","field":"from.email"}]}`:                                         smtp.StageSender,
		`{"errors":[{"message":"bad","field":"content"}]}`:                                                     smtp.StageData,
		`<html>`: smtp.StageData,
	} {
		h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(answer))
		}))
		if r := clientOf(h.URL, key).Send(t.Context(), "ann@ours.test", "bob@example.com", letter(t)); r.Outcome != smtp.Refused || r.Stage != want {
			t.Errorf("%s: got %+v", answer, r)
		}
		h.Close()
	}
}
