package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/internal/zone"
)

const signUpTime = 24 * time.Hour

// pendingSignUp waits in a link until somebody has shown that the address is theirs: until then there is neither person nor organisation.
type pendingSignUp struct {
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name"`
	Password     string `json:"password"` // its hash
	Organization string `json:"organization"`
	TimeZone     string `json:"time_zone"`
}

// SignUp answers the same, after the same work, whether somebody has the address.
func (h *Handlers) SignUp(ctx context.Context, c *Call) error {
	var body gen.SignUp
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	email, err := normalize(body.Email)
	if err != nil {
		return err
	}
	if body.TimeZone == "" {
		body.TimeZone = "UTC"
	}
	if !zone.Known(body.TimeZone) {
		return refuseField("time_zone", "is not an IANA time zone")
	}
	if err := identity.CheckPassword(body.Password, email); err != nil {
		return refuseField("password", err.Error())
	}
	if err := h.CanMail(); err != nil {
		return err
	}
	if err := h.limitTries(ctx, c); err != nil {
		return err
	}
	hash, err := h.cfg.People.HashPassword(ctx, body.Password)
	if err != nil {
		return err
	}
	_, err = h.cfg.People.ByEmail(ctx, email)
	known := err == nil
	if err != nil && !errors.Is(err, identity.ErrNotFound) {
		return err
	}
	kind := identity.LinkSignUp
	if known {
		kind = identity.LinkDecoy
	}
	token, err := h.cfg.Links.Issue(ctx, kind, email, pendingSignUp{body.FirstName, body.LastName, hash, body.OrganizationName, body.TimeZone}, signUpTime)
	if err != nil {
		return err
	}
	if known {
		h.send(email, mailAlreadyThere(h.cfg.BaseURL))
	} else {
		h.send(email, mailVerify(h.link("verify-email", token)))
	}
	c.Status(http.StatusAccepted)
	return nil
}

// VerifyEmail makes the person and their organisation. All ids follow from the link, so that it may be repeated until it has succeeded.
func (h *Handlers) VerifyEmail(ctx context.Context, c *Call) error {
	var body gen.MailedToken
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	if err := h.limitTries(ctx, c); err != nil {
		return err
	}
	link, err := h.cfg.Links.Find(ctx, identity.LinkSignUp, body.Token)
	if err != nil {
		return err
	}
	var asked pendingSignUp
	if err := json.Unmarshal(link.Data, &asked); err != nil {
		return fmt.Errorf("read sign-up: %w", err)
	}
	person := identity.Person{ID: es.DeriveID(link.ID, "person"), Email: link.About, FirstName: asked.FirstName, LastName: asked.LastName}
	switch err := h.cfg.People.Add(ctx, person, asked.Password); {
	case errors.Is(err, identity.ErrEmailTaken): // by an invitation meanwhile
		return identity.ErrLink
	case err != nil:
		return err
	}
	org, err := h.found(ctx, c, link.ID, person, asked)
	if err != nil {
		return err
	}
	if err := h.cfg.Links.Use(ctx, link.ID); err != nil {
		return err
	}
	return h.begin(ctx, c, person.ID, org)
}

// found creates the organisation with its first owner.
func (h *Handlers) found(ctx context.Context, c *Call, link uuid.UUID, person identity.Person, asked pendingSignUp) (uuid.UUID, error) {
	org := es.DeriveID(link, "organization")
	slug, err := h.reserveSlug(ctx, org, asked.Organization)
	if err != nil {
		return org, err
	}
	hash, profile, err := h.sealProfile(ctx, org, person)
	if err != nil {
		return org, err
	}
	a, err := h.submit(ctx, c, org, person.ID, es.DeriveID(link, "found"), commands.FoundOrganization{
		CreateOrganization: commands.CreateOrganization{OrganizationID: org, Slug: slug, Name: asked.Organization, Plan: h.cfg.TrialPlan, Limits: h.cfg.Plans[h.cfg.TrialPlan], TimeZone: asked.TimeZone, TrialDays: commands.TrialDays},
		Founder:            commands.Founder{PersonID: person.ID, AddressHash: hash, Profile: profile}})
	var refused *es.Refusal
	if errors.As(err, &refused) && refused.Code != commands.CodeAlreadyExists { // of what isn't decided, or was decided before, the slug is kept
		err = errors.Join(err, h.cfg.Slugs.Release(ctx, slug, org))
	}
	if err != nil {
		return org, err
	}
	if err := h.cfg.Slugs.Confirm(ctx, slug, org); err != nil {
		return org, err
	}
	return org, h.cfg.Sessions.SetMembership(ctx, org, person.ID, identity.RoleOwner, a.Oseq)
}

var notInSlug = regexp.MustCompile(`[^a-z0-9]+`)

// reserveSlug makes a slug of a name; where it is taken, with some characters of the organisation's id.
func (h *Handlers) reserveSlug(ctx context.Context, org uuid.UUID, name string) (string, error) {
	base := strings.Trim(notInSlug.ReplaceAllString(strings.ToLower(name), "-"), "-")
	base = strings.Trim(base[:min(len(base), 30)], "-")
	end := org.String()[len(org.String())-8:]
	for _, slug := range []string{base, strings.Trim(base+"-"+end, "-"), "org-" + end} {
		err := h.cfg.Slugs.Reserve(ctx, slug, org)
		if err == nil || !errors.Is(err, identity.ErrSlug) && !errors.Is(err, identity.ErrSlugTaken) {
			return slug, err
		}
	}
	return "", identity.ErrSlugTaken
}
