// Package endtoend has the tests that run bridges as processes of their own, before a fake Twilio: they are killed at
// random moments, and several share one queue. There is no code in it besides tests.
package endtoend
