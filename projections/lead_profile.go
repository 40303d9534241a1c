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

// whole is what a new lead's seal holds, where null says as little as absence: read at twice the rate of a patch.
type whole struct {
	Email       *string         `json:"email"`
	FirstName   *string         `json:"first_name"`
	LastName    *string         `json:"last_name"`
	Phone       *string         `json:"phone"`
	CompanyName *string         `json:"company_name"`
	JobTitle    *string         `json:"job_title"`
	LinkedInURL *string         `json:"linkedin_url"`
	Website     *string         `json:"website"`
	City        *string         `json:"city"`
	Country     *string         `json:"country"`
	Custom      json.RawMessage `json:"custom"`
}

// profile is what a seal holds: null clears a field (RFC 7396), absence leaves it.
type profile map[string]json.RawMessage

type personalField struct {
	name string
	to   **string
}

func (l *Lead) personalFields() [10]personalField {
	return [10]personalField{{"email", &l.Email}, {"first_name", &l.FirstName}, {"last_name", &l.LastName}, {"phone", &l.Phone}, {"company_name", &l.CompanyName},
		{"job_title", &l.JobTitle}, {"linkedin_url", &l.LinkedInURL}, {"website", &l.Website}, {"city", &l.City}, {"country", &l.Country}}
}

// PersonalFields returns the personal fields besides custom ones, by name; empty where nobody filled them.
func (l *Lead) PersonalFields() map[string]string {
	out := map[string]string{}
	for _, f := range l.personalFields() {
		if out[f.name] = ""; *f.to != nil {
			out[f.name] = **f.to
		}
	}
	return out
}

// mergeProfile opens a sealed merge patch; fresh = the lead has nothing yet. Without its key it says nothing: the person was erased.
func (l *Lead) mergeProfile(keys map[pii.Ref]pii.Key, r pii.Ref, s events.Sealed, fresh bool) error {
	key, ok := keys[r]
	if !ok {
		return nil
	}
	plain, err := key.Open(ProfileField, pii.Sealed{Key: pii.KeyID(s.K), Ciphertext: s.C})
	if errors.Is(err, pii.ErrUnreadable) {
		return nil // written by someone who shouldn't; nothing to show, and no reason to stop everybody's leads
	}
	if err != nil {
		return err
	}
	plain, _ = withoutNUL(plain)
	if fresh {
		return l.fillProfile(plain)
	}
	var p profile
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
	return l.mergeCustom(p["custom"])
}

func (l *Lead) fillProfile(plain []byte) error {
	var w whole
	if err := es.Unmarshal(plain, &w); err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	given := [10]*string{w.Email, w.FirstName, w.LastName, w.Phone, w.CompanyName, w.JobTitle, w.LinkedInURL, w.Website, w.City, w.Country}
	for i, v := range l.personalFields() {
		if given[i] != nil && *given[i] != "" {
			*v.to = given[i]
		}
	}
	return l.mergeCustom(w.Custom)
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
