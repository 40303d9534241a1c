package sendgrid

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sendgrid/rest"
	library "github.com/sendgrid/sendgrid-go"

	"outrider/internal/dial"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
)

// Options of a Client.
type Options struct {
	HTTP    *http.Client // nil = NewHTTPClient's
	StandIn string       // URL that takes the place of SendGrid's; "" = none
	// Arguments returns what a message is known by in reports, of its Message-ID and content: nothing of a person. nil = none.
	Arguments func(messageID, content string) map[string]string
	Timeout   time.Duration // for a message; 0 = 20 s
}

// Client sends through one account. Safe for many goroutines.
type Client struct {
	host, key string
	options   Options
}

// New doesn't connect yet. The account's password is the key.
func New(account transport.ServerLogin, o Options) *Client {
	if o.HTTP == nil {
		o.HTTP = NewHTTPClient(false)
	}
	if o.Timeout == 0 {
		o.Timeout = 20 * time.Second
	}
	return &Client{host: account.Host, key: account.Password, options: o}
}

// maxAnswer bounds what is read of an answer, which the library reads whole.
const maxAnswer = 64 << 10

// NewHTTPClient returns a client, which reaches nothing but this machine where loopback says so: while mail is simulated. It is a client that follows no redirect (it would post the message again) and reads no answer without an end. Connections that are idle
// are closed before the provider does: a message that meets such an end is in doubt.
func NewHTTPClient(loopback bool) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // it is one
	t.IdleConnTimeout, t.MaxIdleConnsPerHost, t.MaxConnsPerHost = 10*time.Second, 8, 64
	if loopback {
		t.DialContext, t.Proxy = dial.Dialer{Reach: dial.Loopback}.DialContext, nil
	}
	return &http.Client{Transport: boundedAnswers{t}, CheckRedirect: dial.NoRedirect}
}

type boundedAnswers struct{ http.RoundTripper }

func (b boundedAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, maxAnswer), res.Body}
	}
	return res, err
}

// Send hands a message over. Accepted means that it waits there, and not that it was delivered. What can't be told for sure is InDoubt: an error behind the
// connection, and an answer that the message may have been taken before (5xx). Nothing is tried again here.
func (c *Client) Send(ctx context.Context, _, to string, message []byte) smtp.Result {
	body, err := requestOf(to, message, func(content string) map[string]string {
		if c.options.Arguments == nil {
			return nil
		}
		return c.options.Arguments(messageIDOf(message), content)
	})
	if err != nil {
		return smtp.Result{Outcome: smtp.Refused, Stage: smtp.StageData, Code: 554, Enhanced: "5.6.0", Text: "the message can't be handed over as it is", Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	request := library.GetRequest(c.key, "/v3/mail/send", baseOf(c.host, c.options.StandIn))
	request.Method, request.Body = rest.Post, body
	answer, err := (&rest.Client{HTTPClient: c.options.HTTP}).SendWithContext(ctx, request)
	switch {
	case answer != nil && answer.StatusCode != 0: // also one whose body ends early
		return resultOf(answer)
	case connected.Load():
		return smtp.Result{Outcome: smtp.InDoubt, Stage: smtp.StageData, Err: fmt.Errorf("hand over to SendGrid: %w", err)}
	}
	return smtp.Result{Outcome: smtp.Temporary, Stage: smtp.StageConnect, Err: fmt.Errorf("reach SendGrid: %w", err)}
}

// Close has nothing to do: connections are shared.
func (c *Client) Close() {}

// messageIDOf finds the Message-ID in the header of a message of ours, without brackets.
func messageIDOf(message []byte) string {
	head, _, _ := strings.Cut(string(message[:min(len(message), 16<<10)]), "\r\n\r\n")
	unfolded := strings.NewReplacer("\r\n ", " ", "\r\n\t", " ").Replace(head)
	for line := range strings.SplitSeq(unfolded, "\r\n") {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(name, "Message-Id") {
			return strings.Trim(strings.TrimSpace(value), "<>")
		}
	}
	return ""
}

// apiErrors is the body of a refusal.
type apiErrors struct {
	Errors []struct {
		Message string `json:"message"`
		Field   string `json:"field"`
	} `json:"errors"`
}

// resultOf reads what the API answered. A refusal is put into the words of SMTP, as all that decides knows those.
func resultOf(a *rest.Response) smtp.Result {
	var said apiErrors
	_ = json.Unmarshal([]byte(a.Body), &said) // a refusal without words is one all the same
	words, field := "", ""
	for _, e := range said.Errors {
		words = strings.TrimSpace(words + " " + e.Message)
		if field == "" {
			field = e.Field
		}
	}
	r := smtp.Result{Outcome: smtp.Refused, Stage: smtp.StageData, Code: 554, Text: clip(fmt.Sprintf("SendGrid says %d: %s", a.StatusCode, words), 500)}
	switch a.StatusCode {
	case http.StatusAccepted, http.StatusOK: // 200 is the sandbox's
		return smtp.Result{Outcome: smtp.Accepted, Stage: smtp.StageData, Code: 250, Text: "queued", ProviderID: firstOf(a.Headers, "X-Message-Id")}
	case http.StatusUnauthorized:
		r.Stage, r.Code, r.Enhanced = smtp.StageAuth, 535, "5.7.8"
	case http.StatusForbidden: // the key may not send, or the sender isn't verified there
		r.Stage, r.Code, r.Enhanced = smtp.StageAuth, 535, "5.7.1"
	case http.StatusRequestEntityTooLarge:
		r.Code, r.Enhanced = 552, "5.3.4"
	case http.StatusTooManyRequests:
		r.Outcome, r.Code, r.Enhanced = smtp.Temporary, 452, "4.7.28"
	case http.StatusBadRequest:
		r.Enhanced = "5.6.0"
		if strings.HasPrefix(field, "personalizations") && strings.Contains(field, ".to") {
			r.Stage, r.Code, r.Enhanced = smtp.StageRecipient, 553, "5.1.3"
		}
		if field == "from" || strings.HasPrefix(field, "from.") {
			r.Stage = smtp.StageSender
		}
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
		r.Stage = smtp.StageSender // it isn't about this message
	default: // it may have been taken before this went wrong
		r.Outcome, r.Code, r.Err = smtp.InDoubt, 0, errors.New(r.Text)
	}
	return r
}

func firstOf(headers map[string][]string, name string) string {
	if all := headers[http.CanonicalHeaderKey(name)]; len(all) > 0 {
		return clip(all[0], 200)
	}
	return ""
}

func clip(s string, most int) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	return strings.ToValidUTF8(s[:min(len(s), most)], "")
}
