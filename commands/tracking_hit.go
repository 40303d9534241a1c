package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// RecordHits records up to MaxItems opens and clicks.
type RecordHits struct {
	Hits []Hit `json:"hits"`
}

// Hit is a fetch of the pixel, or of a tracked link.
type Hit struct {
	events.SentMessageRef
	HitID  uuid.UUID     `json:"hit_id"`
	Link   *int          `json:"link,omitzero"` // nil = the pixel
	Class  string        `json:"class"`
	At     time.Time     `json:"at"`
	Client events.Sealed `json:"client,omitzero"`
}

func (RecordHits) CommandType() string { return "message.record_hits.v1" }

// Decide records what was fetched. What a person or their mail program fetches names a message that has arrived: that ends a doubt; filters may look before a server takes it.
func (c RecordHits) Decide(_ time.Time, o *aggregates.Organization) (out []events.Event, err error) {
	if err := checkCount("hits", len(c.Hits)); err != nil {
		return nil, err
	}
	resolved := map[uuid.UUID]bool{}
	for i, h := range c.Hits {
		field := "hits." + strconv.Itoa(i)
		if h.Class != events.ClassScanner && !resolved[h.MessageID] {
			resolved[h.MessageID] = true
			out = append(out, resolveDoubt(o, h.MessageID, events.ResolvedByHit)...)
		}
		switch {
		case !validClass(h.Class):
			return nil, errInvalid(field+".class", "must be human, proxy or scanner")
		case h.Link != nil && *h.Link < 0:
			return nil, errInvalid(field+".link", "must be 0 or more")
		case h.Link == nil:
			out = append(out, events.MessageOpened{SentMessageRef: h.SentMessageRef, HitID: h.HitID, Class: h.Class, At: h.At, Client: h.Client})
		default:
			out = append(out, events.MessageClicked{SentMessageRef: h.SentMessageRef, HitID: h.HitID, Link: *h.Link, Class: h.Class, At: h.At, Client: h.Client})
		}
		if err := checkAnswered(field, h.SentMessageRef); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ReclassifyHits corrects who (a person or a machine) caused hits.
type ReclassifyHits struct {
	Hits []HitClass `json:"hits"`
}

// HitClass is the corrected class of a hit.
type HitClass struct {
	events.SentMessageRef
	HitID  uuid.UUID `json:"hit_id"`
	Class  string    `json:"class"`
	Reason string    `json:"reason"`
}

func (ReclassifyHits) CommandType() string { return "message.reclassify_hits.v1" }

// Decide records the corrected classes.
func (c ReclassifyHits) Decide(time.Time, *aggregates.Organization) (out []events.Event, err error) {
	if err := checkCount("hits", len(c.Hits)); err != nil {
		return nil, err
	}
	for i, h := range c.Hits {
		field := "hits." + strconv.Itoa(i)
		if !validClass(h.Class) {
			return nil, errInvalid(field+".class", "must be human, proxy or scanner")
		}
		if err := firstError(checkAnswered(field, h.SentMessageRef), checkText(field+".reason", h.Reason, 0, 200)); err != nil {
			return nil, err
		}
		out = append(out, events.HitReclassified(h))
	}
	return out, nil
}

func validClass(s string) bool {
	return s == events.ClassHuman || s == events.ClassProxy || s == events.ClassScanner
}
