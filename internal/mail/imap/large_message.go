package imap

import (
	"fmt"

	"outrider/internal/mail/skim"
)

// maxSkimmed is how far into a large message a text is looked for.
const maxSkimmed = 64 << 20

func (r *folderReader) pieceAt(offset int64) string {
	return fmt.Sprintf("<%d.%d>", offset, r.client.options.MaxMessageBytes)
}

// lookFurther reads on in a message that begins with a file, piece by piece, until its text has come: parts may have any order (RFC 2046, 5.1).
// Files are left out of what it keeps: of a message of any size there is one piece in memory, and what is kept, of which each has MaxMessageBytes
// and skim.MaxBytes at most.
func (r *folderReader) lookFurther(m *StoredMail) error {
	var kept skim.Writer
	_, _ = kept.Write(m.Raw)
	if kept.HasText() {
		return nil
	}
	for offset, last := int64(len(m.Raw)), int64(len(m.Raw)); last == r.client.options.MaxMessageBytes && offset < maxSkimmed && !kept.HasText(); offset += last {
		last = 0
		if err := r.conn.fetch([]uint32{m.UID}, "(UID BODY.PEEK[]"+r.pieceAt(offset)+")", func(f fetchedItems) {
			if f.body != nil {
				last = int64(len(f.body.text))
				_, _ = kept.Write([]byte(f.body.text))
			}
		}); err != nil {
			return err
		}
	}
	m.Raw = kept.Bytes()
	return nil
}
