// Package s3test starts a store of the S3 kind that others have written, versitygw, for tests that speak to it (make test-s3).
package s3test

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Program is the environment variable that names the program; without it the tests are skipped.
const Program = "OUTRIDER_S3_GATEWAY"

// Names of what a gateway has.
const (
	Bucket = "reports"
	Region = "us-east-1"
	key    = "outrider-test"
	secret = "a secret of tests"
)

// Gateway is a running store with one bucket.
type Gateway struct {
	Folder  string // where its objects lie
	address string
}

// Start starts a gateway that ends with the test, and gives the process its credentials. The test can't be parallel.
func Start(t *testing.T) *Gateway {
	t.Helper()
	program := os.Getenv(Program)
	if program == "" {
		t.Skip("make test-s3 runs this: " + Program + " names no gateway")
	}
	ctx := context.Background() // it lives until the test's clean-up
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &Gateway{Folder: t.TempDir(), address: l.Addr().String()}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(g.Folder, Bucket), 0o700); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, program, "--region", Region, "--port", g.address, "posix", g.Folder)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+key, "ROOT_SECRET_KEY="+secret)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended //nolint:errcheck // it was killed
	})
	for began := time.Now(); ; {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", g.address)
		if err == nil {
			_ = c.Close()
			break
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the gateway has ended: %v\n%s", err, &said)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Since(began) > 2*time.Minute {
			t.Fatal("the gateway doesn't answer")
		}
	}
	Credentials(t, key, secret)
	return g
}

// Credentials gives the process others; an empty one stays as it is.
func Credentials(t *testing.T, id, secretKey string) {
	t.Helper()
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	if id != "" {
		t.Setenv("AWS_ACCESS_KEY_ID", id)
	}
	if secretKey != "" {
		t.Setenv("AWS_SECRET_ACCESS_KEY", secretKey)
	}
}

// Location is a bucket of the gateway in a region, as --blobs takes it.
func (g *Gateway) Location(bucket, region string) string {
	return "s3://" + bucket + "?region=" + region + "&endpoint=http://" + g.address + "&s3ForcePathStyle=true"
}

// Blobs is its own bucket.
func (g *Gateway) Blobs() string { return g.Location(Bucket, Region) }
