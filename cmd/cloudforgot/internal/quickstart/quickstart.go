// Package quickstart keeps the go command from being run at every start of cloudforgot.
//
// A package of godog runs `go env` while it is initialised, for a tool that builds test binaries. It belongs to a package that
// `cloudforgot test` needs and cannot be left out, and it took the other commands 7 of their first 20 ms. Where the go command cannot be
// found it does without. So this package hides PATH, and package main restores it.
//
// That works since packages are initialised in the order of their import paths, as far as what they import allows (The Go
// Programming Language Specification, "Program initialization"): this one, which imports nothing but os, comes before godog, and
// package main comes last. The script start.txtar among cmd/cloudforgot's tests holds it.
package quickstart

import "os"

var path, hadPath = hidePath()

func hidePath() (path string, had bool) {
	path, had = os.LookupEnv("PATH")
	_ = os.Unsetenv("PATH") // an error leaves it as it is: the start is slower
	return path, had
}

// RestorePath gives PATH its value back. Package main calls it while it is initialised. It returns true, for a variable.
func RestorePath() bool {
	if hadPath {
		_ = os.Setenv("PATH", path) // it was set
	}
	return true
}
