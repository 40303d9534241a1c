package mailtest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"outrider/internal/mail/transport"
)

// IMAPScript is a server that says what it was told to, whatever it is asked. {tag} stands for the command's tag, {close} ends the connection.
type IMAPScript struct {
	Greeting string
	Answers  map[string]string // by how a command begins; "UID FETCH sizes" is the one that asks for sizes, "UID FETCH <5." one for what begins there
	Once     map[string]string // for the first such command
	Refuses  []uint32          // a FETCH of bodies whose set holds one of these is answered with NO
	Closes   []uint32          // or with the connection's end
	Stalls   []uint32          // or never
	Cursor   struct{ Validity, Next uint32 }
}

// Serve listens until the test ends. Any user and password will do.
func (s IMAPScript) Serve(t testing.TB, ca CA) transport.ServerLogin {
	t.Helper()
	once := map[string]string{}
	for name, answer := range s.Once {
		once[name] = answer
	}
	turn := make(chan struct{}, 1) // one connection at a time speaks
	turn <- struct{}{}
	at := ca.ServeTLS(t, func(conn net.Conn) {
		in := bufio.NewReader(conn)
		if _, err := io.WriteString(conn, s.Greeting); err != nil {
			return
		}
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			tag, command, _ := strings.Cut(strings.TrimSpace(line), " ")
			<-turn
			answer := strings.ReplaceAll(s.answer(once, command), "{tag}", tag)
			turn <- struct{}{}
			answer, _, closes := strings.Cut(answer, "{close}")
			if _, err := io.WriteString(conn, answer); err != nil || closes {
				return
			}
		}
	})
	return transport.ServerLogin{Host: "127.0.0.1", Port: at.Port, Username: "user", Password: "secret"}
}

func (s IMAPScript) answer(once map[string]string, command string) string {
	name := strings.ToUpper(command)
	if strings.HasPrefix(name, "UID FETCH") {
		name = "UID FETCH"
		if strings.Contains(command, "RFC822.SIZE") {
			name += " sizes"
		} else if set := strings.Fields(command)[2]; holdsAny(set, s.Refuses) {
			return "{tag} NO it is damaged\r\n"
		} else if holdsAny(set, s.Closes) {
			return "{close}"
		} else if holdsAny(set, s.Stalls) {
			return ""
		} else if _, piece, found := strings.Cut(command, "<"); found {
			name += " <" + piece
		}
	}
	for _, answers := range []map[string]string{once, s.Answers} {
		longest := ""
		for begins := range answers {
			if strings.HasPrefix(name, begins) && len(begins) > len(longest) {
				longest = begins
			}
		}
		if longest != "" {
			answer := answers[longest]
			delete(once, longest)
			return answer
		}
	}
	return "{tag} OK done\r\n"
}

// holdsAny says whether a set such as 1:3,7 holds one of some numbers.
func holdsAny(set string, numbers []uint32) bool {
	for part := range strings.SplitSeq(set, ",") {
		low, high, isRange := strings.Cut(part, ":")
		if !isRange {
			high = low
		}
		from, _ := strconv.ParseUint(low, 10, 32)
		to, _ := strconv.ParseUint(high, 10, 32)
		for _, n := range numbers {
			if uint64(n) >= from && uint64(n) <= to {
				return true
			}
		}
	}
	return false
}

// FetchAnswer is how a server with good manners gives a message.
func FetchAnswer(uid uint32, raw string) string {
	return fmt.Sprintf("* %d FETCH (UID %d INTERNALDATE \" 2-Mar-2026 09:00:00 +0000\" BODY[] {%d}\r\n%s)\r\n", uid, uid, len(raw), raw)
}
