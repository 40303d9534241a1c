package reports

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"outrider/commands"
	"outrider/internal/app/reportfile"
	"outrider/internal/blob"
	"outrider/internal/blob/s3test"
	"outrider/internal/lab/reactortest"
)

// childOf names, for a process that is to be killed, the bucket and the file that it writes.
const childOf = "OUTRIDER_REPORT_CHILD"

func TestMain(m *testing.M) {
	if order := os.Getenv(childOf); order != "" {
		fmt.Println(writeHalf(order))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeHalf writes the better part of a file, says so, and waits for its end.
func writeHalf(order string) error {
	location, name, _ := strings.Cut(order, "\n")
	bucket, err := blob.Open(context.Background(), location)
	if err != nil {
		return err
	}
	_, err = bucket.FillPlain(context.Background(), name, "text/csv", func(w io.Writer) error {
		if _, err := w.Write(bytes.Repeat([]byte("half"), 4<<20)); err != nil {
			return err
		}
		fmt.Println("half")
		select {}
	})
	return err
}

// killed has a process write a file of the run, and kills it (SIGKILL) in the middle.
func (o *office) killed(t *testing.T, location string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childOf+"="+location+"\n"+reportfile.Name(o.org, o.asked.ReportID, o.asked.RunID, "csv"))
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	said, _ := bufio.NewReader(out).ReadString('\n')
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if said != "half\n" {
		t.Fatalf("it said %q", said)
	}
}

// checkDoneOnce runs what was killed once more, and then again: the same files, whole, and one command.
func (o *office) checkDoneOnce(t *testing.T) {
	t.Helper()
	if r, err := o.bucket.Read(t.Context(), reportfile.Name(o.org, o.asked.ReportID, o.asked.RunID, "csv")); err == nil {
		_ = r.Close()
		t.Error("a part of a file is there")
	}
	e := reactortest.Fact(t, o.org, o.asked)
	for range 2 {
		if _, err := o.handleEvent(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	done := reactortest.Of[commands.CompleteReportRun](t, o.Boundary)
	if len(done) != 1 {
		t.Fatalf("%d commands complete it", len(done))
	}
	left, err := o.bucket.List(t.Context(), "")
	if err != nil || len(left) != 3 {
		t.Errorf("%v are there, %v", left, err)
	}
	for _, f := range done[0].Files {
		sum := sha256.Sum256([]byte(o.file(t, f.Format)))
		if f.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s isn't what was written", f.Format)
		}
	}
}

func TestAKilledRunLeavesNothing(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "blobs")
	o := setupOfficeAt(t, folder)
	o.killed(t, folder)
	if left, err := o.bucket.List(t.Context(), ""); err != nil || len(left) != 1 || !strings.HasSuffix(left[0].Name, ".tmp") {
		t.Fatalf("the test shows nothing: %v are left by who was killed, %v", left, err)
	}
	o.checkDoneOnce(t)
}

func TestAKilledRunLeavesNothingInAStore(t *testing.T) {
	g := s3test.Start(t)
	o := setupOfficeAt(t, g.Blobs())
	o.killed(t, g.Blobs())
	if left, err := o.bucket.List(t.Context(), ""); err != nil || len(left) != 0 {
		t.Errorf("%v are left, %v", left, err)
	}
	o.checkDoneOnce(t)
}
