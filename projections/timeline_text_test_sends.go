package projections

import "outrider/events"

type testSendDetail struct {
	ToItself bool   `json:"to_itself,omitzero"`
	Outcome  string `json:"outcome,omitzero"`
}

func testSendTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.TestSendRequested) testSendDetail {
			return testSendDetail{ToItself: e.MemberID == [16]byte{}}
		}, func(d testSendDetail) sentence {
			if d.ToItself {
				return sentence{"to_itself", "Somebody had a test of a text sent to the mailbox itself."}
			}
			return sentence{english: "Somebody had a test of a text sent to a member."}
		}),
		tellSentence[events.TestSendClaimed]("The test is leaving."),
		tellAs(func(e events.TestSendFinished) testSendDetail { return testSendDetail{Outcome: e.Outcome} }, func(d testSendDetail) sentence {
			switch d.Outcome {
			case events.TestSendSent:
				return sentence{"sent", "The mail server took the test."}
			case events.TestSendInDoubt:
				return sentence{"in_doubt", "Nobody knows whether the test has left; it isn't sent again."}
			}
			return sentence{english: "The test didn't leave."}
		}),
	}
}
