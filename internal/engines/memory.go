package engines

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// folderMemory is what a data folder remembers between starts: the secret of its engines and the ports they had. It is kept
// in engines.json, readable by its owner only.
type folderMemory struct {
	mu     sync.Mutex
	path   string
	news   bool           // something is not saved yet
	Secret string         `json:"secret"`
	Ports  map[string]int `json:"ports"`
}

func loadMemory(data string) (*folderMemory, error) {
	m := &folderMemory{path: filepath.Join(data, "engines.json")}
	b, err := os.ReadFile(m.path)
	if err == nil {
		err = json.Unmarshal(b, m)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, &Problem{What: "can't read " + m.path, Fix: "restore it from a backup, or start over with `outrider dev --reset`", Err: err}
	}
	if m.Ports == nil {
		m.Ports = map[string]int{}
	}
	if m.Secret != "" {
		return m, nil
	}
	m.Secret = rand.Text()
	return m, m.saveFile()
}

// saveFile replaces the file in one step, so that a crash leaves the old or the new one.
func (m *folderMemory) saveFile() error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", m.path, err)
	}
	tmp := m.path + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return unwritableProblem(filepath.Dir(m.path), err)
	}
	_, err = f.Write(append(b, '\n'))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(tmp, m.path)
	}
	if err != nil {
		return unwritableProblem(filepath.Dir(m.path), err)
	}
	return syncFolder(filepath.Dir(m.path))
}

// syncFolder makes renames in a folder survive a power cut.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err == nil {
		err = errors.Join(d.Sync(), d.Close())
	}
	if err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}

// saveNews is called when all engines are up.
func (m *folderMemory) saveNews() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.news {
		return nil
	}
	m.news = false
	return m.saveFile()
}

func (m *folderMemory) setPort(engine string, port int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.news = m.news || m.Ports[engine] != port
	m.Ports[engine] = port
}

// listenFor opens the asked port, or the one of the last start, or any free one when that is taken. Loopback only.
func (m *folderMemory) listenFor(engine string, asked int) (*net.TCPListener, error) {
	m.mu.Lock()
	last := m.Ports[engine]
	m.mu.Unlock()
	port := asked
	if port == 0 {
		port = last
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port)) //nolint:noctx // loopback: nothing to wait for
	if err != nil && asked != 0 {
		return nil, &Problem{What: fmt.Sprintf("port %d for %s is taken", asked, engine), Fix: "stop what listens there or choose another port", Err: err}
	}
	if err != nil {
		l, err = net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // as above
	}
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", engine, err)
	}
	t := l.(*net.TCPListener) // "tcp" gives nothing else
	m.setPort(engine, tcpPort(t.Addr()))
	return t, nil
}

func tcpPort(a net.Addr) int { return a.(*net.TCPAddr).Port } // of a TCP listener
