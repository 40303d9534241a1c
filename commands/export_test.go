package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestExport(t *testing.T) {
	t.Parallel()
	now := anchor.AddDate(0, 0, 3)
	export, other := uuid.UUID{7, 1}, uuid.UUID{7, 2}
	ref := events.ExportRef{ExportID: export}
	asked := func(id uuid.UUID, at time.Time) events.ExportRequested {
		return events.ExportRequested{ExportRef: events.ExportRef{ExportID: id}, Kind: events.ExportLeads, Filter: sealed, ExpiresAt: at.Add(24 * time.Hour)}
	}
	ask := commands.RequestExport{ExportID: export, Kind: events.ExportLeads, Filter: sealed}
	wrong := ask
	wrong.Kind = "passwords"
	running := asked(export, now)
	done := events.ExportCompleted{ExportRef: ref, Rows: 2, Bytes: 90}
	complete := commands.CompleteExport{ExportID: export, Rows: 2, Bytes: 90}
	var many facts
	for i := range commands.MaxExports {
		many = append(many, asked(uuid.UUID{8, byte(i)}, now))
	}
	suppressed := events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: aggregates.SuppressionID(org, "address", h("ann@example.com"))}, Kind: "address", Hash: h("ann@example.com"), Reason: "erasure", LeadID: leadID("ann@example.com")}
	kit().Run(t, map[string]estest.Case{
		"an export is asked for":             {Given: given(), At: now, When: ask, Then: facts{running}, Again: estest.NothingToDo()},
		"of what nobody exports":             {Given: given(), When: wrong, Refused: "invalid"},
		"not too many":                       {Given: given(many...), At: now, When: ask, Refused: "invalid"},
		"expired ones don't count":           {Given: given(many...), At: now.Add(25 * time.Hour), When: ask, Then: facts{asked(export, now.Add(25*time.Hour))}, Again: estest.NothingToDo()},
		"a file is there":                    {Given: given(running), When: complete, Then: facts{done}, Again: estest.NothingToDo()},
		"a file may be empty":                {Given: given(running), When: commands.CompleteExport{ExportID: export}, Then: facts{events.ExportCompleted{ExportRef: ref}}, Again: estest.NothingToDo()},
		"but not less":                       {Given: given(running), When: commands.CompleteExport{ExportID: export, Rows: -1}, Refused: "invalid"},
		"nor have less than no bytes":        {Given: given(running), When: commands.CompleteExport{ExportID: export, Bytes: -1}, Refused: "invalid"},
		"a file that nobody waits for":       {Given: given(), When: complete, Refused: "not_found"},
		"a file that was deleted meanwhile":  {Given: given(running, events.ExportDiscarded{ExportRef: ref, Reason: events.DiscardedAsked}), When: complete, Refused: "not_found"},
		"a file can't be written":            {Given: given(running), When: commands.FailExport{ExportID: export, Reason: "x"}, Then: facts{events.ExportFailed{ExportRef: ref, Reason: "x"}}, Again: estest.NothingToDo()},
		"a failure has a reason":             {Given: given(running), When: commands.FailExport{ExportID: export}, Refused: "invalid"},
		"a file is deleted":                  {Given: given(running, done), When: commands.DiscardExport{ExportID: export}, Then: facts{events.ExportDiscarded{ExportRef: ref, Reason: events.DiscardedAsked}}, Again: estest.RefusedAs("not_found")},
		"a download is recorded, each":       {Given: given(running, done), When: commands.DownloadExport{ExportID: export}, Then: facts{events.ExportDownloaded{ExportRef: ref}}, Again: estest.OnceMore()},
		"no download before there is a file": {Given: given(running), When: commands.DownloadExport{ExportID: export}, Refused: "not_found"},
		"an erasure takes all files": {Given: given(leadCreated("ann@example.com"), running, done, asked(other, now)), When: commands.EraseLead{LeadID: leadID("ann@example.com")},
			Then: facts{events.ExportDiscarded{ExportRef: ref, Reason: events.DiscardedPersonErased}, events.ExportDiscarded{ExportRef: events.ExportRef{ExportID: other}, Reason: events.DiscardedPersonErased},
				events.LeadErased{LeadRef: events.LeadRef{LeadID: leadID("ann@example.com")}}, suppressed},
			Again: estest.RefusedAs("not_found")},
	})
}
