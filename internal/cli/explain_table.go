package cli

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/adsops/cloudtop/internal/explain"
	"github.com/adsops/cloudtop/internal/output"
	"github.com/adsops/cloudtop/internal/view"
)

// explainedSheet lays the calls out for a person.
func explainedSheet(doc *explained) *output.Sheet {
	s := &output.Sheet{Columns: []view.Column{
		{Title: "PROVIDER", Weight: 6}, {Title: "SERVICE", Weight: 3}, {Title: "CALLS", Weight: 5, Right: true}, {Title: "SECONDS", Weight: 2, Right: true},
		{Title: "USD", Weight: 4, Right: true}, {Title: "FOR", Weight: 1, Free: true},
	}}
	for i := range doc.Providers {
		e := &doc.Providers[i]
		for _, l := range e.Lines {
			service := cmp.Or(l.Service, "("+string(l.Part)+")")
			s.Add(e.Provider, service, whole(l.Calls), decimal(l.Seconds, 1), money(l.USD, false), purpose(&l, doc.Resources))
		}
		if e.Error != "" {
			s.Add(e.Provider, "", "?", "?", "?", e.Error)
		}
		if len(e.Lines) == 0 {
			continue
		}
		accounts := ""
		if len(e.Accounts) > 0 {
			accounts = counted(len(e.Accounts), "account")
		}
		s.Add(e.Provider, "= all", whole(e.Calls), decimal(e.Seconds, 1), money(e.USD, false), accounts)
	}
	t := &doc.Total
	who := "all providers at the same time"
	if len(t.Without) > 0 {
		who = "without " + strings.Join(t.Without, ", ")
	}
	s.Add("TOTAL", "", whole(t.Calls), decimal(t.Seconds, 1), money(t.USD, t.Unknown), who)
	return s
}

// purpose says what the calls of a line are for, and what makes them many.
func purpose(l *explain.Line, rows int) string {
	text := l.For
	switch {
	case l.Page == 1:
		text += ", one by one"
	case l.Page > 1 && l.Page <= rows:
		text += fmt.Sprintf(", %d rows a call", l.Page)
	}
	if l.Times > 1 {
		text += fmt.Sprintf(", in %d places", l.Times)
	}
	return text
}

// footnotes says what the figures rest on.
func footnotes(doc *explained) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nLeast: there is nothing. Most: %d resources per provider (--explain=n for others). A call is reckoned to take %g s;\n"+
		"where a published limit holds calls back for longer, that counts. What a cache still holds is not asked for again.\n"+
		"Telling this took %s.\n", doc.Resources, doc.Latency, counted(doc.Spent, "call"))
	if doc.EachDay != nil {
		fmt.Fprintf(&b, "At the interval of --refresh a day costs at most %.2f USD, beyond what a month has free.\n", doc.EachDay.Most)
	}
	var idle []string
	for i := range doc.Providers {
		switch e := &doc.Providers[i]; {
		case len(e.Lines) > 0 && e.Note != "":
			fmt.Fprintf(&b, "%s: %s\n", e.Provider, e.Note)
		case len(e.Lines) == 0 && e.Error == "":
			idle = append(idle, e.Provider)
		}
	}
	if len(idle) > 0 {
		fmt.Fprintf(&b, "%s: nothing to ask for this\n", strings.Join(idle, ", "))
	}
	for _, skip := range doc.Skipped {
		fmt.Fprintf(&b, "%s: left out, %s\n", skip.Provider, skip.Reason)
	}
	return b.String()
}

func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func whole(r explain.Range) string {
	return between(r, func(v float64) string { return fmt.Sprintf("%.0f", v) })
}

func decimal(r explain.Range, digits int) string {
	unit := math.Pow10(digits)
	return between(r, func(v float64) string { return fmt.Sprintf("%.*f", digits, math.Ceil(v*unit)/unit) })
}

// money writes dollars; "?" is a price that is not known.
func money(r *explain.Range, more bool) string {
	switch {
	case r == nil:
		return "?"
	case more:
		return decimal(*r, 4) + " + ?"
	case r.Most == 0:
		return "free"
	}
	return decimal(*r, 4)
}

func between(r explain.Range, text func(float64) string) string {
	least, most := text(r.Least), text(r.Most)
	if least == most {
		return least
	}
	return least + "-" + most
}
