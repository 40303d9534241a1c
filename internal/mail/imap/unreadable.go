package imap

// MaxTries is in how many polls a message may fail before it is passed over.
const MaxTries = 3

// failedReads are the messages that could not be read, by folder.
type failedReads map[string]*FolderTries

// FolderTries are those of one folder: what whoever opens another client for it goes on with.
type FolderTries struct {
	Validity uint32
	Failed   map[uint32]Failure
}

// Failure is a message that could not be read.
type Failure struct {
	Count  int
	Reason string
}

// TriesOf returns what could not be read in a folder, and SetTries has the client go on with what another one couldn't.
func (c *Client) TriesOf(folder string) *FolderTries {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tries[folder]
}

// SetTries is told about at TriesOf; nil = nothing failed.
func (c *Client) SetTries(folder string, t *FolderTries) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.tries, folder)
	if t != nil && t.Failed != nil {
		c.tries[folder] = t
	}
}

func (t failedReads) addFailure(folder string, validity, uid uint32, err error) {
	f := t[folder]
	if f == nil || f.Validity != validity {
		f = &FolderTries{validity, map[uint32]Failure{}}
		t[folder] = f
	}
	f.Failed[uid] = Failure{f.Failed[uid].Count + 1, err.Error()[:min(len(err.Error()), 500)]}
}

func (t failedReads) get(folder string, uid uint32) (count int, reason string) {
	if f := t[folder]; f != nil {
		return f.Failed[uid].Count, f.Failed[uid].Reason
	}
	return 0, ""
}

func (t failedReads) count(folder string, uid uint32) int {
	n, _ := t.get(folder, uid)
	return n
}

func (t failedReads) forget(folder string, uid uint32) {
	if f := t[folder]; f != nil {
		delete(f.Failed, uid)
	}
}

// prune forgets what lies before a cursor.
func (t failedReads) prune(folder string, at Cursor) {
	f := t[folder]
	if f == nil {
		return
	}
	if f.Validity != at.Validity {
		delete(t, folder)
		return
	}
	for uid := range f.Failed {
		if uid < at.Next {
			delete(f.Failed, uid)
		}
	}
}
