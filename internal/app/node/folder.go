package node

// Folder is where a process keeps what it needs on disk.
type Folder struct {
	Data string `default:".outrider" help:"Folder of the embedded engines, keys and secrets." placeholder:"DIR"`
}
