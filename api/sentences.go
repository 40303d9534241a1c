package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"outrider/events"
	"outrider/projections"
)

// detail is what a timeline keeps of an event.
type detail map[string]any

func (d detail) text(name string) string { s, _ := d[name].(string); return s }
func (d detail) is(name string) bool     { b, _ := d[name].(bool); return b }
func (d detail) number(name string) int  { n, _ := d[name].(float64); return int(n) }

// words makes a code readable.
func (d detail) words(name string) string { return strings.ReplaceAll(d.text(name), "_", " ") }

// because adds a reason, where there is one.
func (d detail) because(name string) string {
	if w := d.words(name); w != "" {
		return ": " + w
	}
	return ""
}

// minute is a time as people write it; empty when there is none.
func (d detail) minute(before, name string) string {
	t, err := time.Parse(time.RFC3339Nano, d.text(name))
	if err != nil {
		return ""
	}
	return before + t.UTC().Format("2 January 2006, 15:04 UTC")
}

func (d detail) fields(verb, name string) string {
	list, _ := d[name].([]any)
	names := make([]string, 0, len(list))
	for _, x := range list {
		names = append(names, strings.TrimPrefix(fmt.Sprint(x), "custom."))
	}
	if len(names) == 0 {
		return ""
	}
	return " " + verb + " " + strings.Join(names, ", ") + "."
}

// step names the step of a sequence that a message is of.
func (d detail) step() string {
	if n := d.number("step"); n > 0 {
		return fmt.Sprintf(" of step %d", n)
	}
	return ""
}

