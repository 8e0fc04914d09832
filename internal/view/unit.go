package view

import (
	"math"
	"strconv"
	"strings"
)

// Unit is what a number counts.
type Unit uint8

// The units. Money is per hour, in a currency that the cell's text names.
const (
	NoUnit Unit = iota
	Percent
	Bytes
	BytesPerSecond
	Gigabytes
	Seconds
	PerSecond
	Celsius
	Watts
	Money
	Moment // a point in time
)

// suffixes are the ends of names that tell a unit, longest first: the rule of cloud's metric and attribute names.
func suffixes() []struct {
	end  string
	unit Unit
} {
	return []struct {
		end  string
		unit Unit
	}{
		{"_bytes_per_second", BytesPerSecond}, {"_per_second", PerSecond}, {"_percent", Percent}, {"_bytes", Bytes},
		{"_gb", Gigabytes}, {"_seconds", Seconds}, {"_celsius", Celsius}, {"_watts", Watts}, {"_count", NoUnit},
	}
}

// UnitOf returns the unit that a metric's or attribute's name ends in, and whether it ends in one.
func UnitOf(name string) (Unit, bool) {
	for _, s := range suffixes() {
		if strings.HasSuffix(name, s.end) {
			return s.unit, true
		}
	}
	return NoUnit, false
}

// String returns what a filter's error calls the unit.
func (u Unit) String() string {
	switch u {
	case Percent:
		return "a percentage, like 80"
	case Bytes, BytesPerSecond:
		return "a size, like 1.5GiB"
	case Gigabytes:
		return "gigabytes, like 24"
	case Seconds:
		return "a duration, like 3d or 90m"
	case Money:
		return "a price per hour, like 2.50"
	case Moment:
		return "a date, like 2026-01-31"
	default:
		return "a number"
	}
}

// Format returns v for people: three digits or so, with the unit. Money is in US dollars.
func (u Unit) Format(v float64) string {
	switch u {
	case Percent:
		return short(v) + "%"
	case Bytes:
		return size(v)
	case BytesPerSecond:
		return size(v) + "/s"
	case Gigabytes:
		return short(v) + " GB"
	case Seconds:
		return span(v)
	case PerSecond:
		return short(v) + "/s"
	case Celsius:
		return short(v) + " C"
	case Watts:
		return short(v) + " W"
	case Money:
		return dollars(v) + "/h"
	default:
		return count(v)
	}
}

// short returns v with one decimal below 10, and none from there on.
func short(v float64) string {
	switch abs := math.Abs(v); {
	case abs < 9.95:
		return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
	case abs < 1e15:
		return strconv.FormatFloat(v, 'f', 0, 64)
	default:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
}

// count returns v as it is, with two decimals at most.
func count(v float64) string {
	if math.Abs(v) >= 1e15 {
		return short(v)
	}
	if v == math.Trunc(v) {
		return strconv.FormatInt(int64(v), 10)
	}
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(v, 'f', 2, 64), "0"), ".")
}

// size returns bytes in the largest unit that leaves at least 1 before the point.
func size(v float64) string {
	const prefixes = "KMGTPE"
	if math.Abs(v) < 1023.5 {
		return strconv.FormatFloat(v, 'f', 0, 64) + " B"
	}
	i := -1
	for math.Abs(v) >= 1023.5 && i < len(prefixes)-1 {
		v /= 1024
		i++
	}
	return short(v) + " " + prefixes[i:i+1] + "iB"
}

// span returns seconds as the two largest of days, hours, minutes and seconds; 1.25 ms and the like below one second.
func span(v float64) string {
	if math.Abs(v) < 0.9995 {
		return brief(v)
	}
	s := int64(min(max(math.Abs(v), 1), 1e15))
	sign := ""
	if v < 0 {
		sign = "-"
	}
	two := func(big int64, unit string, rest int64, part string) string {
		out := sign + strconv.FormatInt(big, 10) + unit
		if rest > 0 {
			out += strconv.FormatInt(rest, 10) + part
		}
		return out
	}
	switch {
	case s >= 100*86400:
		return two(s/86400, "d", 0, "")
	case s >= 86400:
		return two(s/86400, "d", s%86400/3600, "h")
	case s >= 3600:
		return two(s/3600, "h", s%3600/60, "m")
	case s >= 60:
		return two(s/60, "m", s%60, "s")
	default:
		return two(s, "s", 0, "")
	}
}

// brief returns a part of a second.
func brief(v float64) string {
	switch {
	case v == 0:
		return "0s"
	case math.Abs(v) < 0.9995e-3:
		return short(v*1e6) + "us"
	default:
		return short(v*1e3) + "ms"
	}
}

// dollars returns an amount with the dollar sign.
func dollars(v float64) string { return Amount(v, "USD") }

// Amount returns money with its sign or code, and with as many decimals as a price per hour needs.
func Amount(v float64, currency string) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	switch currency {
	case "USD":
		return sign + "$" + decimals(v)
	case "":
		return sign + decimals(v)
	default:
		return sign + currency + " " + decimals(v)
	}
}

// decimals returns an amount: cents from 1 on, below it three digits and at least the cents.
func decimals(v float64) string {
	switch {
	case v >= 1e15:
		return short(v)
	case v >= 0.9995 || v == 0:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 1e-9:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	digits := 2 - int(math.Floor(math.Log10(v)))
	s := strconv.FormatFloat(v, 'f', digits, 64)
	for len(s) > len("0.00") && s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	return s
}
