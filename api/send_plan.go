package api

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/internal/zone"
	"outrider/projections"
)

// planAhead is how many days ahead a plan can be asked for.
const planAhead = 13

// planWords say in words what takes sends away.
func planWords(rule string) string {
	return map[string]string{
		aggregates.RuleOrganization:    "The organisation may not send",
		aggregates.RuleOrganizationCap: "The organisation's limit of all mailboxes",
		aggregates.RuleDomainCap:       "The limit of a sending domain",
		aggregates.RuleRecipientCap:    "Enough was sent to the company's domain",
		aggregates.RuleProviderCap:     "Enough was sent to the recipient's mail provider",
		aggregates.RuleNewPeople:       "The campaign has begun with enough people for the day",
		aggregates.RuleHours:           "Outside the mailbox's hours",
		aggregates.RuleOwnWindow:       "Outside the campaign's hours",
		aggregates.RuleHoliday:         "Public holidays where people live",
		aggregates.RuleShare:           "The other mailboxes take their share first",
		aggregates.RuleHandOver:        "It is stopped; its follow-ups go to other mailboxes then",
		aggregates.RuleRequalify:       "It was paused by a rule, and goes on by itself",
		aggregates.RuleMailbox:         "Mailboxes that are stopped or not verified",
		aggregates.PlanWarmup:          "Mailboxes that are still warming up",
		aggregates.RuleCap24h:          "Mailboxes at their cap of 24 hours",
		aggregates.RuleCapHour:         "Mailboxes at their cap of an hour",
		aggregates.RuleGap:             "The pause between two messages",
		aggregates.PlanElapsed:         "Hours of the day that are over",
		aggregates.RuleNobody:          "Too few people",
		aggregates.RuleDelay:           "Next steps that aren't due yet",
		aggregates.RuleCompanyCap:      "Enough people of the company are in the sequence",
		aggregates.RuleCampaign:        "Campaigns that are paused or not launched",
		aggregates.RuleStart:           "Campaigns before their first day",
		aggregates.RuleDraft:           "Drafts that aren't written or approved",
		aggregates.PlanHoliday:         "Holidays",
		aggregates.RuleWindow:          "Outside the recipients' working hours",
		aggregates.RuleCompany:         "Somebody at the company was written to a short while ago",
		aggregates.RulePerson:          "Another campaign has just written to the person",
		aggregates.PlanOthers:          "What the mailboxes send for other campaigns",
	}[rule]
}

// getSendPlan plans a day from the state on which real messages are decided.
func (h *todayHandlers) getSendPlan(c *call) error {
	if h.live == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	if err := h.awaitIn(c, eventsTable); err != nil {
		return err
	}
	of := aggregates.PlanOf{Date: c.textParam("date"), Campaign: c.uuidParam("campaign_id"), Mailbox: c.uuidParam("mailbox_id")}
	if err := h.checkPlanned(c, &of); err != nil {
		return err
	}
	var plan aggregates.SendPlan
	var now time.Time
	seq, err := h.live.Show(c.ctx, c.who.Org, func(o *aggregates.Organization, last time.Time) {
		now = laterOf(h.clock(), last)
		plan = aggregates.PlanSends(now, o, of)
	})
	if err != nil {
		return err
	}
	out := gen.SendPlan{Date: of.Date, Capacity: plan.Capacity, Removed: make([]gen.PlanRemoved, len(plan.Removed)), Planned: plan.Planned, Sent: plan.Sent, Left: plan.Left,
		Bottleneck: plan.Bottleneck(), Mailboxes: plan.Mailboxes, AsOf: now, Oseq: seq}
	for i, r := range plan.Removed {
		out.Removed[i] = gen.PlanRemoved{Rule: r.Rule, Count: r.Count, Text: planWords(r.Rule)}
	}
	if plan.Next != nil {
		if out.Next, err = h.nameNext(c, plan.Next); err != nil {
			return err
		}
	}
	return c.answerJSON(http.StatusOK, out)
}

// checkPlanned checks what is asked for, and finds what a campaign has sent on the day.
func (h *todayHandlers) checkPlanned(c *call, of *aggregates.PlanOf) error {
	return h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		org, err := projections.GetOrganization(c.ctx, tx, c.who.Org)
		if err != nil {
			return err
		}
		loc, err := zone.Load(org.TimeZone)
		if err != nil {
			loc = time.UTC
		}
		today := h.clock().In(loc)
		of.Date = cmp.Or(of.Date, today.Format(time.DateOnly))
		day, err := time.ParseInLocation(time.DateOnly, of.Date, loc)
		switch {
		case err != nil:
			return malformedProblem("query parameter date: is not a day of the calendar")
		case of.Date < today.Format(time.DateOnly) || of.Date > today.AddDate(0, 0, planAhead).Format(time.DateOnly):
			return malformedProblem(fmt.Sprintf("query parameter date: a plan is of today, or of one of the %d days after it", planAhead))
		}
		if of.Mailbox != uuid.Nil {
			if _, err := projections.GetMailbox(c.ctx, tx, c.who.Org, of.Mailbox); err != nil {
				return err
			}
		}
		if of.Campaign == uuid.Nil {
			return nil
		}
		if _, err := projections.GetCampaign(c.ctx, tx, c.who.Org, of.Campaign); err != nil {
			return err
		}
		of.CampaignSent, err = projections.CountCampaignAttempts(c.ctx, tx, c.who.Org, of.Campaign, of.Mailbox, day, day.AddDate(0, 0, 1))
		return err
	})
}

// nameNext says who the next message is to, and from where.
func (h *todayHandlers) nameNext(c *call, n *aggregates.PlannedSend) (gen.PlanNext, error) {
	out := gen.PlanNext{At: n.At, MailboxID: n.Mailbox, LeadID: n.Lead, CampaignID: n.Campaign}
	err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		leads, err := projections.Leads(c.ctx, tx, c.who.Org, []uuid.UUID{n.Lead})
		if err != nil {
			return err
		}
		boxes, err := projections.Mailboxes(c.ctx, tx, c.who.Org, []uuid.UUID{n.Mailbox})
		if err != nil {
			return err
		}
		campaigns, err := projections.Campaigns(c.ctx, tx, c.who.Org, []uuid.UUID{n.Campaign})
		if err != nil {
			return err
		}
		if l := leads[n.Lead]; l != nil {
			out.Lead = leadTitle(l)
		}
		if m := boxes[n.Mailbox]; m != nil {
			out.Mailbox = valueOrZero(m.Address)
		}
		if x := campaigns[n.Campaign]; x != nil {
			out.Campaign = x.Name
		}
		return nil
	})
	return out, err
}

// leadTitle is a lead's name, or else the address.
func leadTitle(l *projections.Lead) string {
	return cmp.Or(strings.TrimSpace(valueOrZero(l.FirstName)+" "+valueOrZero(l.LastName)), valueOrZero(l.Email))
}
