package whatsapp

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOverrides(t *testing.T) {
	t.Parallel()
	base := DefaultSwitches().connection()
	if want := (overrides{5 * time.Second, 15 * time.Second, 15 * time.Second, 1, []string{"ct"}}); !reflect.DeepEqual(base, want) {
		t.Fatalf("defaults = %+v, want %+v", base, want)
	}
	for _, c := range []struct {
		fragment string
		change   func(*overrides)
		wrong    string // part of the only complaint
	}{
		{"", func(*overrides) {}, ""},
		{"#", func(*overrides) {}, ""},
		{"#rc=0", func(o *overrides) { o.retries = 0 }, ""},
		{"#rc=5&rp=4xx,5xx,ct,rt,all", func(o *overrides) { o.retries, o.policy = 5, []string{"4xx", "5xx", "ct", "rt", "all"} }, ""},
		{"#rp=4xx%2Crt", func(o *overrides) { o.policy = []string{"4xx", "rt"} }, ""},
		{"#ct=100&rt=15000&tt=101", func(o *overrides) {
			o.connect, o.read, o.total = 100*time.Millisecond, 15*time.Second, 101*time.Millisecond
		}, ""},
		{"#e=ashburn,dublin&sni=n&rc=2", func(o *overrides) { o.retries = 2 }, ""},
		{"#rc=6", func(*overrides) {}, "from 0 to 5"},
		{"#rc=-1", func(*overrides) {}, "from 0 to 5"},
		{"#rc=2&rc=x", func(o *overrides) { o.retries = 2 }, "from 0 to 5"},
		{"#ct=10001", func(*overrides) {}, "from 100 to 10000"},
		{"#rt=99", func(*overrides) {}, "from 100 to 15000"},
		{"#tt=1s", func(*overrides) {}, "from 100 to 15000"},
		{"#rp=6xx", func(*overrides) {}, `"6xx" is none of`},
		{"#rp=", func(*overrides) {}, `"" is none of`},
		{"#sni=maybe", func(*overrides) {}, "y or n"},
		{"#rp=%zz", func(*overrides) {}, "invalid URL escape"},
		{"#section-2", func(*overrides) {}, "no such parameter"},
	} {
		want := base
		c.change(&want)
		got, wrong := base.override("https://example.com/in?a=1" + c.fragment)
		if !reflect.DeepEqual(got, want) || len(wrong) > 1 || (c.wrong == "") != (len(wrong) == 0) || len(wrong) == 1 && !strings.Contains(wrong[0], c.wrong) {
			t.Errorf("%s: %+v, %q; want %+v, %q", c.fragment, got, wrong, want, c.wrong)
		}
	}
}

// Whatever the fragment, the limits stay within Twilio's, and a fragment that is understood is understood again.
func FuzzOverrides(f *testing.F) {
	for _, seed := range []string{"rc=2&rp=4xx,5xx,ct,rt,all&ct=100&rt=200&tt=300", "e=x&sni=y", "#", "rc", "=", "&&", "rp=%zz", "ct=١٠٠"} {
		f.Add(seed)
	}
	base := DefaultSwitches().connection()
	f.Fuzz(func(t *testing.T, fragment string) {
		got, wrong := base.override("https://example.com/#" + fragment)
		for name, d := range map[string]time.Duration{"ct": got.connect, "rt": got.read, "tt": got.total} {
			if d < 100*time.Millisecond || d > 15*time.Second {
				t.Errorf("%s = %s", name, d)
			}
		}
		if got.retries < 0 || got.retries > 5 || len(got.policy) == 0 {
			t.Errorf("%+v", got)
		}
		again, wrongAgain := got.override("https://example.com/#" + fragment)
		if !reflect.DeepEqual(again, got) || !slices.Equal(wrongAgain, wrong) {
			t.Errorf("%q is read as %+v and then as %+v", fragment, got, again)
		}
	})
}
