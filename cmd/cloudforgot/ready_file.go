package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// readyFile is the path of a file that holds the emulator's URL, in one line, while it is ready; empty means none.
type readyFile string

// prepare makes sure that the file can be written and is not there yet. One of a run that was killed is removed, as
// nobody shall take it for this one's; one of a running emulator, and a file that is something else, are refused.
func (f readyFile) prepare(ctx context.Context) error {
	if f == "" {
		return nil
	}
	content, err := os.ReadFile(string(f))
	old := strings.TrimSpace(string(content))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("the ready file cannot be written: %w", err)
	case old != "" && (!strings.HasPrefix(old, "http://") || strings.ContainsAny(old, " \n")):
		return fmt.Errorf("%s is no ready file, as it holds something else: choose another name for --ready-file", f)
	case answers(ctx, old):
		return fmt.Errorf("the ready file %s belongs to the emulator that runs at %s: stop that, or choose another name for --ready-file", f, old)
	}
	if err := f.remove(); err != nil {
		return err
	}
	return f.put("")
}

// answers reports whether an emulator runs at a URL.
func answers(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, err := control.NewClient(url, nil).Health(ctx)
	return err == nil
}

// write makes the file appear with its whole content.
func (f readyFile) write(url string) error {
	if f == "" {
		return nil
	}
	if err := f.put(url + "\n"); err != nil {
		return err
	}
	if err := os.Rename(f.unfinished(), string(f)); err != nil {
		return fmt.Errorf("the ready file cannot be written: %w", err)
	}
	return nil
}

func (f readyFile) unfinished() string { return string(f) + ".tmp" }

func (f readyFile) put(content string) error {
	if err := os.WriteFile(f.unfinished(), []byte(content), 0o644); err != nil { //nolint:gosec // meant to be read by others
		return fmt.Errorf("the ready file cannot be written: %w", err)
	}
	return nil
}

// remove makes the file disappear; one that is not there is fine.
func (f readyFile) remove() error {
	if f == "" {
		return nil
	}
	for _, name := range []string{string(f), f.unfinished()} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("the ready file cannot be removed: %w", err)
		}
	}
	return nil
}
