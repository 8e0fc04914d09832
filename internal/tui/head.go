package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// head draws what stands above the table.
func (f *frame) head() {
	if f.title {
		f.titleLine()
	}
	if f.counts {
		f.line(f.countParts(), nil)
	}
}

// titleLine says whose screen this is, when it was taken, and how the rounds go.
func (f *frame) titleLine() {
	left := []part{{" cloudtop ", paint.Bold + paint.Reverse}, {" ", ""}}
	if f.picture != nil {
		now := f.opts.Now()
		left = append(left, part{f.picture.snap.At.In(now.Location()).Format(time.TimeOnly), paint.Bold})
		if old := now.Sub(f.picture.snap.At); old >= time.Second {
			left = append(left, part{"  " + ago(old), paint.Faint})
		}
		if f.picture.snap.Simulated {
			left = append(left, part{"  simulated", f.painter.Code(view.Warn)})
		}
	}
	f.line(left, f.roundParts())
}

// roundParts tells of the round under way, or when the next begins.
func (f *frame) roundParts() []part {
	r := &f.model.round
	every := "every " + short(r.Every) + " "
	switch {
	case r.Running:
		took := short(f.clock.Sub(r.Started))
		failed := ""
		if r.Failed > 0 {
			failed = fmt.Sprintf(", %d failed", r.Failed)
		}
		units := fmt.Sprintf(" %d/%d units%s, %s ", r.Done, r.Planned, failed, took)
		return []part{{f.bar(r.Done, r.Planned, 10), f.painter.Code(view.Running)}, {units, ""}}
	case r.Paused:
		return []part{{" PAUSED ", paint.Reverse}, {" p goes on ", ""}}
	case r.Next.IsZero():
		return []part{{every, ""}}
	default:
		return []part{{every, ""}, {"- next in " + short(max(r.Next.Sub(f.clock), 0)) + " ", paint.Faint}}
	}
}

// short returns a duration in whole seconds; the first one counts up to its end.
func short(d time.Duration) string { return view.Seconds.Format(d.Round(time.Second).Seconds()) }

// bar draws how much of a whole is done.
func (f *frame) bar(done, whole, width int) string {
	full, rest := "#", "-"
	if f.opts.Unicode {
		full, rest = "█", "░"
	}
	n := 0
	if whole > 0 {
		n = min(done*width/whole, width)
	}
	return strings.Repeat(full, n) + strings.Repeat(rest, width-n)
}

// countParts counts the rows by status and the units by state.
func (f *frame) countParts() []part {
	p := f.picture
	if p == nil {
		return nil
	}
	rows := paint.Plural(len(p.all.rows), strings.TrimSuffix(f.opts.Query.Kind.String(), "s"))
	if p.settings.search != "" {
		rows = paint.Thousands(p.matched) + " of " + rows
	}
	parts := []part{{" " + rows, paint.Bold}}
	for _, t := range p.statuses {
		text := "  " + f.painter.Glyph(t.style) + " " + paint.Thousands(t.n) + " " + string(t.status)
		parts = append(parts, part{text, f.painter.Code(t.style)})
	}
	var states []string
	for _, s := range hub.States() {
		if n := p.states[s]; n > 0 {
			states = append(states, paint.Thousands(n)+" "+string(s))
		}
	}
	return append(parts, part{"   " + paint.Plural(len(p.snap.Units), "unit") + ": " + strings.Join(states, ", "), paint.Faint})
}
