package hostilemail

import "strings"

// IMAP are the modes of a server that is read.
func IMAP() []Mode {
	return []Mode{
		{"every UID there may be", "SEARCH", func(w *writer, tag string) {
			w.say("* ESEARCH (TAG %q) UID ALL 1:4294967295\r\n%s OK done\r\n", tag, tag)
		}},
		{"every UID, backwards", "SEARCH", func(w *writer, tag string) {
			w.say("* ESEARCH (TAG %q) UID ALL 4294967295:1\r\n%s OK done\r\n", tag, tag)
		}},
		{"ranges without end", "SEARCH", func(w *writer, tag string) {
			for {
				w.say("* ESEARCH (TAG %q) UID ALL %s\r\n", tag, strings.Repeat("1:4294967295,", 70_000))
			}
		}},
		{"numbers without end", "SEARCH", func(w *writer, _ string) { w.say("* SEARCH"); w.forever(" 4294967295") }},
		{"searches without end", "SEARCH", func(w *writer, _ string) { w.forever("* SEARCH 1 2 3 4 5\r\n") }},
		{"brackets without end", "FETCH", func(w *writer, _ string) { w.say("* 1 FETCH "); w.forever("(") }},
		{"many deep brackets", "FETCH", func(w *writer, _ string) {
			w.forever("* 1 FETCH " + strings.Repeat("(", 10_000) + strings.Repeat(")", 10_000) + "\r\n")
		}},
		{"a line without end", "EXAMINE", func(w *writer, _ string) { w.say("* FLAGS "); w.forever("x") }},
		{"a greeting without end", "greeting", func(w *writer, _ string) { w.say("* OK "); w.forever("x") }},
		{"a reason without end", "LOGIN", func(w *writer, tag string) { w.say("%s NO ", tag); w.forever("x") }},
		{"a quoted string without end", "LIST", func(w *writer, _ string) { w.say(`* LIST () "/" "`); w.forever("x") }},
		{"a literal without end", "FETCH", func(w *writer, _ string) { w.say("* 1 FETCH (UID 1 BODY[] {9223372036854775807}\r\n"); w.forever("x") }},
		{"literals without end", "FETCH", func(w *writer, _ string) {
			w.say("* 1 FETCH (UID 1")
			w.forever(" X {1048576}\r\n" + strings.Repeat("x", 1<<20))
		}},
		{"folders without end", "LIST", func(w *writer, _ string) {
			w.forever("* LIST (\\Junk) \"/\" {65536}\r\n" + strings.Repeat("x", 64<<10) + "\r\n")
		}},
		{"many folders", "LIST", func(w *writer, _ string) { w.forever("* LIST (\\Junk) \"/\" x\r\n") }},
		{"capabilities without end", "CAPABILITY", func(w *writer, _ string) {
			for i := 0; ; i++ {
				w.say("* CAPABILITY A%d B%d C%d D%d\r\n", i, i, i, i)
			}
		}},
		{"news without end", "EXAMINE", func(w *writer, _ string) { w.forever("* 3 EXISTS\r\n") }},
		{"messages that nobody asked for", "FETCH", func(w *writer, _ string) {
			body := strings.Repeat("x", 1<<20)
			for i := 1; ; i++ {
				w.say("* %d FETCH (BODY[] {%d}\r\n%s)\r\n", i, len(body), body)
			}
		}},
		{"sizes without end", "FETCH", func(w *writer, _ string) {
			for i := 1; ; i++ {
				w.say("* %d FETCH (UID %d RFC822.SIZE 1)\r\n", i, i)
			}
		}},
		{"a size that is wrong", "FETCH", func(w *writer, tag string) { w.say("* 1 FETCH (UID 1 BODY[] {100}\r\nshort)\r\n%s OK done\r\n", tag) }},
		{"a negative size", "FETCH", func(w *writer, tag string) { w.say("* 1 FETCH (UID 1 BODY[] {-1}\r\nshort)\r\n%s OK done\r\n", tag) }},
		{"junk", "greeting", func(w *writer, _ string) { w.say("* OK hi\r\n"); w.forever("\x00\xff)}{\"\\\r\n") }},
		{"continuations without end", "LOGIN", func(w *writer, _ string) { w.forever("+ go on\r\n") }},
		{"a byte at a time", "EXAMINE", func(w *writer, _ string) { w.drip("* 3 EXISTS\r\n") }},
		{"nothing at all", "greeting", func(w *writer, _ string) { w.hold() }},
		{"nothing any more", "SEARCH", func(w *writer, _ string) { w.hold() }},
		{"an end in the middle", "FETCH", func(w *writer, _ string) { w.say("* 1 FETCH (UID 1 BODY[] {100}\r\nx"); panic(gone{}) }},
	}
}

// SMTP are the modes of a server that messages are sent by.
func SMTP() []Mode {
	return []Mode{
		{"a greeting without end", "greeting", func(w *writer, _ string) { w.say("220 "); w.forever("x") }},
		{"a greeting of lines without end", "greeting", func(w *writer, _ string) { w.forever("220-hello\r\n") }},
		{"extensions without end", "EHLO", func(w *writer, _ string) { w.forever("250-XYZ\r\n") }},
		{"a line without end", "EHLO", func(w *writer, _ string) { w.say("250-"); w.forever("x") }},
		{"challenges without end", "AUTH", func(w *writer, _ string) { w.forever("334 VXNlcm5hbWU6\r\n") }},
		{"a refusal without end", "AUTH", func(w *writer, _ string) { w.say("535 "); w.forever("x") }},
		{"a recipient's lines without end", "RCPT", func(w *writer, _ string) { w.forever("250-yes\r\n") }},
		{"a recipient's line without end", "RCPT", func(w *writer, _ string) { w.say("550 "); w.forever("x") }},
		{"a last reply without end", "END", func(w *writer, _ string) { w.forever("250-taken\r\n") }},
		{"junk", "MAIL", func(w *writer, _ string) { w.forever("\x00\xff)}{\"\\\r\n") }},
		{"a byte at a time", "RCPT", func(w *writer, _ string) { w.drip("250-yes\r\n") }},
		{"nothing at all", "greeting", func(w *writer, _ string) { w.hold() }},
		{"nothing after the message", "END", func(w *writer, _ string) { w.hold() }},
		{"an end after the message", "END", func(*writer, string) { panic(gone{}) }},
	}
}
