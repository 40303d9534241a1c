package projections

import "outrider/events"

type memberRoleDetail struct {
	Role string `json:"role"`
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
		tellSentence[events.MemberLeft]("Left the organisation."),
		tellSentence[events.MemberRemoved]("Was removed from the organisation."),
		tellSentence[events.OwnershipTransferred]("Was made the owner in place of another."),
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
