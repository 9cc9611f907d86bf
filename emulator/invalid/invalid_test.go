package invalid_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/invalid"
)

func TestIs(t *testing.T) {
	t.Parallel()
	mistake := invalid.Errorf("%q is not a number: %w", "x", io.EOF)
	if got, want := mistake.Error(), `"x" is not a number: EOF`; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if !errors.Is(mistake, io.EOF) {
		t.Error("the wrapped error is lost")
	}
	for _, c := range []struct {
		err  error
		want bool
	}{
		{nil, false}, {io.EOF, false}, {mistake, true}, {fmt.Errorf("contact: %w", mistake), true},
		{errors.Join(io.EOF, mistake), true}, {fmt.Errorf("disk: %w", io.EOF), false},
	} {
		if got := invalid.Is(c.err); got != c.want {
			t.Errorf("Is(%v) = %v, want %v", c.err, got, c.want)
		}
	}
}
