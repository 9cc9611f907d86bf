package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// readText reads the text of a message from stdin.
func (p process) readText() (string, error) {
	text, err := io.ReadAll(io.LimitReader(p.stdin, whatsapp.MaxText*4+1)) // the emulator counts and says what is too long
	if err != nil {
		return "", fmt.Errorf("stdin cannot be read: %w", err)
	}
	return strings.TrimSuffix(string(text), "\n"), nil
}

// readFiles reads the files that a phone sends.
func readFiles(paths []string) ([]control.NewFile, error) {
	files := make([]control.NewFile, 0, len(paths))
	for _, path := range paths {
		file, err := readFile(path)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

func readFile(path string) (control.NewFile, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return control.NewFile{}, fmt.Errorf("there is no file %s", path)
	case err != nil:
		return control.NewFile{}, err
	case !info.Mode().IsRegular():
		return control.NewFile{}, fmt.Errorf("%s is not a file that can be sent", path)
	case info.Size() > whatsapp.MaxFile:
		return control.NewFile{}, fmt.Errorf("%s has %d bytes: WhatsApp takes %d at most", path, info.Size(), whatsapp.MaxFile)
	}
	content, err := os.ReadFile(path) //nolint:gosec // the user names it
	return control.NewFile{Filename: filepath.Base(path), Content: content}, err
}
