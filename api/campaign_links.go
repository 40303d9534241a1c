package api

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/internal/linkcheck"
	"outrider/internal/linktoken"
)

// checkLinks asks whether the links of a campaign's texts answer; those that are filled in for each person can't be asked.
func (h *campaignHandlers) checkLinks(c *call, id uuid.UUID) error {
	campaign, err := h.loadCampaign(c, id)
	if err != nil {
		return err
	}
	steps, err := stepsIn(campaign)
	if err != nil {
		return err
	}
	out := gen.LinkCheckList{Data: []gen.LinkCheck{}}
	var links []string
	for _, s := range steps {
		for _, v := range s.Variants {
			for _, l := range linktoken.FindLinks(v.Body, linktoken.Ours("")) {
				if strings.HasPrefix(v.Body[l.End:], "{") || strings.ContainsAny(l.URL, "{}|") || slices.Contains(links, l.URL) || len(links) == linkcheck.MaxLinks {
					continue
				}
				links = append(links, l.URL)
				out.Data = append(out.Data, gen.LinkCheck{URL: l.URL, StepID: s.StepID, VariantID: v.VariantID})
			}
		}
	}
	for i, r := range (linkcheck.Checker{}).Check(c.ctx, links) {
		out.Data[i].Answers, out.Data[i].Status, out.Data[i].Detail = r.Answers(), r.Answer, r.Why
	}
	return c.answerJSON(200, out)
}
