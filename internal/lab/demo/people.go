package demo

import (
	"strings"

	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/prospects"
)

// PersonMessages is what a source says of one person's messages.
type PersonMessages struct {
	Figures
	InDoubt int      // only the product can say
	IDs     []string // Message-IDs of what arrived, from the journals
}

// ByPerson says what the journals hold of each person, in the same counts as the verdict. The Message-ID
// tells whose a message is; mail that was refused at RCPT has none.
func ByPerson(mail []mailserver.Line, people []prospects.Line, v prospects.Judgement) map[string]PersonMessages {
	owner := map[string]string{} // by Message-ID
	for _, l := range people {
		if l.MessageID != "" {
			owner[l.MessageID] = strings.ToLower(l.Person)
		}
	}
	for _, l := range mail {
		if id := strings.Trim(l.MessageID, "<>"); id != "" && owner[id] == "" && len(l.To) > 0 {
			owner[id] = strings.ToLower(l.To[0])
		}
	}
	out := map[string]PersonMessages{}
	for name, ids := range v.Of {
		for _, id := range ids {
			who, ok := strings.CutPrefix(id, "rcpt:")
			if !ok {
				who = owner[id]
			}
			p := out[who]
			*figureField(&p.Figures, name)++
			if name == "sent" {
				p.IDs = append(p.IDs, id)
			}
			out[who] = p
		}
	}
	return out
}

// figureField is one of the figures by its name in JSON.
func figureField(f *Figures, name string) *int {
	switch name {
	case "sent":
		return &f.Sent
	case "failed":
		return &f.Failed
	case "opened":
		return &f.Opened
	case "machine_opened":
		return &f.MachineOpened
	case "clicked":
		return &f.Clicked
	case "replied":
		return &f.Replied
	case "auto_replied":
		return &f.AutoReplied
	case "bounced":
		return &f.Bounced
	case "unsubscribed":
		return &f.Unsubscribed
	case "meetings":
		return &f.Meetings
	case "complaints":
		return &f.Complaints
	case "scanner_clicks":
		return &f.ScannerClicks
	}
	panic("there is no figure " + name) // the names are in the code
}
