package projections

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

type leadCreatedDetail struct {
	Source   string    `json:"source"`
	Filled   []string  `json:"filled"`
	ImportID uuid.UUID `json:"import_id,omitzero"`
	Row      int       `json:"row,omitzero"`
}

func (d leadCreatedDetail) toSentence() sentence {
	if d.ImportID != uuid.Nil {
		return sentence{"imported", fmt.Sprintf("Imported as a new lead, from row %d of a file.", d.Row)}
	}
	return sentence{english: "Became a lead (" + spellOut(d.Source) + ")."}
}

type leadUpdatedDetail struct {
	Filled  []string `json:"filled,omitempty"`
	Cleared []string `json:"cleared,omitempty"`
}

func (d leadUpdatedDetail) toSentence() sentence {
	return sentence{english: strings.TrimSpace("Was changed." + listFields("Filled:", d.Filled) + listFields("Cleared:", d.Cleared))}
}

// reasonDetail is of what has a reason and nothing else.
type reasonDetail struct {
	Reason string `json:"reason"`
}

type suppressionAddedDetail struct {
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
}

func (d suppressionAddedDetail) toSentence() sentence {
	return sentence{english: "Nothing may be sent to this " + d.Kind + " any more" + addReason(d.Reason) + "."}
}

type suppressionRemovedDetail struct {
	Kind string `json:"kind"`
}

func (d suppressionRemovedDetail) toSentence() sentence {
	return sentence{english: "This " + d.Kind + " may be written to again."}
}

type commandRefusedDetail struct {
	Command string          `json:"command"`
	Code    string          `json:"code"`
	Detail  json.RawMessage `json:"detail"`
}

func (d commandRefusedDetail) toSentence() sentence {
	return sentence{english: "A request was refused (" + d.Command + ")" + addReason(d.Code) + "."}
}

// leadTexts are of a lead, of what keeps it from being written to, and of what was asked for and refused.
func leadTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.LeadCreated) leadCreatedDetail {
			return leadCreatedDetail{e.Source, e.Filled, e.ImportID, e.Row}
		}, leadCreatedDetail.toSentence),
		tellAs(func(e events.LeadUpdated) leadUpdatedDetail { return leadUpdatedDetail{e.Filled, e.Cleared} }, leadUpdatedDetail.toSentence),
		tellAs(func(e events.LeadRemoved) reasonDetail { return reasonDetail{e.Reason} }, func(d reasonDetail) sentence {
			return sentence{english: "Was removed" + addReason(d.Reason) + "."}
		}),
		tellSentence[events.LeadErased]("Was erased: nobody can read any more what was known of this person."),
		tellAs(func(e events.SuppressionAdded) suppressionAddedDetail {
			return suppressionAddedDetail{e.Kind, e.Reason}
		}, suppressionAddedDetail.toSentence),
		tellAs(func(e events.SuppressionRemoved) suppressionRemovedDetail { return suppressionRemovedDetail{e.Kind} }, suppressionRemovedDetail.toSentence),
		tellAs(func(e es.CommandRefused) commandRefusedDetail {
			return commandRefusedDetail{e.Command, e.Code, e.Detail}
		}, commandRefusedDetail.toSentence),
		tellNothing[es.CommandNoop](), // nothing happened
	}
}
