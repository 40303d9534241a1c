package inbound

import "bytes"

// What is looked through for something of ours.
const (
	maxLooked = 1 << 20 // of the bytes of a message, and of what is decoded of them
	maxRun    = 192 << 10
	minBase64 = 32 // letters of a line that is taken for one of base64
)

// Views returns what stands below the header of a mail in each form in which something of ours may stand there, wherever it stands and whatever
// the mail says of its parts: as the bytes came, without the encoding quoted-printable, and what is base64 among them.
func (m Mail) Views() [][]byte { return viewsOf(m.body, 2) }

// Head returns the bytes of its header.
func (m Mail) Head() []byte { return m.head[:min(len(m.head), maxHeader)] }

func viewsOf(raw []byte, depth int) [][]byte {
	raw = raw[:min(len(raw), maxLooked)]
	all := [][]byte{raw}
	if bytes.Contains(raw, []byte("=\n")) || bytes.Contains(raw, []byte("=\r\n")) || bytes.Contains(raw, []byte("=3D")) {
		all = append(all, decodeQuotedPrintable(raw, maxLooked))
	}
	if depth == 0 {
		return all
	}
	for _, run := range base64Runs(raw) {
		all = append(all, viewsOf(decodeBase64(run, maxRun), depth-1)...)
	}
	return all
}

// base64Runs returns the lines that look like base64, those below each other as one, each to its first maxRun bytes.
func base64Runs(raw []byte) (runs [][]byte) {
	start, end, total := -1, 0, 0
	finish := func() {
		if start >= 0 && total < maxLooked && len(runs) < maxParts {
			run := raw[start:min(end, start+maxRun)]
			runs, total = append(runs, run), total+len(run)
		}
		start = -1
	}
	for rest := raw; len(rest) > 0; {
		line, next := cutLine(rest)
		at := len(raw) - len(rest)
		line = bytes.TrimRight(line, " \t")
		if is := isBase64(line); is && (start >= 0 || len(line) >= minBase64) {
			if start < 0 {
				start = at
			}
			end = at + len(line)
		} else {
			finish()
		}
		rest = next
	}
	finish()
	return runs
}

func isBase64(line []byte) bool {
	line = bytes.TrimRight(line, "=")
	for _, c := range line {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '+' && c != '/' {
			return false
		}
	}
	return len(line) > 0
}
