package sendgrid

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Types of reports, as SendGrid calls them.
const (
	Processed        = "processed"
	Deferred         = "deferred"
	Delivered        = "delivered"
	Bounce           = "bounce"
	Dropped          = "dropped"
	Open             = "open"
	Click            = "click"
	SpamReport       = "spamreport"
	Unsubscribe      = "unsubscribe"
	GroupUnsubscribe = "group_unsubscribe"
	GroupResubscribe = "group_resubscribe"
)

// Report is one entry of what the event webhook posts.
type Report struct {
	Type      string // one of the above, or one that is new
	ID        string // sg_event_id: the same however often it is posted
	MessageID string // our id of the message, of its custom arguments; "" = there is none
	SMTPID    string // the Message-ID, which is ours where the domain is authenticated
	Provider  string // SendGrid's id of the message, as its answer named it
	At        time.Time
	Blocked   bool // of a bounce: the receiver refused us, not the address
	Machine   bool // of an open: a proxy's
	Reason    string
	Code      int    // of SMTP, where the reason begins with it
	Status    string // RFC 3463
	Attempt   int

	Tracked   string // what we track in the message ourselves, of its custom arguments; "" = nobody knows
	UserAgent string // of an open or a click
	URL       string // of a click
	Link      int    // likewise: the place of the link in the message, from 0
}

// Custom arguments of a message.
const (
	IDArgument      = "message_id" // our id of it
	TrackedArgument = "tracked"    // what we track in it ourselves: TracksOpens, TracksClicks, both, or TracksNothing
)

// What a message that leaves has of us.
const (
	TracksOpens   = "opens"
	TracksClicks  = "clicks"
	TracksNothing = "nothing"
)

// maxReports bounds how many entries of a post are read; 5 MB, which SendGrid posts at most, are some 15,000.
const maxReports = 100_000

// ErrReports means that a post is no list.
var ErrReports = errors.New("the body is no JSON array")

// ReadReports reads a post. An entry that can't be read is counted, and costs the others nothing; so is what is behind a place where the JSON itself breaks.
func ReadReports(body []byte) (all []Report, broken int, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return nil, 0, ErrReports
	}
	for d.More() && len(all)+broken < maxReports {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return all, broken + 1, nil //nolint:nilerr // what came before counts
		}
		r, err := readReport(raw)
		if err != nil {
			broken++
			continue
		}
		all = append(all, r)
	}
	return all, broken, nil
}

// loose is a value of any simple type as text: SendGrid writes some as numbers today and as text tomorrow.
type loose string

func (l *loose) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case json.Unmarshal(b, &s) == nil:
		*l = loose(s)
	case len(b) > 0 && b[0] != '{' && b[0] != '[' && string(b) != "null":
		*l = loose(b)
	}
	return nil // what is nothing simple is as good as absent
}

func readReport(raw []byte) (Report, error) {
	var x struct {
		Event     loose `json:"event"`
		ID        loose `json:"sg_event_id"`
		MessageID loose `json:"message_id"`
		SMTPID    loose `json:"smtp-id"`
		Provider  loose `json:"sg_message_id"`
		Timestamp loose `json:"timestamp"`
		Type      loose `json:"type"`
		Machine   loose `json:"sg_machine_open"`
		Reason    loose `json:"reason"`
		Response  loose `json:"response"`
		Status    loose `json:"status"`
		Attempt   loose `json:"attempt"`
		Tracked   loose `json:"tracked"`
		UserAgent loose `json:"useragent"`
		URL       loose `json:"url"`
		Offset    struct {
			Index loose `json:"index"`
		} `json:"url_offset"`
	}
	if err := json.Unmarshal(raw, &x); err != nil {
		return Report{}, fmt.Errorf("read report: %w", err)
	}
	seconds, err := strconv.ParseFloat(string(x.Timestamp), 64)
	if err != nil || seconds < 1 || seconds > 1<<40 {
		return Report{}, errors.New("read report: it has no time")
	}
	if x.Event == "" || x.ID == "" {
		return Report{}, errors.New("read report: it has no type or id")
	}
	r := Report{Type: string(x.Event), ID: clip(string(x.ID), 200), MessageID: string(x.MessageID), SMTPID: strings.Trim(string(x.SMTPID), "<> "), At: time.Unix(int64(seconds), 0).UTC(),
		Blocked: x.Type == "blocked", Machine: x.Machine == "true", Reason: clip(string(x.Reason+x.Response), 500), Status: statusOf(string(x.Status))}
	r.Provider, _, _ = strings.Cut(clip(string(x.Provider), 200), ".")
	r.Attempt, _ = strconv.Atoi(string(x.Attempt))
	r.Tracked, r.UserAgent, r.URL = clip(string(x.Tracked), 40), clip(string(x.UserAgent), 500), clip(string(x.URL), 4000)
	if n, err := strconv.ParseUint(string(x.Offset.Index), 10, 16); err == nil {
		r.Link = int(n)
	}
	r.Code, r.Status = codesIn(r.Reason, r.Status)
	return r, nil
}

var (
	enhanced  = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}$`)
	replyCode = regexp.MustCompile(`^([245]\d\d)(?:[ -]#?([245]\.\d{1,3}\.\d{1,3})?|$)`)
)

func statusOf(s string) string {
	if enhanced.MatchString(s) {
		return s
	}
	return ""
}

// codesIn finds the reply's code, and the enhanced one where it isn't known yet, in front of the words of a server.
func codesIn(reason, status string) (code int, _ string) {
	m := replyCode.FindStringSubmatch(reason)
	if m == nil {
		return 0, status
	}
	code, _ = strconv.Atoi(m[1])
	if status == "" || m[2] != "" {
		status = m[2]
	}
	return code, status
}
