package view

import (
	"math"
	"strings"
	"testing"
)

func TestUnitsReadAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		unit Unit
		v    float64
		want string
	}{
		{Percent, 0, "0%"}, {Percent, 3.44, "3.4%"}, {Percent, 9.96, "10%"}, {Percent, 99.4, "99%"},
		{Bytes, 0, "0 B"}, {Bytes, 1023, "1023 B"}, {Bytes, 1023.6, "1 KiB"}, {Bytes, 1536, "1.5 KiB"},
		{Bytes, 1 << 30, "1 GiB"}, {Bytes, 1023.9 * (1 << 20), "1 GiB"}, {Bytes, math.MaxFloat64, "1.56e+290 EiB"},
		{BytesPerSecond, 123 << 20, "123 MiB/s"}, {Gigabytes, 79.6, "80 GB"}, {PerSecond, 12.5, "12/s"},
		{Seconds, 0, "0s"}, {Seconds, 0.00025, "250us"}, {Seconds, 0.0125, "12ms"}, {Seconds, 59.9, "59s"},
		{Seconds, 60, "1m"}, {Seconds, 4000, "1h6m"}, {Seconds, 76 * 3600, "3d4h"}, {Seconds, 400 * 86400, "400d"},
		{Seconds, 1e300, "11574074074d"}, {Celsius, 71.2, "71 C"}, {Watts, 300, "300 W"},
		{Money, 0, "$0.00/h"}, {Money, 1.234, "$1.23/h"}, {Money, 0.215, "$0.215/h"}, {Money, 0.03, "$0.03/h"},
		{Money, 0.0031, "$0.0031/h"}, {Money, 0.00000123, "$0.00000123/h"}, {Money, 0.0255, "$0.0255/h"}, {Money, 0.7, "$0.70/h"}, {Money, -2.5, "-$2.50/h"},
		{Money, 0.9999, "$1.00/h"}, {Money, 5e-324, "$4.94e-324/h"},
		{NoUnit, 8, "8"}, {NoUnit, 0.25, "0.25"}, {NoUnit, 1e18, "1e+18"}, {NoUnit, -1.5, "-1.5"},
	} {
		if got := c.unit.Format(c.v); got != c.want {
			t.Errorf("Unit(%d).Format(%v) = %q, want %q", c.unit, c.v, got, c.want)
		}
	}
}

func TestAmountNamesItsCurrency(t *testing.T) {
	t.Parallel()
	for currency, want := range map[string]string{"USD": "$1.50", "EUR": "EUR 1.50", "": "1.50"} {
		if got := Amount(1.5, currency); got != want {
			t.Errorf("Amount(1.5, %q) = %q, want %q", currency, got, want)
		}
	}
}

func TestQuantitiesAreReadWithTheirUnits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s    string
		v    float64
		unit Unit
		ok   bool
	}{
		{"80", 80, NoUnit, true}, {"-1.5", -1.5, NoUnit, true}, {"80%", 80, Percent, true},
		{"1.5GiB", 1.5 * (1 << 30), Bytes, true}, {"20MB/s", 20e6, BytesPerSecond, true}, {"5K", 5000, Bytes, true},
		{"7B", 7, Bytes, true}, {"3d4h", 273600, Seconds, true}, {"90m", 5400, Seconds, true}, {"1.5h", 5400, Seconds, true},
		{"250ms", 0.25, Seconds, true}, {"-2h", -7200, Seconds, true}, {"$2.50", 2.5, Money, true}, {"$2.50/h", 2.5, Money, true},
		{"2.5/h", 2.5, Money, true}, {"75C", 75, Celsius, true}, {"300W", 300, Watts, true}, {"9/s", 9, PerSecond, true},
		{"2026-01-31", 1769817600, Moment, true}, {"2026-01-31T01:00:00+01:00", 1769817600, Moment, true},
		{"1769-13-99", 0, NoUnit, false}, {"", 0, NoUnit, false}, {"x", 0, NoUnit, false}, {"$", 0, Money, false},
		{"$$2", 0, Money, false}, {"5XB", 0, NoUnit, false}, {"3d4", 0, NoUnit, false}, {"1.2.3", 0, NoUnit, false},
		{"5 ", 0, NoUnit, false}, {"5iB", 5, Bytes, true}, {strings.Repeat("9", 400), 0, NoUnit, false},
	} {
		v, unit, ok := quantity(c.s)
		if ok != c.ok || ok && (math.Abs(v-c.v) > 1e-9*math.Abs(c.v) || unit != c.unit) {
			t.Errorf("quantity(%q) = %v, %v, %v; want %v, %v, %v", c.s, v, unit, ok, c.v, c.unit, c.ok)
		}
	}
}

