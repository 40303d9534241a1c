package smtp

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
)

type reply struct {
	code int
	text string
}

func checkAddresses(from, to string) error {
	for _, a := range []string{from, to} {
		if a == "" && to != "" { // MAIL FROM:<>: automatic answers, which nobody should answer (RFC 3834)
			continue
		}
		if parsed, err := mail.ParseAddress("<" + a + ">"); err != nil || parsed.Address != a || strings.ContainsAny(a, "\r\n\x00<> ") {
			return errors.New("not an address")
		}
	}
	return nil
}

func isASCII(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0 }

// runTransaction sends one message. gone reports that the connection had ended before the first answer, so nothing can have been sent.
func (cn *conn) runTransaction(from, to string, message []byte) (r Result, gone bool) {
	cn.setDeadline(cn.options.CommandTimeout)
	sender := "MAIL FROM:<" + from + ">"
	if cn.size {
		sender += fmt.Sprintf(" SIZE=%d", len(message))
	}
	if cn.eightBit && !isASCII(string(message)) {
		sender += " BODY=8BITMIME"
	}
	if !isASCII(from + to) {
		if !cn.utf8 {
			return Result{Outcome: Refused, Stage: StageRecipient, Code: 553, Enhanced: "5.6.7", Text: "the server can't send to addresses beyond ASCII"}, false
		}
		sender += " SMTPUTF8"
	}
	commands := []string{sender, "RCPT TO:<" + to + ">", "DATA"}
	stages := []Stage{StageSender, StageRecipient, StageData}
	if cn.dirty {
		commands, stages = append([]string{"RSET"}, commands...), append([]Stage{StageSender}, stages...)
	}
	cn.dirty = true
	replies, err := cn.exchangeCommands(commands...)
	for i, got := range replies {
		// 4yz and 5yz end it, and so does whatever isn't due here; 421 means that the server closes the connection (RFC 5321, 3.8).
		if due := map[bool]int{true: 3, false: 2}[stages[i] == StageData]; got.code/100 != due {
			cn.broken = cn.broken || got.code == 421 || got.code/100 < 4 || err != nil
			if last := len(replies) - 1; i < last && last == len(commands)-1 && replies[last].code == 354 {
				cn.abandonData()
			}
			r := resultOfReply(stages[i], got.code, got.text)
			if r.Outcome == Accepted {
				r.Outcome = Temporary
			}
			return r, got.code == 421 && i == 0
		}
	}
	if err != nil {
		cn.broken = true
		return resultOfError(stages[len(replies)], err), len(replies) == 0
	}
	return cn.sendContent(message), false
}

// exchangeCommands sends commands and reads their answers: all at once where the server lets us, else one by one up to the first
// that fails. With an error, the answers are those that came before.
func (cn *conn) exchangeCommands(commands ...string) (replies []reply, err error) {
	text := cn.client.Text
	for i, command := range commands {
		fmt.Fprint(text.W, command, "\r\n") // a bufio.Writer keeps its error for Flush
		if cn.pipeline && i < len(commands)-1 {
			continue
		}
		if err := text.W.Flush(); err != nil {
			return replies, fmt.Errorf("write %.4s: %w", command, err)
		}
		for len(replies) <= i {
			code, words, err := text.ReadResponse(0)
			if err != nil {
				return replies, fmt.Errorf("read reply: %w", err)
			}
			replies = append(replies, reply{code, words})
		}
		if replies[i].code >= 400 {
			return replies, nil
		}
	}
	return replies, nil
}

// abandonData ends a DATA that was accepted though its recipient wasn't: nothing, then a dot (RFC 2920, 3.1).
func (cn *conn) abandonData() {
	text := cn.client.Text
	fmt.Fprint(text.W, ".\r\n")
	if err := text.W.Flush(); err != nil {
		cn.broken = true
		return
	}
	if _, _, err := text.ReadResponse(0); err != nil {
		cn.broken = true
	}
}

// sendContent sends the message. What breaks before its end is on the way is Temporary; afterwards, only an answer can tell.
func (cn *conn) sendContent(message []byte) Result {
	cn.setDeadline(cn.options.DataTimeout)
	w := cn.client.Text.DotWriter()
	if _, err := w.Write(message); err != nil {
		cn.broken = true
		return resultOfError(StageData, fmt.Errorf("write message: %w", err))
	}
	if err := cn.atEnd(); err != nil {
		cn.broken = true
		return resultOfError(StageData, err)
	}
	if err := w.Close(); err != nil {
		cn.broken = true
		return Result{Outcome: InDoubt, Stage: StageData, Err: fmt.Errorf("end message: %w", err)}
	}
	code, words, err := cn.client.Text.ReadResponse(0)
	if err != nil {
		cn.broken = true
		return Result{Outcome: InDoubt, Stage: StageData, Err: fmt.Errorf("read reply to message: %w", err)}
	}
	cn.dirty = false
	r := resultOfReply(StageData, code, words)
	cn.broken = code == 421
	if code/100 != 2 && code/100 != 4 && code/100 != 5 {
		cn.broken, r.Outcome = true, InDoubt
	}
	return r
}
