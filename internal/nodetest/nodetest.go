// Package nodetest runs programs for Node.js against an emulator, for tests: what twilio-node does is what most of Twilio's users do.
// It needs node and npm, and the npm registry once; a test that lacks them is skipped loudly, and fails in CI.
package nodetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Twilio is twilio-node as npm names it, in the version that the tests use.
const Twilio = "twilio@6.3.1"

// Limits of real time.
const (
	installTime = 3 * time.Minute
	runTime     = time.Minute
)

//go:embed redirect.js
var redirect []byte

// Program is a program for Node.js.
type Program struct {
	// File is its source in CommonJS, such as "testdata/program.js". It requires Packages by their names.
	File string
	// URL is the base URL of the emulator. Requests for https://*.twilio.com go there and keep their Host header, so that the program
	// uses twilio-node as it would in production. The program finds the URL in CLOUDFORGOT_URL too.
	URL string
	// Packages are npm packages with their versions; empty means Twilio.
	Packages []string
	// Env has further variables: "NAME=value". The program gets no others of the test's but PATH.
	Env []string
}

// Run runs a program to its end and returns what it printed. A program that fails, or takes longer than a minute, fails the test with
// what it wrote to its standard error. The test is skipped, or fails in CI, where Node.js or the packages are missing.
func Run(t testing.TB, p Program) []byte {
	t.Helper()
	if len(p.Packages) == 0 {
		p.Packages = []string{Twilio}
	}
	node, modules := need(t, "node"), install(t, p.Packages)
	preload := filepath.Join(t.TempDir(), "redirect.js")
	if err := os.WriteFile(preload, redirect, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), runTime)
	defer cancel()
	c := exec.CommandContext(ctx, node, "--require", preload, p.File)
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), "NODE_PATH=" + modules, "CLOUDFORGOT_URL=" + p.URL}, p.Env...)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		t.Fatalf("%s: %v (%v)\n%s%s", p.File, err, context.Cause(ctx), stdout.Bytes(), stderr.Bytes())
	}
	return stdout.Bytes()
}

// install returns the node_modules folder with some packages. It is kept in the user's cache for the next test and the next run.
func install(t testing.TB, packages []string) string {
	t.Helper()
	npm := need(t, "npm")
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	sum := sha256.Sum256([]byte(strings.Join(packages, " ")))
	folder := filepath.Join(cache, "cloudforgot", "node", hex.EncodeToString(sum[:8]))
	modules := filepath.Join(folder, "node_modules")
	if _, err := os.Stat(modules); err == nil {
		return modules
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil { //nolint:gosec // a cache of public packages
		t.Fatal(err)
	}
	made, err := os.MkdirTemp(filepath.Dir(folder), "installing-") // several tests may do this at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(made) }()
	ctx, cancel := context.WithTimeout(t.Context(), installTime)
	defer cancel()
	c := exec.CommandContext(ctx, npm, append([]string{"install", "--prefix", made, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"},
		packages...)...)
	c.Dir = made
	if out, err := c.CombinedOutput(); err != nil {
		missing(t, "npm could not install "+strings.Join(packages, " ")+": "+err.Error()+"\n"+string(out))
	}
	if err := os.Rename(made, folder); err != nil {
		if _, other := os.Stat(modules); other != nil { // no other test was faster
			t.Fatal(errors.Join(err, other))
		}
	}
	return modules
}

// need returns the path of a program.
func need(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, name+" is not installed")
	}
	return path
}

// missing ends a test that cannot run here.
func missing(t testing.TB, why string) {
	t.Helper()
	text := "NOT TESTED with Node.js: " + why
	if os.Getenv("CLOUDFORGOT_CI") != "" {
		t.Fatal(text)
	}
	t.Skip(text)
}
