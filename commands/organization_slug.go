package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// ChangeSlug is sent after the edge has reserved the slug.
type ChangeSlug struct {
	Slug      string `json:"slug"`
	IfVersion *int   `json:"if_version,omitzero"`
}

func (ChangeSlug) CommandType() string { return "organization.change_slug.v1" }

// Decide has nothing to do for the slug that it has.
func (c ChangeSlug) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if c.Slug == o.Slug {
		return nil, nil
	}
	if !validSlug(c.Slug) {
		return nil, errInvalid("slug", "must be 2 to 40 of a-z, 0-9 and -, not at the ends")
	}
	if err := checkVersion(o.ID, c.IfVersion, o.Version); err != nil {
		return nil, err
	}
	return oneEvent(events.OrganizationSlugChanged{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, Slug: c.Slug, From: o.Slug})
}

// RecordPersonalDataDownload says that somebody fetches a file with data of people; the edge gives it after that.
type RecordPersonalDataDownload struct {
	What string    `json:"what"`
	Of   uuid.UUID `json:"of,omitzero"`
}

func (RecordPersonalDataDownload) CommandType() string { return "personal_data.record_download.v1" }

// Decide knows of what.
func (c RecordPersonalDataDownload) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case c.What != events.DownloadedHistory && c.What != events.DownloadedImportErrors:
		return nil, errInvalid("what", "must be history or import_errors")
	case c.What == events.DownloadedImportErrors && c.Of == uuid.Nil:
		return nil, errInvalid("of", "is missing")
	}
	return oneEvent(events.PersonalDataDownloaded{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, What: c.What, Of: c.Of})
}
