package control

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxDuration bounds a step of the clock: a hundred years, far from where times overflow.
const maxDuration = 100 * 365 * 24 * time.Hour

// ParseDuration reads a duration as Go does, with days in front: "72h", "3d", "1d12h", "90s". It must not be negative.
func ParseDuration(s string) (time.Duration, error) {
	bad := fmt.Errorf("%q is not a duration: write it like 72h, 3d or 1d12h30m", s)
	rest := strings.TrimSpace(s)
	var total time.Duration
	if days, after, found := strings.Cut(rest, "d"); found {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 {
			return 0, bad
		}
		if n > int(maxDuration/(24*time.Hour)) {
			return 0, fmt.Errorf("%q is longer than a hundred years", s)
		}
		total, rest = time.Duration(n)*24*time.Hour, after
		if rest == "" {
			return total, nil
		}
	}
	d, err := time.ParseDuration(rest)
	if err != nil {
		return 0, bad
	}
	if d < 0 {
		return 0, fmt.Errorf("%q is negative: the clock only advances; use set to move it back", s)
	}
	if d > maxDuration || total+d > maxDuration {
		return 0, fmt.Errorf("%q is longer than a hundred years", s)
	}
	return total + d, nil
}
