// Package pgtest starts a throw-away PostgreSQL server for tests: in a temporary folder, on a Unix socket, with no
// network. Where PostgreSQL is not installed it skips the test and says so.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// debianBin is the folder of the server's programs on Debian, which is not on the PATH.
const debianBin = "/usr/lib/postgresql/15/bin"

// Start runs a server until the test ends and returns the URL of its database.
func Start(t testing.TB) string {
	t.Helper()
	initdb, postgres := find("initdb"), find("postgres")
	if initdb == "" || postgres == "" {
		t.Skip("SKIPPED: PostgreSQL is not installed (apt-get install postgresql), so nothing here was tested on it")
	}
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	as, err := owner(dir)
	if err != nil {
		t.Skip("SKIPPED: PostgreSQL does not run as root, and there is no other user to run it as: ", err)
	}
	data := filepath.Join(dir, "data")
	made := exec.CommandContext(t.Context(), initdb, "-D", data, "-U", "bridge", "-A", "trust", "-E", "UTF8", "--no-sync") //nolint:gosec // a fixed program
	made.SysProcAttr, made.Dir = as, dir
	if out, err := made.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	// The server must outlive the test's context, which ends before its cleanup.
	server := exec.CommandContext(context.WithoutCancel(t.Context()), postgres, "-D", data, "-k", dir, //nolint:gosec // a fixed program
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=100")
	return run(t, server, as, dir)
}

func run(t testing.TB, server *exec.Cmd, as *syscall.SysProcAttr, dir string) string {
	t.Helper()
	var log bytes.Buffer
	server.SysProcAttr, server.Dir, server.Stdout, server.Stderr = as, dir, &log, &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT) // ends sessions, then stops
		_ = server.Wait()
	})
	url := fmt.Sprintf("postgres:///postgres?host=%s&user=bridge", dir)
	if err := waitReady(t.Context(), url); err != nil {
		_ = server.Process.Kill()
		_ = server.Wait()
		t.Fatalf("PostgreSQL does not come up: %v\n%s", err, &log)
	}
	return url
}

// waitReady connects until it works.
func waitReady(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	for {
		c, err := pgx.Connect(ctx, url)
		if err == nil {
			return c.Close(ctx)
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		}
	}
}

func find(program string) string {
	if path, err := exec.LookPath(filepath.Join(debianBin, program)); err == nil {
		return path
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return ""
	}
	return path
}

// owner gives dir to a user that PostgreSQL agrees to run as; nil means the current one.
func owner(dir string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(errUID, errGID, os.Chown(dir, int(uid), int(gid))); err != nil {
			return nil, err
		}
		return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return nil, errors.New("neither postgres nor nobody exists")
}
