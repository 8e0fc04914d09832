package config

import (
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"time"
)

// Duration is a time that the file writes as "30s", "5m" or "1h30m". It is never negative.
type Duration time.Duration

// durationForm is a chain of numbers with units, without a sign.
const durationForm = `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`

var durationPattern = regexp.MustCompile(durationForm)

var (
	errNoDuration = errors.New("is not a duration")
	errTooLong    = errors.New("is longer than 292 years")
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	if !durationPattern.Match(text) {
		return errNoDuration
	}
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return errTooLong
	}
	*d = Duration(v)
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String returns the duration without idle units: "5m", not "5m0s".
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// masked stands for a secret wherever one would be shown.
const masked = "****"

// Secret is a text that may hold a password. It prints as "****".
type Secret string

// String returns "****".
func (s Secret) String() string { return masked }

// GoString returns "****".
func (s Secret) GoString() string { return masked }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// String returns "****": what is in it may be secret.
func (a Auth) String() string { return masked }

// GoString returns "****".
func (a Auth) GoString() string { return masked }

// LogValue implements slog.LogValuer.
func (a Auth) LogValue() slog.Value { return slog.StringValue(masked) }