func FuzzQuantityIsANumberOrNot(f *testing.F) {
	for _, s := range []string{"3d4h", "1.5GiB/s", "$2/h", "2026-01-31T00:00", "+.5%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, _, ok := quantity(s); ok && math.IsNaN(v) {
			t.Errorf("quantity(%q) is not a number", s)
		}
	})
}

func TestRoundingNeverLeavesAUnitFull(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		unit Unit
		v    float64
		want string
	}{
		{Seconds, 0.9994, "999ms"}, {Seconds, 0.9996, "1s"}, {Seconds, 0.0009994, "999us"}, {Seconds, 0.0009996, "1ms"}, {Seconds, -0.9999, "-1s"},
		{Seconds, 59.999, "59s"}, {Seconds, 3599, "59m59s"}, {Seconds, 86399, "23h59m"}, {Seconds, 86400, "1d"}, {Seconds, 100 * 86400, "100d"},
		{Seconds, 100*86400 - 1, "99d23h"}, {Seconds, -90, "-1m30s"}, {Seconds, 5e-324, "0us"},
		{Bytes, 1023.4, "1023 B"}, {Bytes, 1023.4 * 1024, "1023 KiB"}, {Bytes, 1023.5 * 1024, "1 MiB"}, {Bytes, 9.95 * 1024, "10 KiB"},
		{Bytes, 9.94 * 1024, "9.9 KiB"}, {Bytes, -2048, "-2 KiB"}, {Bytes, 1 << 60, "1 EiB"}, {BytesPerSecond, 0, "0 B/s"},
		{Percent, 9.94, "9.9%"}, {Percent, 9.95, "10%"}, {Percent, 0.04, "0%"}, {Percent, 0.05, "0.1%"}, {Percent, 1e15, "1e+15%"}, {Percent, -12.6, "-13%"},
		{Money, 0.99949, "$0.999/h"}, {Money, 0.99951, "$1.00/h"}, {Money, 0.009996, "$0.01/h"}, {Money, 1e15, "$1e+15/h"}, {Money, 999999.999, "$1000000.00/h"},
		{NoUnit, 1.005, "1"}, {NoUnit, 1.999, "2"}, {NoUnit, 999999999999999, "999999999999999"}, {NoUnit, 100, "100"}, {NoUnit, 0.1, "0.1"},
	} {
		if got := c.unit.Format(c.v); got != c.want {
			t.Errorf("Unit(%d).Format(%v) = %q, want %q", c.unit, c.v, got, c.want)
		}
	}
}

func TestQuantitiesAreConvertedWhereThatMakesSense(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v        float64
		from, to Unit
		want     float64
		ok       bool
	}{
		{5, NoUnit, Percent, 5, true}, {5, Percent, Percent, 5, true}, {5, Percent, NoUnit, 0, false}, {24e9, Bytes, Gigabytes, 24, true},
		{1 << 20, Bytes, BytesPerSecond, 1 << 20, true}, {1, BytesPerSecond, Bytes, 0, false}, {1, Gigabytes, Bytes, 0, false}, {1, Seconds, Moment, 0, false},
		{1, Money, Money, 1, true}, {1, Celsius, Watts, 0, false}, {1, PerSecond, BytesPerSecond, 0, false},
	} {
		if got, ok := c.to.in(c.v, c.from); got != c.want || ok != c.ok {
			t.Errorf("%v of unit %d in unit %d = %v, %v; want %v, %v", c.v, c.from, c.to, got, ok, c.want, c.ok)
		}
	}
}

func TestNamesTellTheirUnits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		unit Unit
		ok   bool
	}{
		{"disk_read_bytes_per_second", BytesPerSecond, true}, {"requests_per_second", PerSecond, true}, {"x_percent", Percent, true}, {"x_bytes", Bytes, true},
		{"memory_gb", Gigabytes, true}, {"uptime_seconds", Seconds, true}, {"x_celsius", Celsius, true}, {"x_watts", Watts, true}, {"x_count", NoUnit, true},
		{"count", NoUnit, false}, {"percent", NoUnit, false}, {"x_GB", NoUnit, false}, {"", NoUnit, false}, {"shape", NoUnit, false}, {"seconds_left", NoUnit, false},
	} {
		if unit, ok := UnitOf(c.name); unit != c.unit || ok != c.ok {
			t.Errorf("UnitOf(%q) = %d, %v; want %d, %v", c.name, unit, ok, c.unit, c.ok)
		}
	}
}
