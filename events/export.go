package events

import "time"

// What an export holds.
const (
	ExportLeads        = "leads"
	ExportMessages     = "messages"
	ExportSuppressions = "suppressions"
)

// ExportRequested asks for a file that may be downloaded until it expires. Filter is what the caller asked for, sealed under a
// key of the export: an address may stand in it.
type ExportRequested struct {
	ExportRef
	Kind      string    `json:"kind"`
	Filter    Sealed    `json:"filter"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (ExportRequested) EventType() string { return "export.requested.v1" }

// ExportCompleted says that the file is there, encrypted under a key that is destroyed when it expires.
type ExportCompleted struct {
	ExportRef
	Rows  int   `json:"rows"`
	Bytes int64 `json:"bytes"`
}

func (ExportCompleted) EventType() string { return "export.completed.v1" }

// ExportFailed says that there will be no file.
type ExportFailed struct {
	ExportRef
	Reason string `json:"reason"`
}

func (ExportFailed) EventType() string { return "export.failed.v1" }

// Why an export is discarded.
const (
	DiscardedPersonErased = "person_erased" // who may stand in it
	DiscardedAsked        = "asked"
)

// ExportDiscarded takes the file away before it expires.
type ExportDiscarded struct {
	ExportRef
	Reason string `json:"reason"`
}

func (ExportDiscarded) EventType() string { return "export.discarded.v1" }

// ExportDownloaded says that somebody, the event's actor, began to fetch the file.
type ExportDownloaded struct {
	ExportRef
}

func (ExportDownloaded) EventType() string { return "export.downloaded.v1" }
