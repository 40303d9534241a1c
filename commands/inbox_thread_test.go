package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

// threadOf is the conversation with a lead in the campaign.
func threadOf(address string) events.ThreadRef {
	return events.ThreadRef{ThreadID: events.ThreadID(org, leadID(address), campaign), LeadID: leadID(address), CampaignID: campaign}
}

// answeredBy is a log in which a lead has answered, with a meaning.
func answeredBy(address, meaning string, more ...events.Event) facts {
	given := running(asked(address, 0), sentAt(address, 0, estest.At.AddDate(0, 0, -1)),
		events.MessageReplied{SentMessageRef: about(address), Mail: events.Mail{MailID: uuid.MustParse("01990000-0000-7000-8000-00000000aaaa")}, From: "lead", Meaning: meaning}, stoppedAs(address, "replied", 1, msgID(address, 0)))
	return append(given, more...)
}

func TestThread(t *testing.T) {
	t.Parallel()
	at, person := estest.At, uuid.MustParse("01990000-0000-7000-8000-00000000cccc")
	mail := uuid.MustParse("01990000-0000-7000-8000-00000000aaaa")
	id := threadOf(ann).ThreadID
	done := events.ThreadStatusSet{ThreadRef: threadOf(ann), Status: "done"}
	later := events.ThreadStatusSet{ThreadRef: threadOf(ann), Status: "snoozed", Until: at.Add(time.Hour)}
	given := events.ThreadAssigned{ThreadRef: threadOf(ann), Assignee: person}
	joined := events.MemberJoined{MemberRef: events.MemberRef{PersonID: person}, Role: "member", AddressHash: h("max"), Profile: sealed}
	again := events.MessageReplied{SentMessageRef: about(ann), Mail: events.Mail{MailID: uuid.MustParse("01990000-0000-7000-8000-00000000bbbb")}, From: "lead"}
	named := commands.IdentifyMail{SentMessageRef: about(ann), MailID: mail, AddressHash: h(ann), Header: sealed}
	kit().Run(t, map[string]estest.Case{
		"a thread is done":                  {Given: answeredBy(ann, "interested"), When: commands.UpdateThread{ThreadID: id, Status: "done"}, Then: facts{done}, Again: estest.NothingToDo()},
		"and needs an answer after all":     {Given: answeredBy(ann, "interested", done), When: commands.UpdateThread{ThreadID: id, Status: "needs_answer"}, Then: facts{events.ThreadStatusSet{ThreadRef: threadOf(ann), Status: "needs_answer"}}, Again: estest.NothingToDo()},
		"it is put off":                     {Given: answeredBy(ann, "interested"), When: commands.UpdateThread{ThreadID: id, Status: "snoozed", Until: at.Add(time.Hour)}, Then: facts{later}, Again: estest.NothingToDo()},
		"and for longer":                    {Given: answeredBy(ann, "interested", later), When: commands.UpdateThread{ThreadID: id, Status: "snoozed", Until: at.Add(2 * time.Hour)}, Then: facts{events.ThreadStatusSet{ThreadRef: threadOf(ann), Status: "snoozed", Until: at.Add(2 * time.Hour)}}, Again: estest.NothingToDo()},
		"not until now":                     {Given: answeredBy(ann, "interested"), When: commands.UpdateThread{ThreadID: id, Status: "snoozed", Until: at}, Refused: "invalid"},
		"not for ever":                      {Given: answeredBy(ann, "interested"), When: commands.UpdateThread{ThreadID: id, Status: "snoozed", Until: at.AddDate(2, 0, 0)}, Refused: "invalid"},
		"done has no end":                   {Given: answeredBy(ann, "interested"), When: commands.UpdateThread{ThreadID: id, Status: "done", Until: at.Add(time.Hour)}, Refused: "invalid"},
		"there are three statuses":          {Given: answeredBy(ann, "interested"), When: commands.UpdateThread{ThreadID: id, Status: "lost"}, Refused: "invalid"},
		"a member looks after it":           {Given: answeredBy(ann, "interested", joined), When: commands.UpdateThread{ThreadID: id, Assignee: &person}, Then: facts{given}, Again: estest.NothingToDo()},
		"and nobody does any more":          {Given: answeredBy(ann, "interested", joined, given), When: commands.UpdateThread{ThreadID: id, Assignee: &uuid.Nil}, Then: facts{events.ThreadAssigned{ThreadRef: threadOf(ann)}}, Again: estest.NothingToDo()},
		"a stranger doesn't":                {Given: answeredBy(ann, "interested"), When: commands.UpdateThread{ThreadID: id, Assignee: &person}, Refused: "invalid"},
		"it was read":                       {Given: answeredBy(ann, "interested"), When: commands.UpdateThread{ThreadID: id, Unread: ptr(false)}, Then: facts{events.ThreadMarked{ThreadRef: threadOf(ann)}}, Again: estest.NothingToDo()},
		"an answer opens it again":          {Given: answeredBy(ann, "interested", done, again), When: commands.UpdateThread{ThreadID: id, Status: "needs_answer"}, Noop: true},
		"also one that was put off":         {Given: answeredBy(ann, "interested", later, again), When: commands.UpdateThread{ThreadID: id, Status: "needs_answer", Unread: ptr(true)}, Noop: true},
		"who wants no more mail needs none": {Given: answeredBy(ann, "unsubscribe"), When: commands.UpdateThread{ThreadID: id, Status: "done", Unread: ptr(false)}, Noop: true},
		"nobody has written":                {Given: running(asked(ann, 0), sentAt(ann, 0, at)), When: commands.UpdateThread{ThreadID: id, Status: "done"}, Refused: "not_found"},

		"a mail is named":                 {Given: answeredBy(ann, "interested"), When: named, Then: facts{events.ThreadMailIdentified{ThreadRef: threadOf(ann), MailID: mail, AddressHash: h(ann), Header: sealed}}, Again: estest.NothingToDo()},
		"not one that wasn't recorded":    {Given: running(asked(ann, 0), sentAt(ann, 0, at)), When: named, Refused: "not_found"},
		"nor another one of the thread":   {Given: answeredBy(ann, "interested"), When: commands.IdentifyMail{SentMessageRef: about(ann), MailID: person, AddressHash: h(ann)}, Refused: "not_found"},
		"an address is known by its hash": {Given: answeredBy(ann, "interested"), When: commands.IdentifyMail{SentMessageRef: about(ann), MailID: mail, AddressHash: ann}, Refused: "invalid"},
		"a mail answers a message":        {Given: answeredBy(ann, "interested"), When: commands.IdentifyMail{MailID: mail, AddressHash: h(ann)}, Refused: "invalid"},
	})
}
