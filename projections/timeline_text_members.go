package projections

import "outrider/events"

type memberRoleDetail struct {
	Role string `json:"role"`
}

type identityLinkDetail struct {
	Provider   string `json:"provider"`
	ExternalID string `json:"external_id"`
}

func tellJoining(d memberRoleDetail) sentence {
	if d.Role == "" {
		return sentence{"off", "Nobody joins by signing in with the identity provider any more."}
	}
	return sentence{"on", "Who signs in with the identity provider joins as " + d.Role + "."}
}

type roleNameDetail struct {
	Name string `json:"name"`
}

type impersonationDetail struct {
	Reason    string `json:"reason,omitzero"`
	Operation string `json:"operation,omitzero"`
}

type secondFactorDetail struct {
	Change string `json:"change"`
}

func memberTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.MemberInvited) memberRoleDetail { return memberRoleDetail{e.Role} }, func(d memberRoleDetail) sentence {
			return sentence{english: "Somebody was invited as " + d.Role + "."}
		}),
		tellSentence[events.MemberInvitationRenewed]("The invitation was sent once more."),
		tellSentence[events.MemberInvitationWithdrawn]("The invitation was withdrawn."),
		tellAs(func(e events.MemberJoined) memberRoleDetail { return memberRoleDetail{e.Role} }, func(d memberRoleDetail) sentence {
			return sentence{english: "Joined as " + d.Role + "."}
		}),
		tellAs(func(e events.MemberRoleChanged) memberRoleDetail { return memberRoleDetail{e.Role} }, func(d memberRoleDetail) sentence {
			return sentence{english: "Is " + d.Role + " now."}
		}),
		tellSentence[events.MemberErased]("Has asked to be forgotten: nothing can be read of them any more."),
		tellAs(func(e events.MemberImpersonated) impersonationDetail { return impersonationDetail{Reason: e.Reason} }, func(d impersonationDetail) sentence {
			return sentence{english: "Whoever runs this installation may read as this member for a while. The reason: " + d.Reason}
		}),
		tellAs(func(e events.MemberImpersonationUsed) impersonationDetail {
			return impersonationDetail{Operation: e.Operation}
		}, func(d impersonationDetail) sentence {
			return sentence{english: "Whoever runs this installation asked for " + d.Operation + " as this member."}
		}),
		tellSentence[events.MemberLeft]("Left the organisation."),
		tellSentence[events.MemberRemoved]("Was removed from the organisation."),
		tellSentence[events.MemberSeatPaused]("Has no access for now, as the plan has fewer seats."),
		tellSentence[events.MemberSeatResumed]("Has access again, as the plan has a seat."),
		tellSentence[events.OwnershipTransferred]("Was made the owner in place of another."),
		tellAs(func(e events.MemberProvisioned) memberRoleDetail { return memberRoleDetail{e.Role} }, func(d memberRoleDetail) sentence {
			return sentence{english: "Joined as " + d.Role + ", by signing in with an identity provider."}
		}),
		tellAs(func(e events.IdentityLinked) identityLinkDetail { return identityLinkDetail{e.Provider, e.ExternalID} }, func(d identityLinkDetail) sentence {
			return sentence{english: "The organisation was linked to " + d.ExternalID + " of the identity provider " + d.Provider + "."}
		}),
		tellSentence[events.IdentityUnlinked]("The link to the identity provider was ended."),
		tellAs(func(e events.IdentityJoiningSet) memberRoleDetail { return memberRoleDetail{e.Role} }, tellJoining),
		tellAs(func(e events.RoleDefined) roleNameDetail { return roleNameDetail{e.Name} }, func(d roleNameDetail) sentence {
			return sentence{english: "The role " + d.Name + " was defined."}
		}),
		tellAs(func(e events.RoleChanged) roleNameDetail { return roleNameDetail{e.Name} }, func(d roleNameDetail) sentence {
			return sentence{english: "The role " + d.Name + " was changed."}
		}),
		tellSentence[events.RoleRemoved]("The role was removed."),
		tellSentence[events.MemberSessionEnded]("A session was ended, as its refresh token was used twice: somebody else may have had it."),
		tellAs(func(e events.MemberSecondFactorChanged) secondFactorDetail { return secondFactorDetail{e.Change} }, func(d secondFactorDetail) sentence {
			return sentence{variant: d.Change, english: tellSecondFactor(d.Change)}
		}),
	}
}

func tellSecondFactor(change string) string {
	switch change {
	case events.SecondFactorOn:
		return "Signs in by a code beside the password from now on."
	case events.SecondFactorOff:
		return "Signs in by the password alone from now on."
	case events.SecondFactorRecoveryUsed:
		return "Used a recovery code."
	case events.SecondFactorCodesRenewed:
		return "Made new recovery codes."
	}
	return "The second factor was changed."
}
