package projections

import (
	"bytes"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// Needs decides which events a Past must be given for one row of one read model. The others need not even be decoded.
type Needs struct {
	row   []byte // its id
	types map[string]rowReach
}

type rowReach int

const (
	toNone  rowReach = iota // events of the type change no row of the model
	toNamed                 // only rows whose ids they contain
	toAny
)

// NeedsOf asks the code that changes the rows for which events it does, so that a new type can't be forgotten here.
func NeedsOf(model string, row uuid.UUID) Needs {
	n := Needs{[]byte(row.String()), map[string]rowReach{}}
	for _, x := range events.Catalogue() {
		n.types[x.Zero.EventType()] = reachOf(model, &es.Event{Payload: x.Zero})
		if x.Retired { // it is read as a newer one
			n.types[x.Zero.EventType()] = toAny
		}
	}
	return n
}

// Has reports whether an undecoded event is needed. An unknown type is needed, so that decoding it fails.
func (n Needs) Has(e *es.Event) bool {
	r, known := n.types[e.Type]
	return !known || r == toAny || r == toNamed && bytes.Contains(e.Data, n.row)
}

func reachOf(model string, e *es.Event) rowReach {
	var named, wide bool
	switch model {
	case "organizations":
		wide = changesOrganization(e) // they are few, and don't need to contain the id
	case "campaigns": // and enrollments, which depend on their campaign and their lead
		_, started := e.Payload.(events.EnrollmentStarted)
		_, campaign := campaignOf(e)
		_, enrollment := enrollmentOf(e)
		_, gone := goneLead(e)
		named, wide = started || enrollment, gone || campaign && !started
	case "leads":
		_, named = leadIn(e)
		_, wide = e.Payload.(events.SuppressionEvent) // which contain no lead's id
	case "mailboxes":
		_, named = mailboxOf(e)
	case "messages":
		_, message := messageOf(e)
		_, answer := Answering(e)
		named = message || answer
	default:
		wide = true
	}
	switch {
	case wide:
		return toAny
	case named:
		return toNamed
	}
	return toNone
}

func changesOrganization(e *es.Event) bool {
	rows, before := newFold[id, Organization](), &Organization{}
	rows.putRow(id{e.Org, e.Org}, before)
	err := applyOrganization(rows, e)
	return err != nil || rows.rows[id{e.Org, e.Org}] != before || before.Version != 0
}
