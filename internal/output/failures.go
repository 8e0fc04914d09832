package output

import (
	"fmt"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// most is how many different failures a footer tells.
const most = 20

// troubled is what units that failed for the same reason have in common.
type troubled struct {
	provider string
	state    hub.State
	kind     cloud.Kind
	reason   string
	hint     string
}

// Failure is what is told of units that failed for the same reason.
type Failure struct {
	Style view.Style
	Text  string // how many units, where, why, since when
	Hint  string // what to do about it; may be empty
}

// Failures returns each different failure of a snapshot once, worst first. Ages are counted to now.
func Failures(s *hub.Snapshot, now time.Time) []Failure {
	units, order := map[troubled][]hub.Unit{}, []troubled(nil)
	for _, u := range s.Failures() {
		t := troubled{u.Provider, u.State, u.Kind, u.Reason, u.Hint}
		if units[t] == nil {
			order = append(order, t)
		}
		if !severalAccounts(s.Units, u.Provider) {
			u.Account = ""
		}
		units[t] = append(units[t], u)
	}
	out := make([]Failure, len(order))
	for i, t := range order {
		out[i] = t.failure(units[t], now)
	}
	return out
}

// failures appends the failures, each with what to do about it.
func (f *footer) failures(all []Failure) {
	for i, t := range all {
		if i == most {
			f.say("  ", view.Dim, fmt.Sprintf("and %d more: --json lists them all in its ledger", len(all)-most))
			return
		}
		f.say("  ", t.Style, t.Text)
		if t.Hint != "" {
			f.say("    ", view.Plain, "hint: "+t.Hint)
		}
	}
}

// severalAccounts reports whether the ledger has more than one account of a provider: only then does it matter which.
func severalAccounts(units []hub.Unit, provider string) bool {
	first := ""
	for i := range units {
		if units[i].Provider != provider || units[i].Account == "" {
			continue
		}
		if first != "" && units[i].Account != first {
			return true
		}
		first = units[i].Account
	}
	return false
}

func (t *troubled) failure(units []hub.Unit, now time.Time) Failure {
	style := view.Warn
	if t.state == hub.Failed || t.state == hub.Denied {
		style = view.Alarm
	}
	line := t.provider + ": "
	if len(units) > 1 {
		line += paint.Plural(len(units), "unit") + " "
	}
	line += string(t.state) + where(units)
	if t.reason != "" {
		line += ": " + t.reason
	}
	return Failure{Style: style, Text: line + age(units, now) + again(units), Hint: t.hint}
}

// age says how old the rows are that stale units still show.
func age(units []hub.Unit, now time.Time) string {
	if units[0].State != hub.Stale || units[0].At.IsZero() {
		return ""
	}
	oldest := units[0].At
	for _, u := range units {
		if u.At.Before(oldest) {
			oldest = u.At
		}
	}
	return "; shown as it was " + view.Seconds.Format(now.Sub(oldest).Seconds()) + " ago"
}

// again says when to try again, where the provider does.
func again(units []hub.Unit) string {
	var wait time.Duration
	for _, u := range units {
		wait = max(wait, u.RetryIn)
	}
	if wait == 0 {
		return ""
	}
	return "; try again in " + view.Seconds.Format(wait.Seconds())
}

// where says what the units have in common: " in compartment dev, 5 regions, service compute".
func where(units []hub.Unit) string {
	var parts []string
	for _, part := range []struct {
		name string
		of   func(hub.Key) string
	}{
		{"account", func(k hub.Key) string { return k.Account }},
		{"region", func(k hub.Key) string { return k.Region }},
		{"compartment", func(k hub.Key) string { return k.Compartment }},
		{"service", func(k hub.Key) string { return k.Service }},
	} {
		if s := some(units, part.name, part.of); s != "" {
			parts = append(parts, s)
		}
	}
	what := asked(units)
	if len(parts) == 0 {
		return what
	}
	return what + " in " + strings.Join(parts, ", ")
}

// asked names what was asked for, where that is one thing and not the listing.
func asked(units []hub.Unit) string {
	first := units[0].Capability
	for _, u := range units {
		if u.Capability != first {
			return ""
		}
	}
	if first == "" || first == hub.Resources {
		return ""
	}
	return " (" + string(first) + ")"
}

// some names up to three values of a part of the keys, and counts more.
func some(units []hub.Unit, name string, of func(hub.Key) string) string {
	var values []string
	seen := map[string]bool{"": true}
	for _, u := range units {
		if v := of(u.Key); !seen[v] {
			seen[v] = true
			values = append(values, v)
		}
	}
	switch {
	case len(values) == 0:
		return ""
	case len(values) == 1:
		return name + " " + values[0]
	case len(values) <= 3:
		return name + "s " + strings.Join(values, " ")
	default:
		return paint.Plural(len(values), name)
	}
}
