package es

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// Bounds of what is remembered of command ids, by the log's time and per organisation.
const (
	WindowAge  = 24 * time.Hour
	WindowSize = 100_000
	// WindowDetail bounds the details of answers (lists of refused rows), in bytes: the oldest are forgotten first. A
	// repeat is then answered without them.
	WindowDetail = 4 << 20
)

// answerHistory remembers the answers to an organisation's newest command ids, the oldest first forgotten. It changes only by
// applying events, so every owner forgets the same.
type answerHistory struct {
	answers map[uuid.UUID]keptAnswer
	order   []uuid.UUID // oldest first, from head
	head    int
	forgot  int64 // µs; the newest time of a forgotten answer; 0 = none was forgotten

	detailed []uuid.UUID // answers with a detail, oldest first
	details  int         // bytes of them
}

// keptAnswer is an Answer, small: a plain acceptance needs no pointer.
type keptAnswer struct {
	fingerprint uint64
	pseq, oseq  int64
	at          int64 // µs
	subject     uuid.UUID
	outcome     uint8
	more        *moreAnswer
}

type moreAnswer struct {
	subject string
	code    string
	detail  json.RawMessage
}

var outcomes = [...]Outcome{Accepted, Refused, Noop} //nolint:gochecknoglobals // a constant table

func (w *answerHistory) addAnswer(a *Answer, fingerprint uint64) {
	r := keptAnswer{fingerprint: fingerprint, pseq: a.Pseq, oseq: a.Oseq, at: a.Time.UnixMicro()}
	for i, o := range outcomes {
		if o == a.Outcome {
			r.outcome = uint8(i)
		}
	}
	id, ok := parseUUID([]byte(a.Subject))
	if ok && a.Code == "" && a.Detail == nil && id.String() == a.Subject {
		r.subject = id
	} else {
		r.more = &moreAnswer{a.Subject, a.Code, a.Detail}
	}
	if w.answers == nil {
		w.answers = map[uuid.UUID]keptAnswer{}
	}
	w.answers[a.CommandID] = r
	w.order = append(w.order, a.CommandID)
	if len(a.Detail) > 0 {
		w.detailed, w.details = append(w.detailed, a.CommandID), w.details+len(a.Detail)
	}
	w.forgetBefore(a.Time)
}

func (w *answerHistory) forgetBefore(now time.Time) {
	limit := now.Add(-WindowAge).UnixMicro()
	for w.head < len(w.order) && (len(w.order)-w.head > WindowSize || w.answers[w.order[w.head]].at < limit) {
		w.forgetDetail(w.order[w.head])
		w.forgot = max(w.forgot, w.answers[w.order[w.head]].at)
		delete(w.answers, w.order[w.head])
		w.head++
	}
	for w.details > WindowDetail {
		w.forgetDetail(w.detailed[0])
	}
	if w.head > 1024 && w.head > len(w.order)/2 {
		w.order = append([]uuid.UUID(nil), w.order[w.head:]...)
		w.head = 0
	}
}

// mayHaveForgotten reports whether an unknown command of that time may have been decided before, so that this is a repeat of it:
// its answer, which isn't older than the command, would be among the forgotten.
func (w *answerHistory) mayHaveForgotten(command time.Time) bool {
	return command.UnixMicro() < w.forgot
}

// forgetDetail drops the detail of an answer that is the oldest with one.
func (w *answerHistory) forgetDetail(id uuid.UUID) {
	if len(w.detailed) == 0 || w.detailed[0] != id {
		return
	}
	if r := w.answers[id]; r.more != nil {
		w.details -= len(r.more.detail)
		r.more = &moreAnswer{r.more.subject, r.more.code, nil}
		w.answers[id] = r
	}
	w.detailed = w.detailed[1:]
}

func (w *answerHistory) answerTo(id uuid.UUID, partition int32) (a Answer, fingerprint uint64, ok bool) {
	r, ok := w.answers[id]
	if !ok {
		return a, 0, false
	}
	a = Answer{CommandID: id, Outcome: outcomes[r.outcome], Time: time.UnixMicro(r.at).UTC(), Partition: partition, Pseq: r.pseq, Oseq: r.oseq}
	if r.more != nil {
		a.Subject, a.Code, a.Detail = r.more.subject, r.more.code, r.more.detail
	} else {
		a.Subject = r.subject.String()
	}
	return a, r.fingerprint, true
}
