package bench

import (
	"slices"
	"testing"

	"outrider/commands"
)

// retiredCommands are decided for the log's sake; nothing sends them any more.
var retiredCommands = []string{"booking.set_hours.v1", "message.reject.v1", "message.approve.v1", "campaign.create.v1", "campaign.change_steps.v1", "campaign.revise.v1", "campaign.launch.v1", "mailbox.set_pace.v1", "import.request.v1", "import.record_chunk.v1", "import.record_chunk.v2", "meeting.confirm.v1", "meeting.book.v1", "api_key.issue.v1",
	"enrollment.start.v1", "message.record_auto_reply.v1", "message.record_reply.v1", "message.record_reply.v2", "message.record_bounce.v1", "message.record_bounce.v2", "message.record_complaint.v1", "lead.unsubscribe.v1", "suppression.add.v1", "organization.create.v1", "organization.change_plan.v1", "organization.change_status.v1"}

// foundingCommands come before there is anything to be slow at.
var foundingCommands = []string{"organization.create.v2", "organization.found.v1",
	"flag.set.v1", "flag.kill.v1", "flag.revive.v1", "flag.start_trial.v1", "flag.end_trial.v1"} // of the installation, which has nothing else

// TestEveryCommandIsMeasured wants a figure of every command that is sent.
func TestEveryCommandIsMeasured(t *testing.T) {
	t.Parallel()
	d, err := MeasureDecisions(DecisionsOf{Leads: 60_000, Enrolled: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	asked := d.Asked()
	for _, r := range commands.Routes() {
		name := r.Zero.CommandType()
		if !slices.Contains(asked, name) && !slices.Contains(retiredCommands, name) && !slices.Contains(foundingCommands, name) {
			t.Errorf("%s is not measured", name)
		}
	}
	if n := len(d.SlowestOfEach()); n != len(asked) {
		t.Errorf("%d slowest of %d commands", n, len(asked))
	}
	for _, x := range d.Decisions {
		if x.Runs == 0 || x.Refused == x.Runs {
			t.Errorf("%s, %s: refused %d of %d times", x.Command, x.Case, x.Refused, x.Runs)
		}
	}
}
