package processor

import (
	"context"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
)

// appendRecord appends a record to the log. It outlives ctx: a numbered event has to reach the log, or be known not to have.
func (a *attempt) appendRecord(r *kgo.Record) {
	r.Topic = a.x.cfg.Log.Events()
	appended := a.noteAppended
	if a.x.cfg.Trace.Append != nil {
		appended = a.traceAppend(r, appended)
	}
	a.x.prod.Produce(context.Background(), r, appended)
}

// traceAppend returns a callback that also traces how long the acknowledgement took.
func (a *attempt) traceAppend(r *kgo.Record, then func(*kgo.Record, error)) func(*kgo.Record, error) {
	entry, err := es.ParseLog(r)
	if err != nil || entry.Event == nil || !entry.Event.Last {
		return then
	}
	end := a.x.cfg.Trace.Append(entry.Event.TraceParent, entry.Event.Type, entry.Event.CorrelationID)
	return func(r *kgo.Record, err error) {
		end(err)
		then(r, err)
	}
}

// noteAppended lets the log show a record as soon as the broker has said where it stands.
func (a *attempt) noteAppended(r *kgo.Record, err error) {
	if err != nil {
		a.work.noteFailed(&topicError{a.x.cfg.Log.Events(), err})
		return
	}
	a.x.log.takeAcknowledged(r)
}

// Headers of a reply, beside its key (command id, 16 bytes) and its value (es.Answer as JSON).
const (
	HeaderFingerprint = "fingerprint" // hexadecimal, of the command record that is answered
	HeaderAsk         = "ask"         // the record was an ask
)

func (a *attempt) sendReply(rp *es.CommandReply) {
	if a.x.cfg.Shortcut.Answer(rp) {
		a.x.stats.Answers.Add(1)
		return
	}
	b, err := es.Marshal(rp.Answer)
	if err != nil {
		a.x.cfg.Report("answer can't be written", "command", rp.Answer.CommandID, "error", err)
		return
	}
	id := rp.Answer.CommandID
	r := &kgo.Record{Topic: a.x.cfg.Log.ReplyTopic(), Partition: rp.To, Key: id[:], Value: b}
	if rp.Fingerprint != 0 {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: HeaderFingerprint, Value: strconv.AppendUint(nil, rp.Fingerprint, 16)})
	}
	if rp.Ask {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: HeaderAsk})
	}
	a.x.cfg.Keys.SignReply(r)
	a.x.stats.Answers.Add(1)
	a.x.prod.Produce(context.Background(), r, nil) // a lost one costs a repeat
}
