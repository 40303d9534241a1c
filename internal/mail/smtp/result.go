package smtp

import (
	"errors"
	"net/textproto"
	"regexp"
	"strings"
)

// DeliveryOutcome is what became of one message.
type DeliveryOutcome string

// The four outcomes. Only Accepted may be counted as sent; only InDoubt may not be retried automatically.
const (
	Accepted  DeliveryOutcome = "accepted"  // the server took responsibility after DATA (RFC 5321, 4.2.5)
	Refused   DeliveryOutcome = "refused"   // 5xx: the same again gets the same answer
	Temporary DeliveryOutcome = "temporary" // 4xx, or no connection: nothing was sent
	InDoubt   DeliveryOutcome = "in_doubt"  // the connection broke after the message's end was sent: it may have arrived
)

// Stage is how far a message got.
type Stage string

// The stages in their order. At StageRecipient and StageData a refusal is about the message; before, about the mailbox.
const (
	StageConnect   Stage = "connect"
	StageTLS       Stage = "tls"
	StageAuth      Stage = "auth"
	StageSender    Stage = "sender" // MAIL FROM
	StageRecipient Stage = "recipient"
	StageData      Stage = "data"
)

// Result is the outcome with the server's words.
type Result struct {
	Outcome  DeliveryOutcome
	Stage    Stage
	Code     int    // the reply's three digits; 0 when there was none
	Enhanced string // RFC 3463, as in "5.1.1"; "" when there was none
	Text     string // one line, at most 500 bytes
	Err      error  // why there was no reply

	ProviderID string // what the provider calls the message, where it has a name for it
}

// AboutMessage reports whether a refusal concerns this recipient or content, rather than the mailbox that sends.
func (r Result) AboutMessage() bool { return r.Stage == StageRecipient || r.Stage == StageData }

// enhancedCode is RFC 2034's place for it: at the beginning of a line; some servers leave it out on all but one.
var enhancedCode = regexp.MustCompile(`(?m)^([245]\.\d{1,3}\.\d{1,3})(?:[ \t]+|$)`)

// resultOfReply reads the outcome from the reply's code, and the enhanced code from its text.
func resultOfReply(stage Stage, code int, text string) Result {
	r := Result{Stage: stage, Code: code}
	if m := enhancedCode.FindStringSubmatch(text); m != nil {
		r.Enhanced, text = m[1], enhancedCode.ReplaceAllString(text, "")
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	r.Text = clipText(text)
	switch code / 100 {
	case 2:
		r.Outcome = Accepted
	case 5:
		r.Outcome = Refused
	default:
		r.Outcome = Temporary
	}
	return r
}

func clipText(text string) string { return strings.ToValidUTF8(text[:min(len(text), 500)], "") }

// resultOfError is for what goes wrong before the message's end is sent.
func resultOfError(stage Stage, err error) Result {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		r := resultOfReply(stage, reply.Code, reply.Msg)
		if r.Outcome == Accepted { // a 2xx where another one was due
			r.Outcome, r.Err = Temporary, err
		}
		return r
	}
	return Result{Outcome: Temporary, Stage: stage, Err: err}
}
