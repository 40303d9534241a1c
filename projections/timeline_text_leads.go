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

type leadSupplementedDetail struct {
	Filled   []string  `json:"filled"`
	ImportID uuid.UUID `json:"import_id"`
	Row      int       `json:"row"`
}

func (d leadSupplementedDetail) toSentence() sentence {
	return sentence{english: strings.TrimSpace(fmt.Sprintf("Row %d of a file brought more.", d.Row) + listFields("Filled:", d.Filled))}
}

type leadRetaggedDetail struct {
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
}

func (d leadRetaggedDetail) toSentence() sentence {
	return sentence{english: strings.TrimSpace("Tags were changed." + listFields("Added:", d.Added) + listFields("Removed:", d.Removed))}
}

// reasonDetail is for events with a reason and nothing else.
type reasonDetail struct {
	Reason string `json:"reason"`
}

type suppressionAddedDetail struct {
	Kind       string `json:"kind"`
	Reason     string `json:"reason"`
	Subdomains bool   `json:"subdomains,omitzero"`

	SuppressionID uuid.UUID `json:"suppression_id,omitzero"`
}

func (d suppressionAddedDetail) toSentence() sentence {
	if d.Subdomains {
		return sentence{"subdomains", "Nothing may be sent to this domain and those below it any more" + addReason(d.Reason) + "."}
	}
	return sentence{english: "Nothing may be sent to this " + d.Kind + " any more" + addReason(d.Reason) + "."}
}

type suppressionRemovedDetail struct {
	Kind       string `json:"kind"`
	Subdomains bool   `json:"subdomains,omitzero"`

	SuppressionID uuid.UUID `json:"suppression_id,omitzero"`
}

func (d suppressionRemovedDetail) toSentence() sentence {
	if d.Subdomains {
		return sentence{"subdomains", "This domain and those below it may be written to again."}
	}
	return sentence{english: "This " + d.Kind + " may be written to again."}
}

type suppressionChunkDetail struct {
	Chunk   int `json:"chunk"`
	Rows    int `json:"rows"`
	Added   int `json:"added"`
	Already int `json:"already"`
	Refused int `json:"refused"`
}

func (d suppressionChunkDetail) toSentence() sentence {
	return sentence{english: fmt.Sprintf("Part %d of a file to suppress: %d rows, %d added, %d suppressed already, %d refused.", d.Chunk, d.Rows, d.Added, d.Already, d.Refused)}
}

type commandRefusedDetail struct {
	Command string          `json:"command"`
	Code    string          `json:"code"`
	Detail  json.RawMessage `json:"detail"`
}

func (d commandRefusedDetail) toSentence() sentence {
	return sentence{english: "A request was refused (" + d.Command + ")" + addReason(d.Code) + "."}
}

// leadTexts are for leads, for suppressions, and for refused commands.
func leadTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.LeadCreated) leadCreatedDetail {
			return leadCreatedDetail{e.Source, shownFields(e.Filled), e.ImportID, e.Row}
		}, leadCreatedDetail.toSentence),
		tellAs(func(e events.LeadUpdated) leadUpdatedDetail {
			return leadUpdatedDetail{shownFields(e.Filled), shownFields(e.Cleared)}
		}, leadUpdatedDetail.toSentence),
		tellAs(func(e events.LeadSupplemented) leadSupplementedDetail {
			return leadSupplementedDetail{shownFields(e.Filled), e.ImportID, e.Row}
		}, leadSupplementedDetail.toSentence),
		tellAs(func(e events.LeadRetagged) leadRetaggedDetail { return leadRetaggedDetail{e.Added, e.Removed} }, leadRetaggedDetail.toSentence),
		tellAs(func(e events.LeadRemoved) reasonDetail { return reasonDetail{e.Reason} }, func(d reasonDetail) sentence {
			return sentence{english: "Was removed" + addReason(d.Reason) + "."}
		}),
		tellSentence[events.LeadErased]("Was erased: nobody can read any more what was known of this person."),
		tellAs(func(e events.SuppressionAdded) suppressionAddedDetail {
			return suppressionAddedDetail{e.Kind, e.Reason, e.Subdomains, e.SuppressionID}
		}, suppressionAddedDetail.toSentence),
		tellAs(func(e events.SuppressionRemoved) suppressionRemovedDetail {
			return suppressionRemovedDetail{e.Kind, e.Subdomains, e.SuppressionID}
		}, suppressionRemovedDetail.toSentence),
		tellNothing[events.SubdomainKnown](), // it is only about a domain
		tellAs(func(e events.SuppressionChunkRecorded) suppressionChunkDetail {
			return suppressionChunkDetail{e.Chunk, e.Rows, e.Added, e.Already, e.Refused}
		}, suppressionChunkDetail.toSentence),
		tellAs(func(e es.CommandRefused) commandRefusedDetail {
			return commandRefusedDetail{e.Command, e.Code, e.Detail}
		}, commandRefusedDetail.toSentence),
		tellNothing[es.CommandNoop](), // nothing happened
	}
}
