package api

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/profile"
	"outrider/projections"
)

// maxCampaignName is in characters.
const maxCampaignName = 200

// duplicateCampaign makes a draft of what another campaign says.
func (h *campaignHandlers) duplicateCampaign(c *call, id uuid.UUID) error {
	var body gen.CampaignDuplicate
	if len(c.raw) > 0 { // a name is optional
		if err := c.decodeBody(&body); err != nil {
			return err
		}
	}
	row, err := h.loadCampaign(c, id)
	if err != nil {
		return err
	}
	steps, err := stepsIn(row)
	if err != nil {
		return err
	}
	settings, err := settingsIn(row)
	if err != nil {
		return err
	}
	boxes, err := mailboxesIn(row)
	if err != nil {
		return err
	}
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	copied := in.newID("campaign")
	for i := range steps { // the copy's are its own: figures are kept by them
		steps[i].StepID = es.DeriveID(copied, "step", steps[i].StepID.String())
		steps[i].Variants = slices.Clone(steps[i].Variants)
		for j := range steps[i].Variants {
			steps[i].Variants[j].VariantID = es.DeriveID(copied, "variant", steps[i].Variants[j].VariantID.String())
		}
	}
	actor := c.actorOf()
	approval := approvalOf(row.Approval, row.ApprovalSample, row.ApprovalBelow)
	if approval != nil {
		row.Approval = events.ApproveAll // until the next command says more
	}
	last, err := h.submitPart(in, "create", commands.CreateCampaign{CampaignRef: events.CampaignRef{CampaignID: copied}, Name: copyName(body.Name, row.Name), CampaignType: row.CampaignType, TimeZone: row.TimeZone,
		CreatedBy: actor.Kind + ":" + actor.ID, Approval: row.Approval, Steps: steps, Templates: analyzeTemplates(steps)})
	if err != nil {
		return err
	}
	if approval != nil {
		approval.CampaignID = copied
		if last, err = h.submitPart(in, "approval", *approval); err != nil {
			return err
		}
	}
	if row.Settings != nil {
		if last, err = h.submitPart(in, "settings", commands.SetCampaignSettings{CampaignID: copied, CampaignSettings: settings}); err != nil {
			return err
		}
	}
	if len(boxes) > 0 {
		if last, err = h.submitPart(in, "mailboxes", commands.AssignMailboxes{CampaignID: copied, MailboxIDs: boxes}); err != nil {
			return err
		}
	}
	return h.showAfterChange(c, "campaigns", last, func() error { return h.answerNewCampaign(c, copied) })
}

// copyName is the name that was given, or that of the original and "copy", cut where that is too long.
func copyName(given, original string) string {
	const suffix = " (copy)"
	if given != "" {
		return given
	}
	for utf8.RuneCountInString(original)+len(suffix) > maxCampaignName {
		_, size := utf8.DecodeLastRuneInString(original)
		original = original[:len(original)-size]
	}
	return strings.TrimSpace(original) + suffix
}

// listVariables lists what a text may have, with how many of the campaign's people have it.
func (h *campaignHandlers) listVariables(c *call, id uuid.UUID) error {
	row, err := h.loadCampaign(c, id)
	if err != nil {
		return err
	}
	steps, err := stepsIn(row)
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, t := range analyzeTemplates(steps) {
		for _, v := range t.Variables {
			used[v.Name] = true
		}
	}
	var own []string
	for name := range used {
		if !slices.Contains(profile.Names(), name) && !slices.Contains(aggregates.SystemVariables(), name) {
			own = append(own, name)
		}
	}
	slices.Sort(own)
	var people int
	var have map[string]int
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		people, have, err = projections.FieldCoverage(c.ctx, tx, c.who.Org, id, profile.Names(), withoutPrefix(own))
		return err
	}); err != nil {
		return err
	}
	out := gen.CampaignVariableList{Data: []gen.CampaignVariable{}}
	for _, name := range slices.Sorted(slices.Values(profile.Names())) {
		out.Data = append(out.Data, gen.CampaignVariable{Name: name, Kind: gen.CampaignVariableKindProfile, People: people, Have: have[name], Used: used[name]})
	}
	for i, bare := range withoutPrefix(own) {
		out.Data = append(out.Data, gen.CampaignVariable{Name: own[i], Kind: gen.CampaignVariableKindCustom, People: people, Have: have[bare], Used: true})
	}
	for _, name := range slices.Sorted(slices.Values(aggregates.SystemVariables())) {
		out.Data = append(out.Data, gen.CampaignVariable{Name: name, Kind: gen.CampaignVariableKindSystem, People: people, Have: people, Used: used[name]})
	}
	return c.answerJSON(200, out)
}

// withoutPrefix returns own fields as they are called in a lead.
func withoutPrefix(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = strings.TrimPrefix(name, profile.CustomPrefix)
	}
	return out
}
