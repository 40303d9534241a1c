package api_test

import (
	"testing"

	"outrider/commands"
	"outrider/events"
)

func TestFoldersThatAreReadAreChosen(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	id := c.verified("sales@ours.test")
	path := "/v1/mailboxes/" + id + "/folders"
	if before := c.until(path, func(answer) bool { return true }); before.json["listed"] != false || len(before.list("folders")) != 0 {
		t.Errorf("before it is read: %s", before.body)
	}
	_, at := c.submit(commands.ListMailboxFolders{MailboxRef: events.MailboxRef{MailboxID: parsed(id)}, Folders: []events.MailFolder{{Name: "INBOX"}, {Name: "Sent", Use: "sent"}, {Name: "Spam", Use: "junk"}, {Name: "R&-D", Shown: "R&D"}, {Name: "Old"}}})
	readings := func(a answer) (out string) {
		for _, f := range a.list("folders") {
			out += f.(map[string]any)["shown"].(string) + ":" + f.(map[string]any)["reading"].(string) + " "
		}
		return out
	}
	if shown := c.ok("GET", path, nil, "Outrider-Position", at); readings(shown) != "INBOX:always Sent:never Spam:always R&D:not Old:not " || shown.json["listed"] != true {
		t.Errorf("got %s", shown.body)
	}
	if set := c.ok("PUT", path, obj{"folders": []string{"R&-D"}}); readings(set) != "INBOX:always Sent:never Spam:always R&D:chosen Old:not " {
		t.Errorf("got %s", set.body)
	}
	c.refused(422, "invalid", "PUT", path, obj{"folders": []string{"Sent"}})
	c.refused(422, "invalid", "PUT", path, obj{"folders": []string{"Nowhere"}})
	_, at = c.submit(commands.ListMailboxFolders{MailboxRef: events.MailboxRef{MailboxID: parsed(id)}, Folders: []events.MailFolder{{Name: "INBOX"}}})
	if gone := c.ok("GET", path, nil, "Outrider-Position", at); len(gone.list("missing")) != 1 || readings(gone) != "INBOX:always R&-D:chosen " {
		t.Errorf("a chosen one is gone: %s", gone.body)
	}
	if none := c.ok("PUT", path, obj{"folders": []string{}}); readings(none) != "INBOX:always " {
		t.Errorf("got %s", none.body)
	}
}
