package output

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// Footer writes how complete a snapshot is: one line of counts, then what went wrong, with what to do about it. It is
// for people, below a table. Lines are broken at the options' width.
func Footer(w io.Writer, s *hub.Snapshot, o Options) error {
	if o.Now.IsZero() {
		o.Now = s.At
	}
	f := &footer{Painter: o.painter(), width: o.Width}
	if s.Simulated {
		f.say("", view.Dim, "simulated: no cloud was asked, nothing of this exists")
	}
	f.say("", view.Plain, counts(s, &o))
	if line := balances(s); line != "" {
		f.say("", view.Plain, line)
	}
	if line := waited(s); line != "" {
		f.say("", view.Plain, line)
	}
	f.failures(Failures(s, o.Now))
	_, err := io.WriteString(w, f.b.String())
	return err
}

// footer is a footer being written.
type footer struct {
	*paint.Painter
	width int
	b     strings.Builder
}

// counts returns "2 providers, 231 units: 227 ok, 2 partial, 1 denied, 1 throttled - 1,204 calls - 0.9 s".
func counts(s *hub.Snapshot, o *Options) string {
	var states []string
	n := s.Count()
	for _, state := range hub.States() {
		if n[state] > 0 {
			states = append(states, paint.Thousands(n[state])+" "+string(state))
		}
	}
	line := paint.Plural(len(s.Providers), "provider") + ", " + paint.Plural(len(s.Units), "unit")
	if len(states) > 0 {
		line += ": " + strings.Join(states, ", ")
	}
	line += " - " + paint.Plural(s.Calls, "call") + " - " + strconv.FormatFloat(s.Took.Seconds(), 'f', 1, 64) + " s"
	line += cached(s, o.Now)
	if o.Timestamps {
		line += " - " + s.At.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	return line
}

// cached says how much comes from the cache, and how old the oldest of it is.
func cached(s *hub.Snapshot, now time.Time) string {
	n, oldest := 0, now
	for i := range s.Units {
		if u := &s.Units[i]; u.Cached {
			n++
			if u.At.Before(oldest) {
				oldest = u.At
			}
		}
	}
	if n == 0 {
		return ""
	}
	return " - " + paint.Thousands(n) + " from the cache, up to " + view.Seconds.Format(now.Sub(oldest).Seconds()) + " old"
}

// longWait is a wait for a limit that people notice.
const longWait = time.Second

// waited names the providers whose units waited for rate limits for a time that is noticed, and how long one of them did
// at most. The calls of a unit wait side by side: it cannot have waited for longer than it took.
func waited(s *hub.Snapshot) string {
	longest, parts := map[string]time.Duration{}, []string(nil)
	for i := range s.Units {
		u := &s.Units[i]
		if !u.Cached {
			longest[u.Provider] = max(longest[u.Provider], min(u.Waited, u.Took))
		}
	}
	for i := range s.Providers {
		if d := longest[s.Providers[i].Name]; d >= longWait {
			parts = append(parts, fmt.Sprintf("%s %.1f s", s.Providers[i].Name, d.Seconds()))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "waited for rate limits: " + strings.Join(parts, ", ") + " (see cloudtop limits)"
}

// balances names the prepaid money that is left.
func balances(s *hub.Snapshot) string {
	var parts []string
	for i := range s.Providers {
		p := &s.Providers[i]
		for _, c := range p.Costs {
			if c.Kind == cloud.CostBalance && c.Service == "" && c.ID == "" && finite(c.Amount) {
				parts = append(parts, p.Name+" "+money(c.Amount, c.Currency))
			}
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "balance: " + strings.Join(parts, ", ")
}

// money returns an amount with its cents.
func money(v float64, currency string) string {
	if currency == "USD" {
		return strings.Replace("$"+strconv.FormatFloat(v, 'f', 2, 64), "$-", "-$", 1)
	}
	return strings.TrimSpace(currency + " " + strconv.FormatFloat(v, 'f', 2, 64))
}

// say appends text, broken at the width; lines after the first are set in by two more than the length of first.
func (f *footer) say(first string, style view.Style, text string) {
	text = f.Harmless(first + text)
	indent := strings.Repeat(" ", min(len(first)+2, max(f.width/4, 0)))
	for begun := false; text != ""; begun = true {
		lead := ""
		if begun {
			lead = indent
		}
		var line string
		line, text = f.Break(text, f.room(lead))
		if on := f.Code(style); on != "" {
			line = on + line + paint.Reset
		}
		fmt.Fprintln(&f.b, lead+line)
	}
}

// room is how many columns are left after lead; 0 = no limit.
func (f *footer) room(lead string) int {
	if f.width <= 0 {
		return 0
	}
	return max(f.width-len(lead), 1)
}
