package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// MaxExports bounds the files of an organisation that can be downloaded at once.
const MaxExports = 20

// RequestExport asks for a file; see events.ExportRequested.
type RequestExport struct {
	ExportID uuid.UUID     `json:"export_id"`
	Kind     string        `json:"kind"`
	Filter   events.Sealed `json:"filter"`
}

func (RequestExport) CommandType() string { return "export.request.v1" }

// Decide allows a new file unless there are too many already.
func (c RequestExport) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch c.Kind {
	case events.ExportLeads, events.ExportMessages, events.ExportSuppressions:
	default:
		return nil, errInvalid("kind", "must be leads, messages or suppressions")
	}
	switch {
	case c.ExportID == uuid.Nil:
		return nil, errInvalid("export_id", "is missing")
	case c.Filter.IsZero():
		return nil, errInvalid("filter", "is missing")
	case o.Exports.Kept(c.ExportID):
		return nil, nil
	case o.Exports.KeptAt(now) >= MaxExports:
		return nil, errInvalid("kind", strconv.Itoa(MaxExports)+" exports can be downloaded now; delete one, or wait until one expires")
	}
	return oneEvent(events.ExportRequested{ExportRef: events.ExportRef{ExportID: c.ExportID}, Kind: c.Kind, Filter: c.Filter, ExpiresAt: now.Add(aggregates.ExportKept)})
}

// CompleteExport records that the file is there.
type CompleteExport struct {
	ExportID uuid.UUID `json:"export_id"`
	Rows     int       `json:"rows"`
	Bytes    int64     `json:"bytes"`
}

func (CompleteExport) CommandType() string { return "export.complete.v1" }

// Decide refuses a file whose export was discarded: it must not stay.
func (c CompleteExport) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case !o.Exports.Kept(c.ExportID):
		return nil, errNotFound(c.ExportID)
	case !o.Exports.Running(c.ExportID):
		return nil, nil
	case c.Rows < 0 || c.Bytes < 0:
		return nil, errInvalid("rows", "can't be negative")
	}
	return oneEvent(events.ExportCompleted{ExportRef: events.ExportRef{ExportID: c.ExportID}, Rows: c.Rows, Bytes: c.Bytes})
}

// FailExport records that there will be no file.
type FailExport struct {
	ExportID uuid.UUID `json:"export_id"`
	Reason   string    `json:"reason"`
}

func (FailExport) CommandType() string { return "export.fail.v1" }

// Decide has nothing to do for an export that isn't running.
func (c FailExport) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkText("reason", c.Reason, 1, 500); err != nil {
		return nil, err
	}
	if !o.Exports.Running(c.ExportID) {
		return nil, nil
	}
	return oneEvent(events.ExportFailed{ExportRef: events.ExportRef{ExportID: c.ExportID}, Reason: c.Reason})
}

// DiscardExport removes a file before it expires.
type DiscardExport struct {
	ExportID uuid.UUID `json:"export_id"`
}

func (DiscardExport) CommandType() string { return "export.discard.v1" }

// Decide doesn't find a discarded export, so the second request is refused.
func (c DiscardExport) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if !o.Exports.Kept(c.ExportID) {
		return nil, errNotFound(c.ExportID)
	}
	return oneEvent(events.ExportDiscarded{ExportRef: events.ExportRef{ExportID: c.ExportID}, Reason: events.DiscardedAsked})
}

// DownloadExport records who downloads a file.
type DownloadExport struct {
	ExportID uuid.UUID `json:"export_id"`
}

func (DownloadExport) CommandType() string { return "export.download.v1" }

// Decide records each download.
func (c DownloadExport) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if !o.Exports.Kept(c.ExportID) || o.Exports.Running(c.ExportID) {
		return nil, errNotFound(c.ExportID)
	}
	return oneEvent(events.ExportDownloaded{ExportRef: events.ExportRef{ExportID: c.ExportID}})
}

// discardExports removes every file that may contain an erased person.
func discardExports(o *aggregates.Organization) (out []events.Event) {
	for _, id := range o.Exports.All() {
		out = append(out, events.ExportDiscarded{ExportRef: events.ExportRef{ExportID: id}, Reason: events.DiscardedPersonErased})
	}
	return out
}
