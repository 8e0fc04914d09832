package output

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/view"
)

// Footer writes how complete a snapshot is: one line of counts, then what went wrong, with what to do about it. It is
// for people, below a table. Lines are broken at the options' width.
func Footer(w io.Writer, s *hub.Snapshot, o Options) error {
	if o.Now.IsZero() {
		o.Now = s.At
	}
	f := &footer{painter: newPainter(&o), width: o.Width}
	if s.Simulated {
		f.say("", view.Dim, "simulated: no cloud was asked, nothing of this exists")
	}
	f.say("", view.Plain, counts(s, &o))
	if line := balances(s); line != "" {
		f.say("", view.Plain, line)
	}
	f.failures(s, o.Now)
	_, err := io.WriteString(w, f.b.String())
	return err
}

// footer is a footer being written.
type footer struct {
	*painter
	width int
	b     strings.Builder
}

// counts returns "2 providers, 231 units: 227 ok, 2 partial, 1 denied, 1 throttled - 1,204 calls - 0.9 s".
func counts(s *hub.Snapshot, o *Options) string {
	var states []string
	n := s.Count()
	for _, state := range hub.States() {
		if n[state] > 0 {
			states = append(states, thousands(n[state])+" "+string(state))
		}
	}
	line := plural(len(s.Providers), "provider") + ", " + plural(len(s.Units), "unit")
	if len(states) > 0 {
		line += ": " + strings.Join(states, ", ")
	}
	line += " - " + plural(s.Calls, "call") + " - " + strconv.FormatFloat(s.Took.Seconds(), 'f', 1, 64) + " s"
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
	return " - " + thousands(n) + " from the cache, up to " + view.Seconds.Format(now.Sub(oldest).Seconds()) + " old"
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
	text = f.harmless(first + text)
	indent := strings.Repeat(" ", min(len(first)+2, max(f.width/4, 0)))
	for begun := false; text != ""; begun = true {
		lead := ""
		if begun {
			lead = indent
		}
		var line string
		line, text = f.broken(text, f.width-len(lead))
		if on := f.code(style); on != "" {
			line = on + line + reset
		}
		fmt.Fprintln(&f.b, lead+line)
	}
}

// broken cuts text at the last blank within width columns, in a word where there is none.
func (f *footer) broken(text string, width int) (line, rest string) {
	if f.width <= 0 || f.painter.width(text) <= width {
		return text, ""
	}
	cut := f.widths.Truncate(text, max(width, 1), "")
	if cut == "" { // not even one letter fits
		_, n := utf8.DecodeRuneInString(text)
		return "?", text[n:]
	}
	set := len(cut) - len(strings.TrimLeft(cut, " "))
	if at := strings.LastIndexByte(cut, ' '); at >= set && at > 0 && len(cut) < len(text) && text[len(cut)] != ' ' {
		cut = cut[:at]
	}
	return strings.TrimRight(cut, " "), strings.TrimLeft(text[len(cut):], " ")
}

// plural returns "1 call", "1,204 calls".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return thousands(n) + " " + what + "s"
}

// thousands returns n with its thousands apart.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
