// Package endtoend has the tests that run bridges as processes of their own, before an emulator: they are killed at
// random moments, and several share one queue. There is no code in it besides tests.
package endtoend
