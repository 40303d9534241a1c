package events

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// FlagState is a flag as it holds at some time.
type FlagState struct {
	Rule    FlagRule
	Seed    uuid.UUID
	Killed  bool
	Phase   string // one of FlagPhase...
	Version int    // +1 with every event of it
}

// Reaches reports whether an organisation on a plan has the feature, and why.
func (f FlagState) Reaches(org uuid.UUID, plan string) (on bool, why string) {
	switch r := f.Rule; {
	case f.Killed:
		return false, FlagWhyKilled
	case !r.Enabled:
		return false, FlagWhyDisabled
	case f.Phase != FlagPhaseOpen:
		return false, FlagWhySchedule
	case slices.Contains(r.Organizations, org):
		return true, FlagWhyOrganization
	case len(r.Plans) > 0 && !slices.Contains(r.Plans, plan):
		return false, FlagWhyPlan
	}
	return FlagNumber(f.Seed, org) < f.Rule.Rollout, FlagWhyRollout
}

// FlagSeed is the seed of a flag's rollout, from which the numbers of organisations follow.
func FlagSeed(name string) uuid.UUID { return es.DeriveID(es.SystemOrg, "flag", name) }

// FlagNumber is the number of an organisation in a flag's rollout, from 0 to 9,999. It never changes, so raising the rollout takes the feature from nobody.
func FlagNumber(seed, org uuid.UUID) int {
	sum := sha256.Sum256(append(seed[:], org[:]...))
	return int(binary.BigEndian.Uint64(sum[:8]) % FlagParts)
}

// FlagPhaseAt returns where a rule's schedule stands at an instant.
func FlagPhaseAt(r FlagRule, at time.Time) string {
	switch {
	case !r.EndsAt.IsZero() && !at.Before(r.EndsAt):
		return FlagPhaseOver
	case at.Before(r.StartsAt):
		return FlagPhaseWaiting
	}
	return FlagPhaseOpen
}

// NextPhase returns when its schedule brings another phase; zero = never.
func (f FlagState) NextPhase() time.Time {
	switch f.Phase {
	case FlagPhaseWaiting:
		return f.Rule.StartsAt
	case FlagPhaseOpen:
		return f.Rule.EndsAt
	}
	return time.Time{}
}

// Features that a flag can take away or give. Each is there unless a flag of its name says otherwise, and what happens without it is safe.
const (
	FeatureAI           = "ai"            // without: no language model is asked for anything; templates are filled in, and rules find what they find
	FeatureTracking     = "tracking"      // without: messages leave without pixel and with their own links, and no campaign starts to track
	FeatureExperiments  = "experiments"   // without: none is started, and nobody is drawn into one; people get the step as it stands
	FeatureAskAgain     = "ask_again"     // without: who answers "not now" isn't written to again by themselves; the sequence ends, as with any answer
	FeatureInboxReplies = "inbox_replies" // without: answers are read in the inbox, and written elsewhere
)

// Feature is what this version of the program can switch.
type Feature struct {
	Name string
	Is   string
}

// FeatureList returns them by their names.
func FeatureList() []Feature {
	return []Feature{
		{FeatureAI, "Language models are asked. Without, templates are filled in, and facts are found by rules alone."},
		{FeatureAskAgain, "An answer that means \"not now\" pauses the sequence until the day that it names. Without, it ends the sequence."},
		{FeatureExperiments, "Experiments are started, and people drawn into them. Without, everybody gets the step as it stands."},
		{FeatureInboxReplies, "Members answer people from the inbox. Without, they read there only."},
		{FeatureTracking, "Opens and clicks are tracked where a campaign asks for it. Without, messages leave without pixel and with their own links."},
	}
}

// IsFeature reports whether this version switches anything by a flag of that name.
func IsFeature(name string) bool {
	return slices.ContainsFunc(FeatureList(), func(f Feature) bool { return f.Name == name })
}
