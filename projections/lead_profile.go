package projections

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// LeadProfile is a lead's typed fields, in its row and in a sealed profile; nil when they are not known or can't be read any more.
type LeadProfile struct {
	Email       *string `db:"email" json:"email"`
	FirstName   *string `db:"first_name" json:"first_name"`
	LastName    *string `db:"last_name" json:"last_name"`
	Phone       *string `db:"phone" json:"phone"`
	CompanyName *string `db:"company_name" json:"company_name"`
	JobTitle    *string `db:"job_title" json:"job_title"`
	LinkedInURL *string `db:"linkedin_url" json:"linkedin_url"`
	Website     *string `db:"website" json:"website"`
	City        *string `db:"city" json:"city"`
	Country     *string `db:"country" json:"country"`
}

type personalField struct {
	name string
	to   **string
}

// personalFields lists the fields with their columns. Reading, writing and erasing a lead follow it.
func (l *LeadProfile) personalFields() [10]personalField {
	return [...]personalField{{"email", &l.Email}, {"first_name", &l.FirstName}, {"last_name", &l.LastName}, {"phone", &l.Phone}, {"company_name", &l.CompanyName},
		{"job_title", &l.JobTitle}, {"linkedin_url", &l.LinkedInURL}, {"website", &l.Website}, {"city", &l.City}, {"country", &l.Country}}
}

// wholeProfile is the sealed profile of a new lead, in which null means the same as absence: it is read twice as fast as a patch.
type wholeProfile struct {
	LeadProfile
	events.LeadWords
	Custom json.RawMessage `json:"custom"`
}

// profilePatch is a sealed change: null clears a field (RFC 7396), absence leaves it.
type profilePatch map[string]json.RawMessage

// PersonalFields returns the personal fields besides custom ones, by name; empty when not known.
func (l *Lead) PersonalFields() map[string]string {
	out := map[string]string{}
	for _, f := range l.personalFields() {
		if out[f.name] = ""; *f.to != nil {
			out[f.name] = **f.to
		}
	}
	return out
}

// mergeProfile applies a sealed merge patch and returns the words in it; fresh = the lead is new. Without the key it does
// nothing: the person was erased.
func (l *Lead) mergeProfile(keys map[pii.Ref]pii.Key, r pii.Ref, s events.Sealed, fresh bool) (w events.LeadWords, err error) {
	key, ok := keys[r]
	if !ok {
		return w, nil
	}
	plain, err := key.Open(ProfileField, pii.Sealed(s))
	if errors.Is(err, pii.ErrUnreadable) {
		return w, nil // written by someone who shouldn't; nothing to show, and no reason to stop everybody's leads
	}
	if err != nil {
		return w, err
	}
	plain, _ = withoutNUL(plain)
	if fresh {
		return l.fillProfile(plain)
	}
	if err := es.Unmarshal(plain, &w); err != nil {
		return w, fmt.Errorf("profile: %w", err)
	}
	return w, l.patchProfile(plain)
}

func (l *Lead) patchProfile(plain []byte) error {
	var p profilePatch
	if err := es.Unmarshal(plain, &p); err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	for _, v := range l.personalFields() {
		raw, ok := p[v.name]
		if !ok {
			continue
		}
		if *v.to = nil; bytes.Equal(raw, []byte("null")) {
			continue
		}
		var text string
		if err := es.Unmarshal(raw, &text); err != nil {
			return fmt.Errorf("profile %s: %w", v.name, err)
		}
		if text != "" {
			*v.to = &text
		}
	}
	l.Search = l.searchText()
	return l.mergeCustom(p["custom"])
}

func (l *Lead) fillProfile(plain []byte) (events.LeadWords, error) {
	var w wholeProfile
	if err := es.Unmarshal(plain, &w); err != nil {
		return w.LeadWords, fmt.Errorf("profile: %w", err)
	}
	given := w.personalFields()
	for i, v := range l.personalFields() {
		if text := *given[i].to; text != nil && *text != "" {
			*v.to = text
		}
	}
	l.Search = l.searchText()
	return w.LeadWords, l.mergeCustom(w.Custom)
}

func (l *Lead) mergeCustom(patch json.RawMessage) error {
	if len(patch) == 0 {
		return nil
	}
	var have, want map[string]*string
	if !bytes.Equal(l.Custom, []byte("{}")) {
		if err := es.Unmarshal(l.Custom, &have); err != nil {
			return fmt.Errorf("custom fields: %w", err)
		}
	}
	if err := es.Unmarshal(patch, &want); err != nil {
		return fmt.Errorf("profile custom: %w", err)
	}
	if have == nil || want == nil {
		have = map[string]*string{}
	}
	for k, v := range want {
		if have[k] = v; v == nil || *v == "" {
			delete(have, k)
		}
	}
	b, err := es.Marshal(have)
	l.Custom = b
	return err
}