// sentence says to people what happened. Everything that can happen to a lead has one of its own.
func sentence(e *projections.TimelineEntry) string {
	d := detail{}
	if len(e.Detail) > 0 {
		_ = json.Unmarshal(e.Detail, &d) // our own object; without it the sentence says less
	}
	if s := leadSentence(e.Type, d); s != "" {
		return s
	}
	if s := messageSentence(e.Type, d); s != "" {
		return s
	}
	if s := heardSentence(e.Type, d); s != "" {
		return s
	}
	parts := strings.Split(e.Type, ".") // campaign.launched.v1
	s := strings.ReplaceAll(strings.Join(parts[:len(parts)-1], " "), "_", " ")
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

func leadSentence(kind string, d detail) string {
	switch kind {
	case events.LeadCreated{}.EventType():
		if d.text("import_id") != "" {
			return fmt.Sprintf("Imported as a new lead, from row %d of a file.", d.number("row"))
		}
		return "Became a lead (" + d.words("source") + ")."
	case events.LeadUpdated{}.EventType():
		return strings.TrimSpace("Was changed." + d.fields("Filled:", "filled") + d.fields("Cleared:", "cleared"))
	case events.LeadRemoved{}.EventType():
		return "Was removed" + d.because("reason") + "."
	case events.LeadErased{}.EventType():
		return "Was erased: nobody can read any more what was known of this person."
	case events.SuppressionAdded{}.EventType():
		return "Nothing may be sent to this " + d.text("kind") + " any more" + d.because("reason") + "."
	case events.SuppressionRemoved{}.EventType():
		return "This " + d.text("kind") + " may be written to again."
	case events.EnrollmentStarted{}.EventType():
		return "Was enrolled on a campaign."
	case events.EnrollmentBatchRecorded{}.EventType():
		return "Was asked to be enrolled on a campaign, and refused."
	case events.EnrollmentPaused{}.EventType():
		return "The sequence was paused" + d.because("reason") + d.minute(", until ", "until") + "."
	case events.EnrollmentResumed{}.EventType():
		return "The sequence goes on" + d.because("reason") + "."
	case events.EnrollmentStopped{}.EventType():
		return fmt.Sprintf("The sequence was stopped after %d sent%s.", d.number("step"), d.because("reason"))
	case events.EnrollmentCompleted{}.EventType():
		return fmt.Sprintf("The sequence came to its end: all %d steps were sent.", d.number("steps"))
	case events.EnrollmentDeferred{}.EventType():
		return fmt.Sprintf("Waits for a place: %d people of the same company are being written to.", d.number("active"))
	case "command.refused.v1":
		return "A request was refused (" + d.text("command") + ")" + d.because("code") + "."
	}
	return ""
}

func messageSentence(kind string, d detail) string {
	switch kind {
	case events.MessageRequested{}.EventType():
		return fmt.Sprintf("A message was asked for: step %d of %d.", d.number("step"), d.number("steps"))
	case events.MessageDrafted{}.EventType():
		return fmt.Sprintf("Draft %d was written by %s.", d.number("number"), d.words("writer"))
	case events.MessageHeld{}.EventType():
		return "The message is held" + d.because("reason") + "." + d.fields("Missing:", "missing")
	case events.MessageRedraftRequested{}.EventType():
		return "Another draft was asked for" + d.because("reason") + "."
	case events.MessageApproved{}.EventType():
		return "The message was approved by a " + d.words("by") + "."
	case events.MessageScheduled{}.EventType():
		return "The message was scheduled" + d.minute(" for ", "at") + "."
	case events.MessagePostponed{}.EventType():
		return "The message was postponed by a rule" + d.because("rule") + d.minute(", until ", "until") + "."
	case events.MessageClaimed{}.EventType():
		return "A sender has taken the message, and may send it now."
	case events.MessageSent{}.EventType():
		return "The message" + d.step() + " was sent" + d.minute(": accepted on ", "at") + "."
	case events.MessageDeferred{}.EventType():
		return fmt.Sprintf("The receiving server put the message off (%d)%s.", d.number("code"), d.minute("; it is tried again on ", "until"))
	case events.MessageFailed{}.EventType():
		return fmt.Sprintf("The message%s wasn't sent: refused at %s (%d).", d.step(), d.words("stage"), d.number("code"))
	case events.MessageInDoubt{}.EventType():
		return "Nobody knows whether the message" + d.step() + " was sent; it isn't sent again by itself."
	case events.MessageResolved{}.EventType():
		if d.is("sent") {
			return "The message had been sent after all, says " + d.words("by") + "."
		}
		return "The message had not been sent, says " + d.words("by") + "."
	case events.MessageCancelled{}.EventType():
		return "The message was cancelled" + d.because("reason") + "."
	}
	return ""
}

func heardSentence(kind string, d detail) string {
	switch kind {
	case events.MessageOpened{}.EventType():
		return "The message was opened" + byClass(d) + "."
	case events.MessageClicked{}.EventType():
		return fmt.Sprintf("Link %d of the message was followed%s.", d.number("link")+1, byClass(d))
	case events.HitReclassified{}.EventType():
		return "A correction: an opening or a click was" + byClass(d) + d.because("reason") + "."
	case events.MessageReplied{}.EventType():
		return "An answer came from " + sender(d) + "."
	case events.MessageAutoReplied{}.EventType():
		if !d.is("out_of_office") {
			return "An automatic answer came."
		}
		if back := d.text("return_date"); back != "" {
			return "Is out of office until " + back + "."
		}
		return "Is out of office."
	case events.MessageBounced{}.EventType():
		return "The message came back (" + d.words("kind") + " bounce, " + d.text("enhanced") + ")."
	case events.MessageComplained{}.EventType():
		return "Complained about the message" + d.because("kind") + "."
	case events.LeadUnsubscribed{}.EventType():
		return "Unsubscribed (" + d.words("how") + ")."
	case events.MeetingBooked{}.EventType():
		return "Booked a meeting" + d.minute(" for ", "starts_at") + "."
	case events.MeetingConfirmationClaimed{}.EventType():
		return "The confirmation of the meeting is being sent."
	case events.MeetingCancelled{}.EventType():
		return "The meeting was cancelled" + d.because("reason") + "."
	}
	return ""
}

func sender(d detail) string {
	switch d.text("from") {
	case events.FromAlias:
		return "another address of this person"
	case events.FromCompany:
		return "somebody at the same company"
	}
	return "this person"
}

func byClass(d detail) string {
	switch d.text("class") {
	case events.ClassProxy:
		return " by a mail provider's proxy"
	case events.ClassScanner:
		return " by a security scanner"
	}
	return " by a person"
}
