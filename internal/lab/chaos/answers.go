package chaos

import (
	"github.com/google/uuid"

	"outrider/internal/es"
)

// compareAnswers holds what clients were told against the log.
func (l *load) compareAnswers(x *logContent, res *Result) {
	for _, o := range l.allOps() {
		if !o.answered {
			continue
		}
		d, known := x.commands[o.command]
		switch {
		case o.command == uuid.Nil:
			if o.lead != uuid.Nil && o.wasAccepted() && !x.unsubscribed[o.lead] {
				res.addFinding(&res.Lost, "lead %s was told to be unsubscribed; the log doesn't say so", o.lead)
			}
		case o.wasAccepted() && !known:
			res.addFinding(&res.Lost, "%s (command %s) was answered with %d; the log doesn't have it", o.what, o.command, o.status)
		case o.wasAccepted() && d.outcome == es.Refused:
			res.addFinding(&res.Lost, "%s (command %s) was answered with %d; the log refuses it", o.what, o.command, o.status)
		case !o.wasAccepted() && !known && o.position.Pseq > 0:
			res.addFinding(&res.Lost, "%s (command %s) was refused with %d at pseq %d; the log doesn't have it", o.what, o.command, o.status, o.position.Pseq)
		case !o.wasAccepted() && known && d.outcome != es.Refused:
			res.addFinding(&res.Ghost, "%s (command %s) was refused with %d; the log has it as %s", o.what, o.command, o.status, d.outcome)
		case known && o.position.Pseq > 0 && o.position.Pseq != d.pseq:
			res.addFinding(&res.Lost, "%s (command %s) was answered at pseq %d; the log has it at %d", o.what, o.command, o.position.Pseq, d.pseq)
		}
	}
}
