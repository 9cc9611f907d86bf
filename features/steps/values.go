package steps

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// parseCount reads "no" or a number.
func parseCount(s string) (int, error) {
	if s == "no" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, fmt.Errorf("%q is too large a number", s)
	}
	return n, nil
}

// parseDuration reads a duration in words: "72 hours", "1 minute".
func parseDuration(s string) (time.Duration, error) {
	number, unit, _ := strings.Cut(s, " ")
	units := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	n, err := strconv.Atoi(number)
	length, known := units[strings.TrimSuffix(unit, "s")]
	if err != nil || !known || n < 0 || n > int(100*365*24*time.Hour/length) {
		return 0, fmt.Errorf("%q is not a duration: write it like 72 hours, 3 days or 1 minute, a hundred years at most", s)
	}
	return time.Duration(n) * length, nil
}
