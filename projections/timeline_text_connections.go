package projections

import "outrider/events"

type providerDetail struct {
	Provider string `json:"provider"`
}

type connectionImportDetail struct {
	DryRun bool `json:"dry_run,omitzero"`
}

func connectionTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.ConnectionMade) providerDetail { return providerDetail{e.Provider} }, func(d providerDetail) sentence {
			return sentence{english: "A connection to " + d.Provider + " was made."}
		}),
		tellAs(func(e events.ConnectionInterrupted) reasonDetail { return reasonDetail{e.Reason} }, func(d reasonDetail) sentence {
			switch d.Reason {
			case events.ConnectionEnded:
				return sentence{d.Reason, "A connection waits for somebody to sign in again."}
			case events.ConnectionRefused:
				return sentence{d.Reason, "A connection waits, as the service doesn't let us do what is needed."}
			case events.ConnectionGone:
				return sentence{d.Reason, "A connection waits, as the account is gone."}
			}
			return sentence{english: "A connection waits, as its map of fields doesn't fit any more."}
		}),
		tellSentence[events.ConnectionRestored]("A connection works again."),
		tellSentence[events.ConnectionPaused]("A connection was paused."),
		tellSentence[events.ConnectionResumed]("A connection goes on."),
		tellSentence[events.ConnectionRemoved]("A connection was removed."),
		tellSentence[events.ConnectionMapped]("What a connection does was set."),
		tellAs(func(e events.ConnectionImportRequested) connectionImportDetail {
			return connectionImportDetail{e.DryRun}
		}, func(d connectionImportDetail) sentence {
			if d.DryRun {
				return sentence{"dry_run", "Contacts of a CRM are looked at for an import."}
			}
			return sentence{english: "Contacts of a CRM are brought in."}
		}),
		tellSentence[events.ConnectionResyncRequested]("A CRM is told everything once more."),
		tellSentence[events.ConnectionConflictResolved]("It was chosen whose value of a field stands that was changed on both sides."),
		tellSentence[events.ConnectionCalendarsChosen]("The calendars of a connection were chosen."),
	}
}
