package view

import (
	"strconv"
	"strings"
	"time"
)

// quantity reads a number with its unit as people write it: 80%, 1.5GiB, 20MB/s, 3d4h, $2.50/h, 75C, 2026-01-31.
// The value is in the unit's base: bytes, seconds, the currency's main unit. A bare number has NoUnit.
func quantity(s string) (v float64, unit Unit, ok bool) {
	if at, is := parseMoment(s); is {
		return at, Moment, true
	}
	if rest, money := strings.CutPrefix(s, "$"); money {
		rest = strings.TrimSuffix(rest, "/h")
		v, err := strconv.ParseFloat(rest[:numeral(rest)], 64)
		return v, Money, err == nil && numeral(rest) == len(rest)
	}
	n := numeral(s)
	if n == 0 {
		return 0, NoUnit, false
	}
	v, err := strconv.ParseFloat(s[:n], 64)
	if err != nil {
		return 0, NoUnit, false
	}
	if n == len(s) {
		return v, NoUnit, true
	}
	if factor, u, is := scale(s[n:]); is {
		return v * factor, u, true
	}
	return duration(s)
}

// numeral returns how much of s is a decimal number.
func numeral(s string) int {
	i, digits := 0, 0
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
		i++
	}
	for ; i < len(s) && (s[i] == '.' || s[i] >= '0' && s[i] <= '9'); i++ {
		if s[i] != '.' {
			digits++
		}
	}
	if digits == 0 {
		return 0
	}
	return i
}

// scale returns what a suffix stands for, in the unit's base.
func scale(suffix string) (factor float64, unit Unit, ok bool) {
	switch suffix {
	case "%":
		return 1, Percent, true
	case "/h":
		return 1, Money, true
	case "/s":
		return 1, PerSecond, true
	case "C":
		return 1, Celsius, true
	case "W":
		return 1, Watts, true
	}
	unit = Bytes
	if rest, rate := strings.CutSuffix(suffix, "/s"); rate {
		suffix, unit = rest, BytesPerSecond
	}
	step := 1000.0
	if rest, binary := strings.CutSuffix(suffix, "iB"); binary {
		suffix, step = rest, 1024
	} else {
		suffix = strings.TrimSuffix(suffix, "B")
	}
	power := strings.Index(" KMGTPE", suffix)
	if len(suffix) > 1 || power < 0 || suffix == " " {
		return 0, NoUnit, false
	}
	factor = 1
	for range power {
		factor *= step
	}
	return factor, unit, true
}

// duration reads 3d4h, 90m, 1.5h, 250ms and the like, in seconds.
func duration(s string) (v float64, unit Unit, ok bool) {
	sign := 1.0
	if rest, negative := strings.CutPrefix(s, "-"); negative {
		s, sign = rest, -1
	}
	for s != "" {
		n := numeral(s)
		part, err := strconv.ParseFloat(s[:n], 64)
		if err != nil {
			return 0, NoUnit, false
		}
		s = s[n:]
		end := strings.IndexAny(s, "0123456789.")
		if end < 0 {
			end = len(s)
		}
		factor := inSeconds(s[:end])
		if factor == 0 {
			return 0, NoUnit, false
		}
		v += part * factor
		s = s[end:]
	}
	return sign * v, Seconds, true
}

// inSeconds returns how many seconds a unit of time has, 0 for what is none.
func inSeconds(unit string) float64 {
	switch unit {
	case "us":
		return 1e-6
	case "ms":
		return 1e-3
	case "s":
		return 1
	case "m":
		return 60
	case "h":
		return 3600
	case "d":
		return 86400
	case "w":
		return 7 * 86400
	case "y":
		return 365 * 86400
	default:
		return 0
	}
}

// parseMoment reads a date, or a date with its time.
func parseMoment(s string) (float64, bool) {
	if len(s) < len(time.DateOnly) || s[4] != '-' {
		return 0, false
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return seconds(t), true
		}
	}
	return 0, false
}

// in converts v from the unit it was written in to u, and reports whether that makes sense. A bare number is taken
// to be in u.
func (u Unit) in(v float64, from Unit) (float64, bool) {
	switch {
	case from == NoUnit || from == u:
		return v, true
	case from == Bytes && u == Gigabytes:
		return v / 1e9, true
	case from == Bytes && u == BytesPerSecond:
		return v, true
	default:
		return 0, false
	}
}
